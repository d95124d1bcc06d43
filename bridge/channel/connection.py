"""One connection of the native library: bytes into call frames, one call at a time, replies back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from time import monotonic
from typing import Protocol, cast

from bridge.calls.caller import Caller
from bridge.channel.admission import Admission, Refused, State
from bridge.channel.dispatch import Dispatcher, LastReply, Work
from bridge.channel.frame import (
    EVICTION_FRAME,
    HEADER_BYTES,
    VERSION,
    Frame,
    FrameError,
    VersionError,
    frame_length,
    time_of,
)
from bridge.channel.version_1 import as_version_1, as_version_2
from bridge.serving.peer import sends_no_more

log = logging.getLogger(__name__)

HEARING_SECONDS = 1.0  # within which a caller that has an answer reads it: it waits for nothing else
GREETING_SECONDS = 0.5  # that a program of this machine has before another's idle connection is worth more
_LATE, _IDLE, _NEW = range(3)


class Owner(Protocol):
    """The server that the connections belong to."""

    def make_room(self) -> bool:
        """Whether one more connection may stay, though another may have to go for it."""
        ...

    def opened(self, connection: Connection) -> None: ...

    def turn_away(self, connection: Connection) -> None:
        """There is no room for one that has just come."""
        ...

    def closed(self, connection: Connection) -> None: ...

    def began(self, call: asyncio.Task[None]) -> None: ...


class Connection(asyncio.Protocol):
    """Answers the frames of one connection in order.

    The caller has ``frame_seconds`` until it is admitted, and as long for a frame that has begun and a reply
    that waits to be fetched; between calls it may stay idle. A call runs to its end though its caller has
    gone.
    """

    def __init__(
        self, owner: Owner, dispatcher: Dispatcher, admission: Admission, frame_seconds: float
    ) -> None:
        self._owner = owner
        self._dispatcher = dispatcher
        self._admission = admission
        self._admitted = False
        self._modern = True  # whether the caller speaks the version of this side
        self._frame_seconds = frame_seconds
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._data: Frame = b""  # what has come and is not answered
        self._behind = False  # whole frames may be there; other connections have their turn first
        self._paused = False
        self._clock: asyncio.TimerHandle | None = None
        self._unfetched = False
        self._last = False
        self._evicted = False
        self._sent_away = False  # whether the end is this side's wish
        self._call: asyncio.Task[None] | None = None
        self._caller = Caller("", self._gone, self._keep_unheard)
        self._unheard: Callable[[], None] | None = None  # to be done if the last answer did not arrive
        self._until = 0.0  # how long the caller of the call under way waits, by the loop's clock; 0: not said
        self._idle_since = monotonic()

    # --- what the event loop says ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it, if there is room."""
        self._transport = cast(asyncio.Transport, transport)
        if not self._owner.make_room():
            self._owner.turn_away(self)
            return
        self._owner.opened(self)
        self._start_clock()

    def data_received(self, data: bytes) -> None:
        """Take in what has come, and answer the next frame if it is whole."""
        if self._evicted:
            return
        if self._data:
            self._keep_behind(data)
        else:
            self._data = data
        if self._call is None and not self._unfetched and not self._behind:
            self._next()
        elif self._transport is not None:
            self._paused = True
            self._transport.pause_reading()  # a library waits for its reply; what comes now can wait, too

    def _keep_behind(self, data: bytes) -> None:
        if not isinstance(self._data, bytearray):
            self._data = bytearray(self._data)
        self._data += data

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone, or was sent away."""
        self._stop_clock()
        if self._transport is None:
            return
        self._transport = None
        self._owner.closed(self)
        if exc is not None and monotonic() - self._idle_since < HEARING_SECONDS:
            self._not_heard()
        if not self._sent_away and (why := self._admission.left()):
            log.warning("channel connection closed: %s", why)

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
        """Why the caller of the call under way does not wait for its answer any more; "" while it does."""
        if self._transport is None or self._transport.is_closing():
            return "the caller has closed its connection"
        if self._until and self._loop.time() > self._until:
            return "the caller's time is over"
        accepted = self._transport.get_extra_info("socket")
        if accepted is not None and sends_no_more(accepted.fileno()):
            return "the caller has closed its connection"
        return ""

    def _keep_unheard(self, unheard: Callable[[], None]) -> None:
        self._unheard = unheard

    def _not_heard(self) -> None:
        """The answer did not reach the caller, or nobody can say that it did."""
        unheard, self._unheard = self._unheard, None
        if unheard is not None:
            unheard()

    # --- frames ---------------------------------------------------------------------------------------------

    def _next(self) -> None:
        """See to the frame that is there, or wait for the rest of it."""
        data = self._data
        if not data or self._transport is None:
            return
        try:
            if not self._admitted and len(data) >= HEADER_BYTES:
                self._admission.check(data)
            length = frame_length(data)
        except VersionError as error:
            self._send(self._dispatcher.refuse_version(error))
            return
        except FrameError as error:
            self._refuse(str(error))
            return
        if length is None or len(data) < length:
            if self._clock is None:
                self._start_clock()
            return
        if self._clock is not None:
            self._stop_clock()
        self._data = b""
        if len(data) > length:  # a single frame, as it nearly always is, is not copied
            self._data = data[length:]
            data = data[:length]
        if self._admitted:
            self._begin(data)
        else:
            self._admit(data)

    def _admit(self, frame: Frame) -> None:
        """Take a frame of one who may not make calls yet."""
        if (transport := self._transport) is None:
            return
        host, port = transport.get_extra_info("sockname")[:2]
        try:
            reply = self._admission.take(frame, host, port)
        except (Refused, FrameError) as error:
            self._refuse(str(error))
            return
        if reply:
            transport.write(reply)
        self._admitted = self._admission.state is State.ADMITTED
        self._modern = self._admission.version == VERSION
        if not self._admitted:
            self._start_clock()
        elif self._modern:
            self._caller = Caller(self._admission.program, self._gone, self._keep_unheard)
        else:
            self._begin(frame)
            return
        self._next()

    def _begin(self, frame: Frame) -> None:
        """Begin a call. Its caller has heard the answer to the one before."""
        self._unheard = None
        if not self._modern:
            frame = as_version_2(frame)
        begun = self._dispatcher.begin(frame, self._caller)
        if isinstance(begun, bytes):
            self._send(begun)
            return
        if self._modern:
            self._until = self._loop.time() + time_of(frame) / 1000
        self._call = self._loop.create_task(self._answer(begun))
        self._owner.began(self._call)

    def _refuse(self, why: str) -> None:
        log.warning("channel connection closed: %s", why)
        self._sent_away = True
        self.close()

    async def _answer(self, work: Work) -> None:
        try:
            reply = await work
        finally:
            self._call = None
        self._send(reply)

    def _send(self, reply: bytes) -> None:
        """Send a reply, then see to what came meanwhile."""
        transport = self._transport
        if transport is None or transport.is_closing():
            self._not_heard()
            return
        transport.write(reply if self._modern else as_version_1(reply))
        self._idle_since = monotonic()
        if self._last or isinstance(reply, LastReply):
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

    @property
    def patience(self) -> tuple[int, float] | None:
        """Who goes first where there is no room, the smallest of all: one that ought to have greeted by now,
        then one that is idle, then one that has just come; of each the oldest. None for one that must not go:
        a call is under way, or its reply is not fetched.
        """
        busy = self._call is not None or self._behind or self._unfetched or self._last
        if busy or self._transport is None or self._transport.is_closing():
            return None
        if self._admitted:
            return _IDLE, self._idle_since
        late = monotonic() - self._idle_since > GREETING_SECONDS
        return _LATE if late else _NEW, self._idle_since

    def evict(self) -> None:
        """Close to make room. The caller hears that nothing was taken of what it may have sent meanwhile;
        it has some time to hear that before its connection ends.
        """
        if self._transport is None:
            return
        self._evicted = self._sent_away = True
        self._data = b""
        if not self._modern:
            self.close()
            return
        self._transport.write(EVICTION_FRAME)
        self._start_clock()

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
        if self._unfetched:
            self._not_heard()
        if not self._evicted:
            what = "a frame did not end" if self._admitted or self._data else "nothing came"
            log.warning("channel connection closed: %s within %g s", what, self._frame_seconds)
            self._sent_away = True
        self.abort()
