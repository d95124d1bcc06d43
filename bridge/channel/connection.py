"""One connection of the native library: bytes into call frames, one call at a time, replies back."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol, cast

from bridge.calls.caller import Caller
from bridge.channel.dispatch import Dispatcher, Reply, Work
from bridge.channel.frame import HEADER_BYTES, TOKEN_BYTES, Frame, FrameError, frame_length

log = logging.getLogger(__name__)


class Owner(Protocol):
    """The server that the connections belong to."""

    def has_room(self) -> bool:
        """Whether one more connection may stay."""
        ...

    def opened(self, connection: Connection) -> None: ...

    def closed(self, connection: Connection) -> None: ...

    def began(self, call: asyncio.Task[None]) -> None: ...


class Connection(asyncio.Protocol):
    """Answers the frames of one connection in order.

    A frame that has begun, and a reply that is not fetched, have ``frame_seconds``; between frames it may
    stay idle. A call runs to its end though its caller has gone.
    """

    def __init__(self, owner: Owner, dispatcher: Dispatcher, frame_seconds: float) -> None:
        self._owner = owner
        self._dispatcher = dispatcher
        self._frame_seconds = frame_seconds
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._data: Frame = b""  # what has come and is not answered
        self._behind = False  # whole frames may be there; other connections have their turn first
        self._paused = False
        self._clock: asyncio.TimerHandle | None = None
        self._unfetched = False
        self._last = False
        self._call: asyncio.Task[None] | None = None
        self._caller = Caller(gone=self._gone)

    # --- what the event loop says ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it, if there is room."""
        if not self._owner.has_room():
            cast(asyncio.Transport, transport).close()
            return
        self._transport = cast(asyncio.Transport, transport)
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        """Take in what has come, and answer the next frame if it is whole."""
        self._keep(data)
        if self._call is None and not self._unfetched and not self._behind:
            self._next()
        elif self._transport is not None:
            self._paused = True
            self._transport.pause_reading()  # a library waits for its reply; what comes now can wait, too

    def _keep(self, data: bytes) -> None:
        if not self._data:
            self._data = data
        else:
            if not isinstance(self._data, bytearray):
                self._data = bytearray(self._data)
            self._data += data

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone, or was sent away."""
        self._stop_clock()
        if self._transport is not None:
            self._transport = None
            self._owner.closed(self)

    def pause_writing(self) -> None:
        """The caller does not fetch its replies: no call is begun until it does."""
        self._unfetched = True
        self._start_clock()

    def resume_writing(self) -> None:
        self._unfetched = False
        if self._transport is None or self._transport.is_closing():
            return
        self._stop_clock()
        if self._call is None:
            self._go_on()

    def _gone(self) -> str:
        """Whether the caller has closed its connection."""
        return "" if self._transport is not None else "the caller has closed its connection"

    # --- frames ---------------------------------------------------------------------------------------------

    def _next(self) -> None:
        """Begin the call whose frame is there, or wait for the rest of it."""
        if not self._data or self._transport is None:
            return
        try:
            length = self._frame_length()
        except FrameError as error:
            log.warning("channel connection closed: %s", error)
            self.close()
            return
        if length is None or len(self._data) < length:
            self._await_rest()
            return
        if self._clock is not None:
            self._stop_clock()
        begun = self._dispatcher.begin(self._take(length), self._caller)
        if isinstance(begun, Reply):
            self._send(begun)
        else:
            self._call = self._loop.create_task(self._answer(begun))
            self._owner.began(self._call)

    def _take(self, length: int) -> Frame:
        """The frame at the front; a single one, as nearly always, without a copy."""
        data, self._data = self._data, b""
        if len(data) > length:
            self._data = data[length:]
            data = data[:length]
        return data

    def _await_rest(self) -> None:
        """Give the frame its time, unless its token is wrong: strangers must not fill the memory."""
        if not self._dispatcher.admits(self._data[: HEADER_BYTES + TOKEN_BYTES]):
            log.warning("channel connection closed: a frame without the right token")
            self.close()
        elif self._clock is None:
            self._start_clock()

    def _frame_length(self) -> int | None:
        """Bytes of the frame at the front, None while its header is not whole. Raises FrameError."""
        return frame_length(self._data) if len(self._data) >= HEADER_BYTES else None

    async def _answer(self, work: Work) -> None:
        try:
            reply = await work
        finally:
            self._call = None
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        """Send a reply, then see to what came meanwhile."""
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(reply.frame)
        if reply.close or self._last:
            self.close()
        elif (self._data or self._paused) and not self._unfetched:
            self._behind = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Take in what comes again, and see to the next frame, unless something else must end first."""
        self._behind = False
        if self._transport is None or self._call is not None or self._unfetched:
            return
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        self._next()

    # --- ends -----------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close once everything written has been fetched; its time for that is bounded, too."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()
            self._start_clock()

    def finish(self) -> None:
        """Close at once if idle, else after the reply to the call under way."""
        self._last = True
        if self._call is None:
            self.close()

    def abort(self) -> None:
        """Close without waiting for anything; a call under way runs on."""
        if self._transport is not None:
            self._transport.abort()

    def _start_clock(self) -> None:
        self._stop_clock()
        self._clock = self._loop.call_later(self._frame_seconds, self._too_late)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _too_late(self) -> None:
        log.warning("channel connection closed: a frame did not end within %g s", self._frame_seconds)
        self.abort()
