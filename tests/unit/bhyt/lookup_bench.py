"""A lookup desk over a portal that answers what a test tells it to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from bridge.bhyt.loader import load_lookups
from bridge.bhyt.portal import TOKEN_PATH, Portal
from bridge.bhyt.service import LookupService
from bridge.config import BhytSettings
from bridge.records.call_log import CallLog
from bridge.records.journal import Journal
from bridge.upstream.httpx_transport import HttpxTransport

FAMILY = load_lookups()
assert FAMILY is not None
LOOKUPS = FAMILY.lookups
MD5 = "5f4dcc3b5aa765d61d8327deb882cf99"
CARD = {"mathe": "DN4010000000000", "hoten": "Trần Thử Nghiệm", "ngaysinh": "5/3/1994"}
OFFICER = {"hoTenCb": "Cán Bộ Một", "cccdCb": "000000000001"}
SETTINGS = {"username": "00001_TN", "password_md5": MD5, "officers": {"00001_TN": OFFICER}}
VISITS = "/api/egw/Lskcb2025"
HERE = "127.0.0.1"
FOUND = {"maKetQua": "000", "ghiChu": "Thẻ còn giá trị!", "maThe": "DN4010000000000"}


class FakePortal:
    """Gives tokens, ``replies`` one after the other to lookups (the last again and again), and
    ``visit_replies`` likewise to Lskcb2025.
    """

    def __init__(self) -> None:
        self.replies: list[Any] = [FOUND]
        self.visit_replies: list[Any] = [{"maKetQua": "000", "ghiChu": None, "dsLichSuKCB2025": None}]
        self.visits: list[httpx.Request] = []
        self.token_reply: dict[str, Any] | None = None
        self.lookups: list[httpx.Request] = []
        self.taken: list[dict[str, str]] = []
        self.delay = 0.0

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """httpx's mock handler."""
        await asyncio.sleep(self.delay)
        if request.url.path == TOKEN_PATH:
            self.taken.append(json.loads(request.content))
            number = len(self.taken)
            key = {"access_token": f"a{number}", "id_token": f"i{number}"}
            return httpx.Response(200, json=self.token_reply or {"maKetQua": "200", "APIKey": key})
        asked_visits = request.url.path == VISITS
        (self.visits if asked_visits else self.lookups).append(request)
        replies = self.visit_replies if asked_visits else self.replies
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if callable(reply):
            reply = await reply()
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, httpx.Response) else httpx.Response(200, json=reply)

    def queries(self) -> list[dict[str, str]]:
        """The queries of the lookups so far."""
        return [dict(request.url.params) for request in self.lookups]

    def bodies(self) -> list[dict[str, str]]:
        """Their bodies."""
        return [json.loads(request.content) for request in self.lookups]


@asynccontextmanager
async def pin_policy(
    deadline: float = 10.0, **changes: Any
) -> AsyncIterator[tuple[LookupService, FakePortal]]:
    """A desk with SETTINGS, changed by ``changes``."""
    assert FAMILY is not None
    settings = BhytSettings.model_validate({**SETTINGS, **changes})
    fake = FakePortal()
    portal = Portal(settings, HttpxTransport("portal", settings, httpx.MockTransport(fake.answer)))
    journal = Journal(None)
    try:
        yield LookupService(FAMILY, settings, portal, CallLog(journal), deadline), fake
    finally:
        await portal.aclose()
        journal.close()
