"""The portal of Viet Nam's social insurance (Cổng tiếp nhận dữ liệu, egw.baohiemxahoi.gov.vn): JSON in, JSON
with a result code (maKetQua) out, for holders of a token.

Token and reply as in seed 004 and as real clients read them.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Literal
from urllib.parse import urlencode

from bridge.bhyt.tokens import Account, MemoryTokens, Token, TokenStore
from bridge.config import UpstreamSettings
from bridge.errors import BadReply, HttpFault, StatusError
from bridge.upstream.client import HttpUpstream, Json, OnTiming
from bridge.upstream.transport import Transport

__all__ = ["Account", "Portal", "Token"]

log = logging.getLogger(__name__)

TOKEN_PATH = "/api/token/take"  # noqa: S105 - a path
RESULT = "maKetQua"
HTTP_UNAUTHORIZED = 401
TAKEN = "200"  # the result of a token that was given
REFUSED = "401"  # account or token refused
MOST_RENEWALS = 2  # one kept here or in the store may be as old as the one that was refused; then a new one
MARGIN = timedelta(seconds=30)  # a token about to expire is not used any more
Content = Literal["json", "form"]
VIET_NAM = timezone(timedelta(hours=7))  # for times without a zone; no summer time


def _now() -> datetime:
    return datetime.now(VIET_NAM)


class Portal(HttpUpstream):
    """The portal over HTTPS, with the tokens it gave: one an account, until it expires or is refused.
    ``tokens``: where they are kept; without it in memory.
    """

    def __init__(
        self,
        settings: UpstreamSettings,
        transport: Transport | None = None,
        now: Callable[[], datetime] = _now,
        on_timing: OnTiming | None = None,
        tokens: TokenStore | None = None,
    ) -> None:
        super().__init__("portal", settings, transport, on_timing)
        self._now = now
        self._tokens = tokens or MemoryTokens()

    async def ask(
        self, path: str, query: Mapping[str, str], body: Mapping[str, str], content: Content = "json"
    ) -> Json:
        """Send a lookup. Out: the portal's reply, whose result code is a text of digits; HTTP 401 counts as
        the result 401. Raises UpstreamError.
        """
        target = f"{path}?{urlencode(query)}" if query else path
        try:
            if content == "form":
                return await self.send_form(target, body)
            return await self.request("POST", target, body)
        except HttpFault as fault:
            if fault.http_status != HTTP_UNAUTHORIZED:
                raise
            return {RESULT: REFUSED}

    async def take(self, account: Account) -> Json:
        """Take a new token, and keep it if the portal gives one. Out: its reply. Raises UpstreamError."""
        return (await self._take(account))[0]

    async def token(self, account: Account, refused: Token | None = None, seconds: float = 0.0) -> Token:
        """The account's token: the one at hand, unless it expires within ``seconds`` or is the one
        ``refused``, else a new one. Calls at the same time take one together. With ``seconds`` it is the
        latest that any process knows of: a long file is not sent again. Raises StatusError (source
        ``portal``) when the portal gives none, UpstreamError.
        """

        def good(token: Token) -> bool:
            return token != refused and not self._expired(token, seconds)

        latest = seconds > 0
        kept = await self._tokens.get(account, good, latest)
        if kept is not None:
            return kept
        async with self._tokens.taking(account):
            kept = await self._tokens.get(account, good, latest)
            if kept is not None:
                return kept
            reply, taken = await self._take(account)
        if taken is None:
            raise StatusError(self.name, str(reply[RESULT]))
        return taken

    async def forget(self, account: Account, token: Token) -> None:
        """The portal has refused the token: it is not used again."""
        await self._tokens.forget(account, token)

    async def _take(self, account: Account) -> tuple[Json, Token | None]:
        body = {"username": account.username, "password": account.password_md5}
        reply = await self.ask(TOKEN_PATH, {}, body)
        if reply[RESULT] != TAKEN:
            return reply, None
        token = self._token_of(reply)
        if self._expired(token):
            log.warning(
                "the portal's new token is over by this machine's clock, which may be wrong (cshis-bridge "
                "doctor --bhyt); it is used until the portal refuses it"
            )
            token = replace(token, expires=None)
        await self._tokens.put(account, token)
        return reply, token

    def _expired(self, token: Token, seconds: float = 0.0) -> bool:
        margin = max(MARGIN, timedelta(seconds=seconds))
        return token.expires is not None and token.expires - margin <= self._now()

    def _successful(self, reply: Json) -> Json:
        """The reply, if it has a result code, under its documented name: every one is an answer. Raises
        BadReply, also for what JSON and UTF-8 could not pass on (NaN, half a character).
        """
        reply = _with_result(reply)
        result = reply.get(RESULT)
        if not isinstance(result, str) or not re.fullmatch(r"[0-9]{1,9}", result):
            raise BadReply(self.name, "the answer has no result code")
        try:
            json.dumps(reply, ensure_ascii=False, allow_nan=False).encode()
        except ValueError as error:
            raise BadReply(self.name, "the answer holds what is no JSON") from error
        return reply

    def _token_of(self, reply: Json) -> Token:
        key = _small(reply).get("apikey")
        named = _small(key) if isinstance(key, dict) else {}
        texts = [
            part
            for part in (named.get("access_token"), named.get("id_token"))
            if isinstance(part, str) and part
        ]
        if len(texts) != 2:
            raise BadReply(self.name, "the answer has no token")
        return Token(texts[0], texts[1], _time(named.get("expires_in")), time.monotonic())


def _with_result(reply: Json) -> Json:
    """The reply with the documented name of its result code, in whatever letter case it came."""
    if RESULT in reply:
        return reply
    return {
        RESULT if name.strip().lower() == RESULT.lower() else name: value for name, value in reply.items()
    }


def _small(values: Json) -> Json:
    """The values by their names in small letters."""
    return {name.strip().lower(): value for name, value in values.items()}


def _time(value: object) -> datetime | None:
    """An ISO 8601 time, without zone that of Viet Nam; None for what is none (used until refused)."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found.replace(tzinfo=VIET_NAM) if found is not None and found.tzinfo is None else found
