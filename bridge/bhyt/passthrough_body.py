"""A request's body on its way through: whole where it is short, else piece by piece, bounded in length and
time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass

from starlette.types import Receive

from bridge.config import PassThroughSettings
from bridge.errors import BodyTooLong, BodyTooSlow, CallerGone
from bridge.upstream.streaming import Flow

SHORT_BODY = 16_384  # bytes; it comes in one piece, or soon
MOST_DISCARDED = 16_777_216  # bytes behind a request that is answered early
DISCARD_SECONDS = 2.0


@dataclass(slots=True)
class IncomingBody:
    """The body that one request brings. ``length``: as it says, None where it comes in chunks or there is
    none. ``pause`` stops reading it until more is asked for. ``ended``: its last byte is here. ``first``: its
    first piece, once it has begun. ``flows``: it is passed on piece by piece. ``awaited``: the client sends
    nothing of it before it is told to go on (Expect: 100-continue).
    """

    receive: Receive
    settings: PassThroughSettings
    length: int | None
    chunked: bool
    pause: Callable[[], None]
    ended: bool = False
    first: bytes = b""
    flows: bool = False
    awaited: bool = False

    async def begin(self) -> bytes | Flow | None:
        """The body: whole, where it has come so; None where the request has none.

        Raises BodyTooLong, BodyTooSlow, CallerGone; so do its pieces.
        """
        if self.length is not None and self.length > self.settings.most_body_bytes:
            raise BodyTooLong(f"more than {self.settings.most_body_bytes} bytes (bhyt.pass_through)")
        if not self.chunked and not self.length:
            self.ended = True
            return None if self.length is None else b""
        due = asyncio.get_running_loop().time() + self.settings.upload_timeout
        soon = not self.chunked and (self.length or 0) <= SHORT_BODY
        self.first, self.flows = await self._next(None if soon else due)
        return Flow(self._pieces(self.first, due), self.length) if self.flows else self.first

    async def discard(self) -> None:
        """Throw away what still comes, for a while: many clients read an answer only after they have sent
        everything.
        """
        if self.awaited:
            return
        left = MOST_DISCARDED
        with suppress(TimeoutError):
            async with asyncio.timeout(DISCARD_SECONDS):
                while not self.ended and left > 0:
                    message = await self.receive()
                    if message["type"] == "http.disconnect":
                        return
                    self.ended = not message.get("more_body", False)
                    left -= len(message.get("body", b""))

    async def _pieces(self, piece: bytes, due: float) -> AsyncIterator[bytes]:
        length, more = len(piece), True
        while True:
            if length > self.settings.most_body_bytes:
                raise BodyTooLong(f"more than {self.settings.most_body_bytes} bytes (bhyt.pass_through)")
            if piece:
                yield piece
            if not more:
                return
            piece, more = await self._next(due)
            length += len(piece)

    async def _next(self, due: float | None) -> tuple[bytes, bool]:
        """The next piece, and whether there are more. ``due``: None where the listener's own time will do."""
        self.awaited = False
        try:
            if due is None:
                message = await self.receive()
            else:
                async with asyncio.timeout_at(due):
                    message = await self.receive()
        except TimeoutError as error:
            seconds = self.settings.upload_timeout
            raise BodyTooSlow(f"not complete after {seconds:g} s (bhyt.pass_through)") from error
        if message["type"] == "http.disconnect":
            raise CallerGone("the client went away before its request was complete")
        self.ended = not message.get("more_body", False)
        if not self.ended:
            self.pause()
        return message.get("body", b""), not self.ended
