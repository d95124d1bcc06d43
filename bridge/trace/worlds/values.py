"""Values of a trace as a scenario writes them: texts, days, moments, numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from bridge.codec.code_page import WINDOWS
from bridge.codec.dates import ROC_OFFSET, roc_date, roc_datetime
from bridge.codec.numbers import plain_number, plain_quantity
from bridge.codec.text import PLACEHOLDER
from bridge.errors import BridgeError
from bridge.trace.worlds.rules import WorldRules

TAIPEI = timezone(timedelta(hours=8), "Asia/Taipei")
_EAST, _DAY = 8 * 3600, 24 * 3600  # seconds


MOST_KEPT = 50_000  # values: those of one program's day are few, and come again and again


class Values:
    """Fields' bytes as a scenario has them. One that came before is not looked at again."""

    def __init__(self, rules: WorldRules) -> None:
        self._rules = rules
        self._kept: dict[tuple[str, str, str, bytes], tuple[str | None, str]] = {}

    def value_of(self, subject: str, key: str, kind: str, data: bytes) -> tuple[str | None, str]:
        """The value of a field of that type, and "". Where it makes no sense: None, and why.

        ``subject``, ``key``: what it is of; ``data``: in code page 950.
        """
        place = (subject, key, kind, data)
        found = self._kept.get(place)
        if found is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            found = self._kept[place] = self._made(*place)
        return found

    def _made(self, subject: str, key: str, kind: str, data: bytes) -> tuple[str | None, str]:
        text = decoded(data).strip()
        if kind in ("date", "datetime") and not text.strip("0"):
            text = ""  # some write zeros for no date
        try:
            text = _PLAIN[kind](text) if kind in _PLAIN else text
        except (ValueError, BridgeError):
            return None, f"no {kind}"
        if not self._rules.fits(subject, key, text):
            return None, f"not of the form of {key}"
        return text, ""


_PLAIN: dict[str, Callable[[str], str]] = {
    "date": roc_date,
    "datetime": roc_datetime,
    "number": plain_number,
    "quantity": plain_quantity,
}


def decoded(data: bytes) -> str:
    """Text of code page 950; what is none, and control characters, become the bridge's own placeholder."""
    text = WINDOWS.decode(data.split(b"\0")[0], errors="replace").replace("\ufffd", PLACEHOLDER)
    if text.isprintable():
        return text
    return "".join(PLACEHOLDER if unicodedata.category(each) in ("Cc", "Cs") else each for each in text)


def moment(text: str) -> str:
    """A moment in 13 ROC digits, "" where it is none."""
    try:
        return roc_datetime(text)
    except ValueError:
        return ""


class Days:
    """The day of a moment in Taiwan; calls of one day follow one another."""

    def __init__(self) -> None:
        self._number, self._text = -1, ""

    def of(self, at: float) -> str:
        """7 ROC digits. In: seconds since 1970."""
        number = int((at + _EAST) // _DAY)
        if number != self._number:
            local = datetime.fromtimestamp(at, TAIPEI)
            self._number, self._text = number, f"{local.year - ROC_OFFSET:03d}{local:%m%d}"
        return self._text


def is_day(text: str) -> bool:
    """Whether a text is a day in 7 ROC digits."""
    try:
        return len(text) == 7 and roc_date(text) == text
    except ValueError:
        return False
