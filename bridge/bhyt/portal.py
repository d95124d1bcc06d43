"""The portal of Viet Nam's social insurance (Cổng tiếp nhận dữ liệu, egw.baohiemxahoi.gov.vn): JSON in, JSON
with a result code (maKetQua) out, for holders of a token.

Token and reply as in seed 004 and as real clients read them.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Literal
from urllib.parse import urlencode

from bridge.config import UpstreamSettings
from bridge.errors import BadReply, HttpFault, StatusError
from bridge.upstream.client import HttpUpstream, Json, OnTiming
from bridge.upstream.transport import Transport

TOKEN_PATH = "/api/token/take"  # noqa: S105 - a path
RESULT = "maKetQua"
HTTP_UNAUTHORIZED = 401
TAKEN = "200"  # the result of a token that was given
REFUSED = "401"  # account or token refused
MARGIN = timedelta(seconds=30)  # a token about to expire is not used any more
MOST_TOKENS = 64
Content = Literal["json", "form"]
VIET_NAM = timezone(timedelta(hours=7))  # for times without a zone; no summer time


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the portal: user name, and md5 of the password in hexadecimal digits."""

    username: str
    password_md5: str = field(repr=False)

    @classmethod
    def of(cls, username: str, password: str) -> Account:
        """The account of a plain password."""
        return cls(username, hashlib.md5(password.encode(), usedforsecurity=False).hexdigest())


@dataclass(frozen=True, slots=True)
class Token:
    """What the portal gives for an account. ``expires``: None where it does not say (clients' own tokens)."""

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    expires: datetime | None = field(default=None, compare=False)


def _now() -> datetime:
    return datetime.now(VIET_NAM)


class Portal(HttpUpstream):
    """The portal over HTTPS, with the tokens it gave: one an account, until it expires or is refused."""

    def __init__(
        self,
        settings: UpstreamSettings,
        transport: Transport | None = None,
        now: Callable[[], datetime] = _now,
        on_timing: OnTiming | None = None,
    ) -> None:
        super().__init__("portal", settings, transport, on_timing)
        self._now = now
        self._tokens: OrderedDict[Account, Token] = OrderedDict()
        self._taking = asyncio.Lock()

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
        body = {"username": account.username, "password": account.password_md5}
        reply = await self.ask(TOKEN_PATH, {}, body)
        self._tokens.pop(account, None)
        if reply[RESULT] == TAKEN:
            self._keep(account, self._token_of(reply))
        return reply

    async def token(self, account: Account, refused: Token | None = None) -> Token:
        """The account's token: the one at hand, unless it has expired or is the one ``refused``, else a new
        one. Calls at the same time take one together. Raises StatusError (source ``portal``) when the portal
        gives none, UpstreamError.
        """
        async with self._taking:
            kept = self._tokens.get(account)
            if kept is not None and kept != refused and not self._expired(kept):
                self._tokens.move_to_end(account)
                return kept
            reply = await self.take(account)
            if reply[RESULT] != TAKEN:
                raise StatusError(self.name, str(reply[RESULT]))
            return self._tokens[account]

    def _keep(self, account: Account, token: Token) -> None:
        self._tokens[account] = token
        while len(self._tokens) > MOST_TOKENS:
            self._tokens.popitem(last=False)

    def _expired(self, token: Token) -> bool:
        return token.expires is not None and token.expires - MARGIN <= self._now()

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
        return Token(texts[0], texts[1], _time(named.get("expires_in")))


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
