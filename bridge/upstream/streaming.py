"""Requests whose bodies and answers are never held whole: both flow as fast as the slower side takes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple, cast

from bridge.errors import UpstreamError
from bridge.upstream.answer import NoAnswer, TooLong
from bridge.upstream.connection import LONG_BODY_BYTES, Connection
from bridge.upstream.open_answer import Fields, OpenAnswerReader
from bridge.upstream.pool import KeptConnections
from bridge.upstream.transport import Pieces

MOST_HELD = 262_144  # bytes of an answer that wait for whoever takes them; then nothing more is read
MOST_WAITING = 65_536  # bytes of a request that wait for the other side; then nothing more of it is taken
LONGEST_SECONDS = 3600.0  # from the end of a request to the last byte of its answer
WITHOUT_BODY = (b"GET", b"HEAD", b"OPTIONS", b"TRACE")  # where no body is sent, no length is named


@dataclass(frozen=True, slots=True)
class Flow:
    """A body that comes piece by piece. ``length``: in bytes, None where nobody knows it; it is sent in
    chunks then.
    """

    content: AsyncIterable[bytes]
    length: int | None


class Passage(NamedTuple):
    """A request to be sent as it stands. ``target``: below the upstream's address, with its query, escaped.
    ``headers``: all but Host and those of the body's length. ``body``: None for none. ``sending``: seconds
    for a body that flows. ``patience``: seconds of silence, before and in the answer.
    """

    method: bytes
    target: bytes
    headers: Iterable[tuple[bytes, bytes]]
    body: bytes | Flow | None
    sending: float
    patience: float


class OpenAnswer(NamedTuple):
    """An answer whose head is there. ``whole``: its body, where all of it has come already; otherwise None,
    and ``pieces`` gives it, once. They raise TimedOut, Dropped where it does not come to its end.
    """

    status: int
    fields: Fields
    whole: bytes | None
    pieces: Callable[[], AsyncIterator[bytes]]


class OpenConnection(Connection):
    """A connection whose answers are handed on while they come."""

    __slots__ = ("_broken", "_come", "_held_back")
    _answer: OpenAnswerReader | None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._transport.set_write_buffer_limits(MOST_WAITING)  # over TLS it would be eight times as much

    def begin(self, passage: Passage, head: bytes) -> Awaitable[OpenAnswerReader]:
        """Send a request and wait for the head of its answer. Raises TimedOut, Dropped, BadReply, and what
        the body's pieces raise: the request has left then, at least in part.
        """
        self.usable = False
        self._answer = answer = OpenAnswerReader(passage.method == b"HEAD")
        self._broken: UpstreamError | None = None
        self._come: asyncio.Future[None] | None = None
        self._held_back = False
        self._waiting = waiting = self._loop.create_future()
        self._patience = passage.patience
        now = self._loop.time()
        body = passage.body
        if body is None or (isinstance(body, bytes) and len(body) <= LONG_BODY_BYTES):
            self._sent = True
            self._latest = now + LONGEST_SECONDS
            self._watch(now + passage.patience)
            self._transport.write(head + body if body else head)
            return waiting
        self._sent = False
        self._latest = now + passage.sending
        self._watch(self._latest)
        return self._begin_long(head, body, answer, waiting)

    async def _begin_long(
        self, head: bytes, body: bytes | Flow, answer: OpenAnswerReader, waiting: asyncio.Future[object]
    ) -> OpenAnswerReader:
        flowing = body if isinstance(body, bytes) else Pieces(_framed(body), 0)
        await self._send_long(head, flowing, waiting)
        now = self._loop.time()
        self._latest = now + LONGEST_SECONDS
        if not answer.done:
            self._watch(now + self._patience)
        await waiting
        return answer

    def _needs_no_more(self, answered: asyncio.Future[object]) -> bool:
        """Whether the rest of the body is of no use. A success that comes early is none yet: its request has
        to arrive whole.
        """
        answer = self._answer
        return answer is None or self._broken is not None or (answered.done() and answer.status >= 300)

    def whole(self) -> bytes | None:
        """The answer's body, where all of it has come."""
        answer = self._answer
        if answer is None or not answer.done:
            return None
        self._go_on()
        return answer.taken() if answer.pieces else b""

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The answer's body as it comes. Raises TimedOut, Dropped, BadReply."""
        answer = self._answer
        while answer is not None:
            if answer.pieces:
                piece = answer.taken()
                self._go_on()
                yield piece
            elif self._broken is not None:
                raise self._broken
            elif answer.done:
                return
            else:
                self._come = self._loop.create_future()
                await self._come

    # --- receiving ------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Take in some of the answer."""
        answer, waiting = self._answer, self._waiting
        if answer is None or waiting is None or answer.done or self._broken is not None:
            self.abort()
            return
        try:
            done = answer.feed(data)
        except (NoAnswer, TooLong) as error:
            self._fail(error)
            return
        if done:
            self.usable = self._sent and answer.exact and not self._transport.get_write_buffer_size()
            if self._room is not None:
                self.resume_writing()
        elif answer.held > MOST_HELD:
            self._hold_back()
        elif self._sent:
            self._watch(self._loop.time() + self._patience)
        self._tell(answer)

    def _hold_back(self) -> None:
        """Whoever takes the answer is slower than the other side: its silence is of our making."""
        if not self._held_back:
            self._held_back = True
            self._transport.pause_reading()
        self._watch(self._latest)

    def _go_on(self) -> None:
        if self._held_back:
            self._held_back = False
            self._transport.resume_reading()
            self._watch(self._loop.time() + self._patience)

    def _tell(self, answer: OpenAnswerReader) -> None:
        waiting, come = self._waiting, self._come
        if answer.begun and waiting is not None and not waiting.done():
            waiting.set_result(answer)  # type: ignore[arg-type]
        if come is not None and not come.done():
            come.set_result(None)

    def _ended(self, error: Exception | None) -> None:
        answer = self._answer
        if answer is None or answer.done or self._broken is not None:
            return
        try:
            if error is not None or not answer.end():
                raise NoAnswer("the connection broke") from error
            self._tell(answer)
        except NoAnswer as problem:
            self._fail(problem)

    def _fail(self, cause: NoAnswer | TooLong | TimeoutError) -> None:
        self._broken = self._error_of(cause)
        super()._fail(cause)
        if self._come is not None and not self._come.done():
            self._come.set_result(None)

    def _is_waited_for(self) -> bool:
        return self._answer is not None and not self._answer.done


class OpenConnections(KeptConnections):
    """Kept connections for requests that pass through. Each is sent once, over one connection."""

    _kind = OpenConnection

    @cached_property
    def address(self) -> bytes:
        """Scheme and host, as a redirection of the upstream's own names them. Raises Unreachable."""
        return f"{self._origin.scheme}://{self._origin.authority}".lower().encode("ascii")

    async def begin(self, passage: Passage) -> OpenExchange:
        """Send a request and wait for the head of its answer. Whoever asks ends the exchange afterwards.
        Raises UpstreamError, and what the body's pieces raise.
        """
        head = self._open_head(passage)
        connection = cast(OpenConnection, self._taken_at_once() or await self._take())
        try:
            reader = await connection.begin(passage, head)
        except BaseException:
            self._places.give_back()
            connection.drop()
            raise
        answer = OpenAnswer(reader.status, reader.fields, connection.whole(), connection.pieces)
        return OpenExchange(answer, partial(self._end, connection, reader))

    def _end(self, connection: OpenConnection, reader: OpenAnswerReader) -> None:
        self._give_back(connection)
        reader.let_go()

    @cached_property
    def _before_and_behind(self) -> tuple[bytes, bytes]:
        """What every head has between its method and its target, and behind that."""
        origin = self._origin
        return f" {origin.base}".encode(), f" HTTP/1.1\r\nhost: {origin.authority}\r\n".encode()

    def _open_head(self, passage: Passage) -> bytes:
        body = passage.body
        before, behind = self._before_and_behind
        lines = [b"%s: %s" % field for field in passage.headers]
        length = body.length if isinstance(body, Flow) else len(body or b"")
        if length is None:
            lines.append(b"transfer-encoding: chunked")
        elif body is not None or passage.method not in WITHOUT_BODY:
            lines.append(b"content-length: %d" % length)
        lines.append(b"\r\n")
        return b"".join((passage.method, before, passage.target, behind, b"\r\n".join(lines)))


class OpenExchange(NamedTuple):
    """An answer that comes, and what ends it: the connection is kept if all of the answer was taken."""

    answer: OpenAnswer
    end: Callable[[], None]


async def _framed(body: Flow) -> AsyncIterator[bytes]:
    """The pieces as they leave: as they are, or in chunks where the length is not known."""
    async for piece in body.content:
        for start in range(0, len(piece), LONG_BODY_BYTES):  # what leaves at once is encrypted at once
            part = piece[start : start + LONG_BODY_BYTES]
            yield part if body.length is not None else b"%x\r\n%s\r\n" % (len(part), part)
    if body.length is None:
        yield b"0\r\n\r\n"
