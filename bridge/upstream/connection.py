"""One connection to an upstream: a request goes out, its answer comes in, and never anything else."""

from __future__ import annotations

import asyncio
import select
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, cast

from bridge.errors import BadReply, Dropped, TimedOut, UpstreamError
from bridge.upstream.answer import AnswerReader, NoAnswer, TooLong
from bridge.upstream.transport import Answer, Pieces

LONG_BODY_BYTES = 65_536  # a longer body leaves in pieces, between which other calls run
CLOSING_SECONDS = 1.0
NEVER = float("inf")
_KINDS: Mapping[type[Exception], type[UpstreamError]] = {
    NoAnswer: Dropped,
    TooLong: BadReply,
    TimeoutError: TimedOut,
}


class Connection(asyncio.Protocol):
    """A connection to the upstream ``name``. It is idle, or it has one request under way.

    Whatever comes while it is idle was not asked for and ends it. What fails ends it, too. ``lost`` is called
    when it is over.
    """

    __slots__ = (
        "_answer", "_closed", "_due", "_latest", "_loop", "_lost", "_name", "_patience", "_readable", "_room",
        "_sent", "_timer", "_timer_due", "_transport", "_waiting", "usable",
    )  # fmt: skip

    def __init__(self, name: str, lost: Callable[[Connection], None]) -> None:
        self._name = name
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._answer: AnswerReader | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._room: asyncio.Future[None] | None = None  # while the other side takes no more
        self._patience = 0.0
        self._latest = self._due = self._timer_due = NEVER
        self._timer: asyncio.TimerHandle | None = None
        self._sent = False
        self.usable = False

    # --- what the pool does with it -------------------------------------------------------------------------

    def ask(self, head: bytes, body: bytes | Pieces, patience: float, most: float) -> Awaitable[Answer]:
        """Send a request and wait for its answer: ``patience`` seconds of silence, ``most`` in all. Whoever
        asks says :meth:`rest` or :meth:`drop` afterwards, whatever comes.

        In: the head with its blank line. Raises TimedOut, Dropped, BadReply: the request has left, at least
        in part. Afterwards ``usable`` says whether the connection may be asked again.
        """
        self.usable = False
        self._answer = AnswerReader()
        waiting: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting = waiting
        now = self._loop.time()
        self._latest = now + most
        self._patience = patience
        if not isinstance(body, bytes) or len(body) > LONG_BODY_BYTES:
            self._sent = False
            self._watch(self._latest)
            return self._ask_long(head, body, waiting)
        self._sent = True
        self._watch(now + patience)
        self._transport.write(head + body)
        return waiting

    def rest(self, seconds: float) -> None:
        """Nothing is asked for now; after so many seconds without a request the connection ends."""
        self._answer = self._waiting = None
        self._latest = NEVER
        self._due = due = self._loop.time() + seconds
        if self._timer is None or self._timer_due > due:
            self._watch(due)

    async def seen(self) -> bool:
        """Whether a new connection can be asked, once the event loop has seen what has come already: of TLS,
        but nothing else.
        """
        while self.usable and self._readable():  # noqa: ASYNC110 - no event tells that nothing is there
            await asyncio.sleep(0)
        return self.usable

    def fit(self) -> bool:
        """Whether an idle connection can be asked: nothing has come, also nothing the event loop has not seen
        yet, neither bytes nor the end.
        """
        return self.usable and not self._transport.is_closing() and not self._readable()

    @property
    def peer(self) -> tuple[str, int]:
        """Numeric address and port of what was reached; no address where the system does not say."""
        host, port = (self._transport.get_extra_info("peername") or ("", 0))[:2]
        return str(host), int(port)

    def abort(self) -> None:
        """End the connection at once, without a word to the other side."""
        self.usable = False
        self._transport.abort()

    def drop(self) -> None:
        """End it after a request that failed, or whose answer cannot be followed by another."""
        self.abort()
        if self._waiting is not None and self._waiting.done() and not self._waiting.cancelled():
            self._waiting.exception()  # it may have failed while the body was still leaving
        self._answer = self._waiting = None

    async def aclose(self) -> None:
        """End it, and wait until it has ended. A request under way is Dropped."""
        self.abort()
        await asyncio.wait([self._closed], timeout=CLOSING_SECONDS)

    # --- sending --------------------------------------------------------------------------------------------

    async def _ask_long(self, head: bytes, body: bytes | Pieces, answered: asyncio.Future[Answer]) -> Answer:
        """As :meth:`ask`, for a body that leaves in pieces."""
        await self._send_long(head, body, answered)
        return await answered

    async def _send_long(self, head: bytes, body: bytes | Pieces, answered: asyncio.Future[Any]) -> None:
        """The body piece by piece, as the other side takes it, until it has answered."""
        self._transport.write(head)
        async with aclosing(_pieces(body)) as pieces:
            async for piece in pieces:
                if self._room is not None:
                    await self._room
                if self._needs_no_more(answered):
                    return
                self._transport.write(piece)
                await asyncio.sleep(0)
        if self._room is not None:
            await self._room
        if not self._needs_no_more(answered):
            self._sent = True
            self._watch(self._loop.time() + self._patience)

    def _needs_no_more(self, answered: asyncio.Future[Any]) -> bool:
        """Whether the other side has answered already, so that the rest of the body is of no use."""
        return answered.done()

    def pause_writing(self) -> None:
        """The other side takes no more for now."""
        self._room = self._loop.create_future()

    def resume_writing(self) -> None:
        """It does again, or it does not matter any more."""
        if self._room is not None:
            if not self._room.done():
                self._room.set_result(None)
            self._room = None

    # --- receiving ------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        connected = transport.get_extra_info("socket")
        number = -1 if connected is None else connected.fileno()
        self.usable = number >= 0  # else it has ended already
        if self.usable:
            self._readable = _peek(number)

    def data_received(self, data: bytes) -> None:
        """Take in some of the answer."""
        answer, waiting = self._answer, self._waiting
        if answer is None or waiting is None or waiting.done():
            self.abort()
            return
        try:
            if answer.feed(data):
                waiting.set_result(answer.answer())
                self.usable = self._sent and answer.exact and not self._transport.get_write_buffer_size()
                if self._room is not None:
                    self.resume_writing()
            elif self._sent:
                self._watch(self._loop.time() + self._patience)
        except (NoAnswer, TooLong) as error:
            self._fail(error)

    def connection_lost(self, error: Exception | None) -> None:
        """It is over; where that is the end of an answer, it is that."""
        self.usable = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._ended(error)
        self.resume_writing()
        self._closed.set_result(None)
        self._lost(self)

    def _ended(self, error: Exception | None) -> None:
        """What the end of the connection means for a request under way."""
        answer, waiting = self._answer, self._waiting
        if answer is None or waiting is None or waiting.done():
            return
        try:
            if error is not None or not answer.end():
                raise NoAnswer("the connection broke") from error
            waiting.set_result(answer.answer())
        except (NoAnswer, TooLong) as problem:
            self._fail(problem)

    def _is_waited_for(self) -> bool:
        """Whether something of an answer has still to come."""
        return self._waiting is not None and not self._waiting.done()

    def _fail(self, cause: NoAnswer | TooLong | TimeoutError) -> None:
        """The request under way fails, and with it the connection."""
        error = self._error_of(cause)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)
        self.resume_writing()
        self.abort()

    def _error_of(self, cause: NoAnswer | TooLong | TimeoutError) -> UpstreamError:
        error = _KINDS[type(cause)](self._name, str(cause))
        error.__cause__ = cause
        return error

    # --- time -----------------------------------------------------------------------------------------------

    def _watch(self, due: float) -> None:
        """Something must have happened by ``due``. The timer that runs is left alone where it comes first: it
        will look again. Most requests need none of their own.
        """
        if due > self._latest:
            due = self._latest
        self._due = due
        if self._timer is not None:
            if self._timer_due <= due:
                return
            self._timer.cancel()
        self._timer_due = due
        self._timer = self._loop.call_at(due, self._look)

    def _look(self) -> None:
        """Time is up, or it was meant for something that has happened since."""
        self._timer = None
        if self._loop.time() < self._due:
            self._watch(self._due)
        elif self._waiting is None:
            self.abort()
        elif self._is_waited_for():
            self._fail(TimeoutError("no answer in time"))


async def _pieces(body: bytes | Pieces) -> AsyncGenerator[bytes | memoryview, None]:
    if isinstance(body, Pieces):
        async for piece in body.content:
            yield piece
    else:
        whole = memoryview(body)
        for start in range(0, len(whole), LONG_BODY_BYTES):
            yield whole[start : start + LONG_BODY_BYTES]


def _peek(number: int) -> Callable[[], Sequence[object]]:
    """A function that gives something where something can be read from a socket right now, else nothing."""
    if sys.platform == "win32":
        return lambda: select.select([number], [], [], 0)[0]
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return partial(poll.poll, 0)
