"""HTTP on one connection: uvicorn's protocol over httptools, and the bounds and refusals it does not have.

Bounds on the time and the length of a request's head, on the time of a whole request, on requests sent ahead
(pipelining), on clients that do not take their answer, and on the number of connections. Refusals of what two
programs on the way could read in two ways (request smuggling): each is one answer, in its turn, and the end
of the connection. In each request's ``scope["state"]`` ``caller`` tells whether its client still waits,
``stranger`` why it is somebody else's, ``allow_time`` gives it so many seconds for its body, ``pause`` reads
nothing more of it until the app asks for more, ``join`` says that head and body of the answer follow at once,
and ``break_off`` ends an answer that has begun and cannot be finished.
"""

from __future__ import annotations

import itertools
import logging
from collections import deque
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Literal

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from bridge.calls.caller import Caller
from bridge.serving.peer import has_closed, sends_no_more
from bridge.serving.whose import client, own_party, stranger

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 512  # of one port
MOST_HEAD_BYTES = 65_536  # request line and headers; nearly as much again may frame the pieces of a body
MOST_AHEAD = 16  # requests sent before the answer to an earlier one
HEAD_SECONDS = 10.0  # for request line and headers, and for the first byte on a new connection
REQUEST_SECONDS = 40.0  # for the whole request; the app itself waits shorter, and answers 408
TAKE_SECONDS = 30.0  # in which a client has to take an answer that does not fit the buffers
LINGER_SECONDS = 1.0  # in which what still comes after a refusal is thrown away, so that the refusal arrives
HEARING_SECONDS = 1.0  # within which a client that has an answer reads it: a reset tells that it did not
FRAMING_PER_BYTE = 8  # a body sent byte by byte has 5 bytes of framing for each

_CHUNKED = b"\r\ntransfer-encoding: chunked"  # as uvicorn writes it

CLOSED = "the client has closed its connection"

Phase = Literal["idle", "head", "body"]

_numbers = itertools.count(1)  # of connections, of all ports


class _Refused(Exception):
    """Raised inside a callback of the parser; ``DoorProtocol`` has noted the status."""


class DoorProtocol(HttpToolsProtocol):
    """One connection. :meth:`look_after` is to be called about once a second for each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.since = self.loop.time()  # begin of the phase
        self.phase: Phase = "idle"
        self.headers = []
        self.access_log = False  # it would hold whole queries: account and token of an old program
        self._without_upgrade = b""  # head of a request whose upgrade is not granted, to be parsed anew
        self._served = False  # whether any request has been answered
        self._unanswered: deque[Any] = deque()  # requests, oldest first
        self._pending = 0  # bytes of the request under way, but for those of the piece it began in
        self._body = 0
        self._status = 400  # of the refusal, when the parser gives up
        self._refusal: int | None = None  # it waits for the answers before it
        self._deaf = False  # what still comes is thrown away
        self._stuck_since: float | None = None
        self._ended = False  # the client sends nothing more
        self._last = False  # whether the next request is the last
        self._left = ""  # why nobody waits for any answer
        self._caller = Caller(
            gone=self._gone, if_unheard=self._keep_unheard, connection=f"http {next(_numbers)}"
        )
        self._unheard: Callable[[], None] | None = None  # to be done if the last answer did not arrive
        self._answered_at = 0.0
        self._why_strange: str | None = None  # not asked yet
        self._body_seconds = REQUEST_SECONDS

    # --- connection -----------------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """Takes the connection; where there are too many, the one that was idle longest goes."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            victim = longest_idle(
                c for c in self.connections if isinstance(c, DoorProtocol) and c is not self
            )
            log.warning("%d connections: the one idle longest is closed", len(self.connections))
            (victim or self).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits for any answer any more; uvicorn says so to the newest request only."""
        self._left = CLOSED
        soon = self.answering or self.loop.time() - self._answered_at < HEARING_SECONDS
        if exc is not None and soon and self._unheard is not None:
            self._unheard()
        self._unheard = None
        for cycle in self._unanswered:
            cycle.disconnected = True
            cycle.message_event.set()
        self.pipeline.clear()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client sends nothing more. Out: whether the connection stays open. One that has asked may still
        take its answers; not over TLS, where the end of one direction is the end of both.
        """
        self._ended = True
        return not self._is_secure and self.phase == "idle" and self.answering

    def _gone(self) -> str:
        """Why nobody waits for the answers; "" also for a client that has closed its sending side only."""
        if not self._left and self._has_left():
            self._left = CLOSED
        return self._left

    def _keep_unheard(self, unheard: Callable[[], None]) -> None:
        self._unheard = unheard

    def _has_left(self) -> bool:
        if self.transport.is_closing():
            return True
        if not self._ended and not sends_no_more(self.transport.get_extra_info("socket").fileno()):
            return False
        here, there = (self.transport.get_extra_info(name) for name in ("sockname", "peername"))
        return self._is_secure or has_closed(here[:2], there[:2])

    @property
    def _is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def answering(self) -> bool:
        """Whether a request is waiting for its answer."""
        return bool(self._unanswered)

    def look_after(self, now: float) -> None:
        """Ends what takes too long. In: the event loop's time."""
        waited = now - self.since
        if self.transport.is_closing() or self.flow.write_paused:
            self._stuck_since = self._stuck_since or now
            if now - self._stuck_since > TAKE_SECONDS:
                self.transport.abort()
            return
        self._stuck_since = None
        if self._deaf:
            return
        if self.flow.read_paused:  # it is we who do not read on
            self.since = now
        elif self.phase == "head" and waited > HEAD_SECONDS:
            log.warning("a request whose headers were not complete after %g s", HEAD_SECONDS)
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        elif self.phase == "body" and waited > self._body_seconds:
            log.warning("a request that was not complete after %g s", self._body_seconds)
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        elif self.phase == "idle" and not self.answering and waited > self._most_idle():
            self.transport.close()

    def next_is_last(self) -> None:
        """The listener stops: the next request gets its answer, and then the connection ends."""
        self._last = True

    def is_fresh(self, now: float, seconds: float) -> bool:
        """Whether the client, not ``seconds`` ago, has connected, was answered, or has begun a request whose
        head is not complete.
        """
        waits = self.phase != "body" and not self.answering and not self.transport.is_closing()
        return waits and now - self.since < seconds

    def _most_idle(self) -> float:
        """How long a connection may be without a request: a new one not as long as one that had some."""
        return self.timeout_keep_alive if self._served else HEAD_SECONDS

    # --- what comes in --------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        self._unset_keepalive_if_required()
        self._pending += len(data)
        while data:
            try:
                self.parser.feed_data(data)
                break
            except httptools.HttpParserUpgrade as upgrade:
                data = self._without_upgrade + data[upgrade.args[0] :]
                self.parser = httptools.HttpRequestParser(self)
            except httptools.HttpParserError:
                log.warning("not valid as HTTP/1.1, or ambiguous: answered by %d", self._status)
                self._refuse(self._status)
                return
        if self.phase == "head" and self._pending > MOST_HEAD_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self.phase == "body":
            framing = self._pending - self._body
            if framing > 2 * MOST_HEAD_BYTES + FRAMING_PER_BYTE * self._body:
                self._refuse(HTTPStatus.BAD_REQUEST)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self.answering:
            self._unheard = None  # who asks again has heard the answer to the one before
        self.phase, self.since = "head", self.loop.time()
        self._pending = self._body = 0
        self._body_seconds = REQUEST_SECONDS

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header. Those behind the body (trailers) are not heeded: the checks have been made by then."""
        if self.phase == "head":  # what uvicorn's own does, without asking it for each header
            name = name.lower()
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Everything is known about the request but its body."""
        self._check_head()
        self._without_upgrade = b""
        if self.parser.should_upgrade():
            self._without_upgrade = self._plain_head()
            return
        super().on_headers_complete()
        self.phase = "body"
        state = self.scope["state"]
        state["caller"], state["allow_time"] = self._caller, self._allow_time
        state["stranger"] = self._stranger
        state["break_off"], state["join"] = self._break_off, self._join
        state["pause"] = self.flow.pause_reading
        self._unanswered.append(self.cycle)
        cycle: Any = self.cycle
        if self._last:
            cycle.keep_alive = False
        if self.scope["http_version"] == "1.0":
            cycle.transport = _Unframed(self.transport)

    def _stranger(self) -> str:
        """Why the client is somebody else's; asked once for a connection, which stays with its process."""
        if self._why_strange is None:
            there, here = (self.transport.get_extra_info(name) for name in ("peername", "sockname"))
            known = isinstance(there, tuple) and isinstance(here, tuple)
            self._why_strange = stranger(own_party(), client(there[:2], here[:2])) if known else ""
        return self._why_strange

    def _allow_time(self, seconds: float) -> None:
        """The body under way may take longer than others."""
        self._body_seconds = max(self._body_seconds, seconds)

    def _join(self) -> None:
        """The answer under way follows at once, head and body: they leave together."""
        cycle = self._unanswered[0]
        cycle.transport = _Joined(cycle, cycle.transport)

    def _break_off(self) -> None:
        """The answer under way has begun and has no end: its client is not to take it for whole. Answers go
        in the order of their requests, so it is that of the oldest.
        """
        if self._unanswered:
            self._unanswered[0].disconnected = True
        self.transport.abort()

    def _plain_head(self) -> bytes:
        """The head of a request without its wish for an upgrade (h2c, WebSocket), which is not granted. The
        parser takes what follows such a head for another protocol; Java's client asks so with every first
        POST, whose body would be lost and read as the next request.
        """
        lines = [b"%s %s HTTP/1.1" % (self.parser.get_method(), self.url)]
        for name, value in self.headers:
            if name == b"connection":
                tokens = [token.strip() for token in value.split(b",")]
                value = b", ".join(token for token in tokens if token.lower() != b"upgrade")
            if name != b"upgrade":
                lines.append(name + b": " + value)
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self.phase == "head":  # one that asks for an upgrade: it is parsed anew
            return
        super().on_message_complete()
        self.phase, self.since = "idle", self.loop.time()

    def on_response_complete(self) -> None:
        """An answer is on its way; a refusal that had to wait for it follows."""
        self._served, self._answered_at = True, self.loop.time()
        self._unanswered.popleft()
        if self.phase == "idle":
            self.since = self.loop.time()
        if self.pipeline or self._refusal is not None or self._ended:
            super().on_response_complete()
        else:
            self._rest()
        if self._refusal is not None and not self.answering:
            self._answer_refusal(self._refusal)
        elif self._ended and not self.answering:
            self.transport.close()

    def _rest(self) -> None:
        """Nothing more is asked for now. uvicorn sets a timer for each such moment and takes it back with the
        next request; :meth:`look_after` looks at the clock anyway.
        """
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()

    # --- refusals -------------------------------------------------------------------------------------------

    def _check_head(self) -> None:
        """Raises _Refused, having noted the status, for a head that is too long or ambiguous."""
        length, codings = len(self.url), []
        for name, value in self.headers:
            length += len(name) + len(value) + 4
            if name == b"transfer-encoding":
                codings.append(value)
        upgrade = self.parser.should_upgrade()
        if length > MOST_HEAD_BYTES:
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        elif len(self.pipeline) >= MOST_AHEAD:
            self._status = HTTPStatus.SERVICE_UNAVAILABLE
        elif (codings or upgrade) and self.parser.get_http_version() != "1.1":
            self._status = HTTPStatus.BAD_REQUEST
        elif self.parser.get_method() == b"CONNECT" or (codings and not _is_chunked(codings)):
            self._status = HTTPStatus.NOT_IMPLEMENTED
        elif self.url[:1] != b"/" and not self._is_meant():
            self._status = HTTPStatus.BAD_REQUEST
        else:
            return
        raise _Refused

    def _is_meant(self) -> bool:
        """Whether a target that is no path is ``*`` of OPTIONS or names the same host as the Host header."""
        if self.url == b"*":
            return bool(self.parser.get_method() == b"OPTIONS")
        hosts = [value.lower() for name, value in self.headers if name == b"host"]
        scheme = (self.scheme or "http").encode()
        return len(hosts) == 1 and self.url.lower().startswith(scheme + b"://" + hosts[0] + b"/")

    def _refuse(self, status: int) -> None:
        """Ends the connection. The request under way gets ``status`` unless it has its answer; requests
        before it get theirs first.
        """
        self._deaf = True
        if self.phase == "body":
            if self._is_queued():
                self.pipeline.popleft()
                self._unanswered.pop()
            elif self.cycle.response_started:  # refused early: a second answer would be taken for the next
                self.transport.close()
                return
            else:
                self.cycle.disconnected = True  # nobody waits for the rest of its body any more
                self.cycle.message_event.set()
                self._answer_refusal(status)
                return
        if self.answering:
            self._refusal = status
        else:
            self._answer_refusal(status)

    def _is_queued(self) -> bool:
        return bool(self.pipeline) and self.pipeline[0][0] is self.cycle

    def _answer_refusal(self, status: int) -> None:
        text = HTTPStatus(status).phrase.encode()
        head = b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
        self._deaf, self._refusal = True, None
        if self.transport.is_closing():
            return
        self._unset_keepalive_if_required()
        self.transport.write(STATUS_LINE[status] + head % len(text) + text)
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.flow.resume_reading()
            self.loop.call_later(LINGER_SECONDS, self.transport.close)
        else:
            self.transport.close()


class _Joined:
    """Takes the place of a transport for one answer: its head waits for what follows it."""

    __slots__ = ("_cycle", "_head", "_transport")

    def __init__(self, cycle: Any, transport: Any) -> None:
        self._cycle = cycle
        self._transport = transport
        self._head: bytes | None = None

    def write(self, data: bytes) -> None:
        """Keep the head; write it with the next piece."""
        if self._head is None:
            self._head = data
            return
        self._cycle.transport = self._transport
        self._transport.write(self._head + data)

    def is_closing(self) -> bool:
        return bool(self._transport.is_closing())

    def close(self) -> None:
        self._transport.close()


class _Unframed:
    """Takes the place of a transport for an answer to a client of HTTP/1.0, which knows no chunks: where its
    length is not known, it ends with the connection.
    """

    __slots__ = ("_framed", "_transport")

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._framed: bool | None = None  # until the head is there

    def write(self, data: bytes) -> None:
        """The head, with or without chunks behind it, or whole chunks."""
        if self._framed is None:
            head, end, data = data.partition(b"\r\n\r\n")
            self._framed = _CHUNKED in head
            self._transport.write(head.replace(_CHUNKED, b"") + end)
        while self._framed and data:
            size, _, data = data.partition(b"\r\n")
            length = int(size, 16)
            self._transport.write(data[:length])
            data = data[length + 2 :]
        if data:
            self._transport.write(data)

    def is_closing(self) -> bool:
        return bool(self._transport.is_closing())

    def close(self) -> None:
        self._transport.close()


def _is_chunked(codings: list[bytes]) -> bool:
    """Whether the Transfer-Encoding headers name the one coding that is understood."""
    return [coding.strip().lower() for coding in codings] == [b"chunked"]


def longest_idle(connections: Iterable[DoorProtocol]) -> DoorProtocol | None:
    """Which connection is missed least: one without a request, then one whose headers are not complete; of
    several the one that is so longest. None where all are at work.
    """
    rank = {"idle": 0, "head": 1}
    idle = [c for c in connections if c.phase in rank and not c.answering]
    return min(idle, key=lambda c: (rank[c.phase], c.since), default=None)
