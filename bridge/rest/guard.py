"""What a request must fulfil first: a Host of ours, a body of bounded size. Plain ASGI layers.

A browser page of another site can make requests to this machine: the Host check stops names that were rebound
to it (DNS rebinding), that of :mod:`bridge.rest.origin_guard` stops foreign pages.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.rest.replies import Refused, refusal

log = logging.getLogger(__name__)

READ_SECONDS = 20.0  # for a whole body; a client on the same machine needs milliseconds
MOST_DISCARDED = 8_388_608  # bytes behind the limit, at least
MOST_HELD = 134_217_728  # bytes of all bodies under way together
KEPT_HOSTS = 256
CLOSE = {"Connection": "close"}  # otherwise the server goes on taking a body that never ends
_PORT = re.compile(r":\d{1,5}$")


class HostGuard:
    """Refuses (400) requests whose Host header, with or without port, is not among the allowed ones.

    ``own_addresses``: the address, in digits, that a connection was made to is allowed as well; no name can
    have been rebound to it.
    """

    def __init__(
        self, app: ASGIApp, allowed: tuple[str, ...], refused: Refused, own_addresses: bool = False
    ) -> None:
        self._own_addresses = own_addresses
        self._app = app
        self._allowed = {host.lower() for host in allowed}
        self._refused = refused
        self._verdict = lru_cache(KEPT_HOSTS)(self._looked_up)  # programs write one again and again

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on or refuse it."""
        if scope["type"] == "http" and not self._is_allowed(
            scope, [value for name, value in scope["headers"] if name == b"host"]
        ):
            log.warning("refused: the Host header is not in facade.allowed_hosts")
            message = "the Host header is not one of this bridge (facade.allowed_hosts)"
            await refusal(400, self._refused, scope["path"], message)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_allowed(self, scope: Scope, given: list[bytes]) -> bool:
        if len(given) != 1:
            return False
        return self._verdict(given[0]) or (self._own_addresses and _is_reached_by(scope, given[0]))

    def _looked_up(self, given: bytes) -> bool:
        host = given.decode("latin-1").lower()
        return bool({host, _PORT.sub("", host)} & self._allowed)


def _is_reached_by(scope: Scope, given: bytes) -> bool:
    """Whether a Host header has the address that the client has connected to, in digits."""
    reached = (scope.get("server") or ("",))[0]
    host = _PORT.sub("", given.decode("latin-1")).removeprefix("[").removesuffix("]")
    try:
        return ip_address(host) == ip_address(reached)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class LongBodies:
    """A path that takes longer bodies: how many bytes, and what a refusal says beside its code."""

    most: int
    answer: Mapping[str, object]


class BodyLimit:
    """Reads the whole body first. Longer than ``most`` bytes: 413; not there within ``seconds``: 408; one
    too many where all bodies under way together have ``most_held`` bytes: 503.

    ``longer``: other limits, by path in small letters.
    """

    def __init__(
        self,
        app: ASGIApp,
        most: int,
        refused: Refused,
        seconds: float = READ_SECONDS,
        longer: Mapping[str, LongBodies] | None = None,
        most_held: int = MOST_HELD,
    ) -> None:
        self._app = app
        self._held = 0
        self._most_held = most_held
        self._usual = LongBodies(most, {})
        self._refused = refused
        self._seconds = seconds
        self._longer = longer or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body in one piece, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._longer.get(scope["path"].lower().rstrip("/"), self._usual)
        body = bytearray()
        try:
            await self._serve(scope, receive, send, limit, body)
        finally:
            self._held -= len(body)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, limit: LongBodies, body: bytearray
    ) -> None:
        asked = self._refused, scope["path"]
        try:
            async with asyncio.timeout(self._seconds):
                whole = await self._read(Headers(scope=scope), receive, limit.most, body)
        except _TooMany:
            log.error("refused: bodies of more than %d bytes are under way already", self._most_held)
            message = "too many long bodies at once; try again"
            await refusal(503, *asked, message, CLOSE, limit.answer)(scope, receive, send)
        except _TooLong:
            log.warning("refused: a body of more than %d bytes (facade.most_body_bytes)", limit.most)
            message = f"the body has more than {limit.most} bytes"
            await refusal(413, *asked, message, CLOSE, limit.answer)(scope, receive, send)
        except TimeoutError:
            log.warning("refused: a body that was not complete after %g s", self._seconds)
            message = "the body did not arrive in time"
            await refusal(408, *asked, message, CLOSE, limit.answer)(scope, receive, send)
        else:
            if whole:
                await self._app(scope, _replay(bytes(body), receive), send)

    async def _read(self, headers: Headers, receive: Receive, most: int, body: bytearray) -> bool:
        """Read into ``body``; whether it is whole (False: the client went away). Raises _TooLong, _TooMany;
        what is too long is not kept.
        """
        declared = headers.get("content-length", "0")
        discarded = max(MOST_DISCARDED, 2 * most)  # a client reads its 413 only after it has sent everything
        if headers.get("expect", "").lower() == "100-continue":  # nothing comes before it is asked for
            discarded = 0
        if declared.isdecimal() and int(declared[:20]) > most + discarded:
            raise _TooLong
        length = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return False
            piece, more = message.get("body", b""), message.get("more_body", False)
            length += len(piece)
            if length <= most:
                if self._held + len(piece) > self._most_held:
                    raise _TooMany
                body += piece
                self._held += len(piece)
            elif not more or length > most + discarded:
                raise _TooLong
            if not more:
                return True


class _TooMany(Exception):
    """The bodies of all requests together are longer than allowed."""


class _TooLong(Exception):
    """The body is longer than allowed."""


def _replay(body: bytes, receive: Receive) -> Receive:
    """A receive that gives the body once and then what the server has to say (that the client went away)."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return messages.pop() if messages else await receive()

    return replayed
