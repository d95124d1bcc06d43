"""The simulated Lskcb2025: the visits of a card holder, since 2025 in an answer of their own.

It takes a form only, and a birth date with slashes (a bare year and MM/yyyy as well): JSON and eight digits
are refused, as three programs tell. What it answers about a card that is not good any more nobody tells; here
the visits are told all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bridge.sim.portal.books import PortalAccount, PortalBooks, PortalCard
from bridge.sim.portal.lookup import MEANINGS, TELLING, judge

BIRTH_DATE = re.compile(r"(\d{2}/)?(\d{2}/)?\d{4}", re.ASCII)


def visits(books: PortalBooks, account: PortalAccount, body: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a holder of a valid token: null for no visits, [] for a card whose books say so, or a list."""
    code, card = judge(books, account, body, BIRTH_DATE)
    if card is None or code not in TELLING:
        return refused(code)
    return {"maKetQua": "000", "ghiChu": None, "dsLichSuKCB2025": _listed(books.now(), card)}


def refused(code: str) -> dict[str, Any]:
    """A reply without visits."""
    return {"maKetQua": code, "ghiChu": MEANINGS[code], "dsLichSuKCB2025": None}


def _listed(now: datetime, card: PortalCard) -> list[dict[str, str]] | None:
    return [_visit(now, card, index) for index in range(card.visits)] or ([] if card.empty_list else None)


def _visit(now: datetime, card: PortalCard, index: int) -> dict[str, str]:
    came = now - timedelta(days=40 + 120 * index)
    return {
        "maHoSo": f"0000{card.insurance_number[-5:]}{index}",
        "maCSKCB": ("01094", "01816")[index % 2],
        "ngayVao": _minute(came),
        "ngayRa": _minute(came + timedelta(hours=9)),
        "tenBenh": "J00 - Viêm mũi họng cấp (thử nghiệm)",
        "tinhTrang": "1",
        "kqDieuTri": "2",
        "lyDoVV": "3",
    }


def _minute(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M}"
