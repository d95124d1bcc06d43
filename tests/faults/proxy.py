"""A proxy between the bridge and one upstream, which damages connections, requests and replies as tests want.

It ends TLS with the simulator's own certificate, so that it knows where a request begins and a reply ends and
can break either at any byte. What the upstream was really given, and what it answered, stands in ``seen``.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from bridge.serving.sockets import open_listener
from tests.faults.messages import Message, read_body, read_head

LOOPBACK = "127.0.0.1"
# What the door does with connections. "mute" accepts and stays silent, also to the TLS handshake; "full" does
# not even accept: connecting does not end.
Way = Literal["open", "refuse", "reset", "mute", "full", "plain"]
Point = Literal["request", "reply"]
Act = Literal["reset", "close", "silence", "half", "half_reset", "half_close", "trickle", "answer", "hold"]
# What becomes of a request that met trouble: it is passed on after all, it was answered and the connection
# waits for the next one, or the connection ends.
After = Literal["pass", "next", "end"]
TRICKLE_SECONDS = 0.15
PASSING = (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, TimeoutError, BrokenPipeError)


@dataclass
class Trouble:
    """What happens to a request: before it is passed on (``request``), or once the upstream's whole reply is
    here (``reply``): then the upstream has worked on it.

    ``answer`` is given in place of the reply, made from the true one (an empty message at ``request``).
    ``path`` limits it to paths that end so; ``times``: so many requests (None: all). ``hold`` and ``half``
    (of the reply) wait at the gate. ``repeat`` is what meets a request whose signature came before.
    """

    point: Point
    act: Act
    answer: Callable[[Message], Iterable[bytes]] | None = None
    path: str = ""
    times: int | None = None
    repeat: Trouble | None = None

    def meets(self, path: str) -> bool:
        return path.endswith(self.path) and self.times != 0


@dataclass
class Seen:
    """One request. ``status``: the statusCode (RtnCode) that the upstream answered, None where it was not
    passed on or had none; ``names``: those of its reply, with the kinds of their values; ``delivered``: the
    reply went to the bridge undamaged.
    """

    path: str
    random: str
    passed_on: bool = False
    status: object = None
    names: frozenset[tuple[str, str]] = frozenset()
    delivered: bool = False
    flooded: int = 0


@dataclass
class Gate:
    """Where held requests wait."""

    arrived: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> None:
        self.arrived.release()
        await self.opened.wait()

    async def everybody(self, wanted: int) -> None:
        """Wait until so many have come."""
        for _ in range(wanted):
            await self.arrived.acquire()


class FaultProxy:
    """Listens on a port of its own (``port``, kept over all ways) and passes on to ``target``.

    ``certificate``: how it shows itself; ``trust``: TLS towards the target, None for plain HTTP.
    """

    def __init__(self, target: int, certificate: ssl.SSLContext, trust: ssl.SSLContext | None = None) -> None:
        self._target = target
        self._certificate = certificate
        self._trust = trust
        self._way: Way = "open"
        self._server: asyncio.Server | None = None
        self._filling: list[socket.socket] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.connections = 0  # how many were accepted
        self.gate = Gate()
        self.trouble: Trouble | None = None
        self.watch: Callable[[Seen], None] | None = None  # looks at each request before it is passed on
        self.answered: Callable[[Seen], None] | None = None  # ... and when its reply is here
        self.seen: list[Seen] = []

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def open_connections(self) -> int:
        """How many the bridge keeps."""
        return len(self._writers)

    async def start(self) -> None:
        await self._listen()

    async def stop(self) -> None:
        await self._deafen()

    async def go(self, way: Way, certificate: ssl.SSLContext | None = None) -> None:
        """Change the way; connections that there are break off. ``certificate``: shown from now on."""
        if certificate is not None:
            self._certificate = certificate
        elif way == self._way:
            return
        await self._deafen()
        self._way = way
        await self._listen()

    async def clear(self) -> None:
        """No trouble any more; what is held goes on."""
        self.trouble = self.watch = self.answered = None
        self.gate.opened.set()
        self.gate = Gate()
        await self.go("open")

    async def forget(self) -> None:
        """No trouble any more; connections break off, and what is held never arrives."""
        self.trouble = None
        await self._deafen()
        self.gate = Gate()
        self._way = "open"
        await self._listen()

    def break_off(self) -> None:
        """Break all connections off, as a restarted server does."""
        for writer in list(self._writers):
            _reset(writer)

    # --- inside ---------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        if self._way == "refuse":
            self._filling = [_reserve(self.port)]
            return
        listening = open_listener(LOOPBACK, self.port)
        self.port = listening.getsockname()[1]
        if self._way == "full":
            listening.listen(0)
            self._filling = [listening, *(_knock(self.port) for _ in range(3))]
            return
        tls = self._certificate if self._way == "open" else None
        self._server = await asyncio.start_server(self._accept, sock=listening, ssl=tls)

    async def _deafen(self) -> None:
        for filling in self._filling:
            filling.close()
        self._filling = []
        if self._server is not None:
            self._server.close()
            self._server = None
        self.break_off()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connections += 1
        self._writers.add(writer)
        self._tasks.add(task)
        try:
            if self._way == "reset":
                _reset(writer)
            elif self._way == "mute":
                await asyncio.Event().wait()
            elif self._way == "plain":
                writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            else:
                await self._serve(reader, writer)
        except PASSING:
            pass
        except asyncio.CancelledError:
            pass
        finally:
            self._writers.discard(writer)
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        try:
            while True:
                head = await read_head(reader)
                request = Message(head, await read_body(reader, head))
                path = request.start[1].partition("?")[0]
                random = request.field("clientRandom") or request.field("sClientrandom")
                seen = Seen(path, str(random or ""))
                self.seen.append(seen)
                if self.watch is not None:
                    self.watch(seen)
                trouble = self._take(seen)
                if trouble is not None and trouble.point == "request":
                    after = await self._hurt(trouble, Message(b"", b""), writer, seen)
                    if after == "end":
                        return
                    if after == "next":
                        continue
                if upstream is None:
                    upstream = await asyncio.open_connection(LOOPBACK, self._target, ssl=self._trust)
                reply = await self._pass_on(request, upstream, seen)
                if self.answered is not None:
                    self.answered(seen)
                if trouble is not None and trouble.point == "reply":
                    after = await self._hurt(trouble, reply, writer, seen)
                    if after == "end":
                        return
                    if after == "next":
                        continue
                writer.write(reply.whole)
                await writer.drain()
                seen.delivered = True
        finally:
            if upstream is not None:
                upstream[1].close()

    def _take(self, request: Seen) -> Trouble | None:
        trouble = self.trouble
        if trouble is not None and trouble.repeat is not None and self._came_before(request):
            trouble = trouble.repeat
        if trouble is None or not trouble.meets(request.path):
            return None
        if trouble.times is not None:
            trouble.times -= 1
        return trouble

    def _came_before(self, request: Seen) -> bool:
        return any(seen is not request and seen.random == request.random for seen in self.seen)

    async def _pass_on(
        self, request: Message, upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter], seen: Seen
    ) -> Message:
        reader, writer = upstream
        writer.write(request.whole)
        await writer.drain()
        seen.passed_on = True
        head = await read_head(reader)
        reply = Message(head, await read_body(reader, head))
        codes = (reply.field(name) for name in ("statusCode", "RtnCode", "rtnCode"))
        seen.status = next((code for code in codes if code is not None), None)
        seen.names = reply.names
        return reply

    async def _hurt(
        self, trouble: Trouble, reply: Message, writer: asyncio.StreamWriter, seen: Seen
    ) -> After:
        """Carry the trouble out."""
        half = reply.whole[: len(reply.head) + len(reply.body) // 2]
        match trouble.act:
            case "hold":
                await self.gate.wait()
                return "pass"
            case "reset":
                _reset(writer)
            case "close":
                writer.close()
            case "half_reset":
                writer.write(half)
                await writer.drain()
                await asyncio.sleep(0.02)  # a reset overtakes what has not been read yet
                _reset(writer)
            case "half_close":
                writer.write(half)
                await writer.drain()
            case "half":
                writer.write(half)
                await writer.drain()
                await self.gate.wait()
            case "silence":
                await asyncio.Event().wait()
            case "trickle":
                for position in range(len(reply.whole)):
                    writer.write(reply.whole[position : position + 1])
                    await writer.drain()
                    await asyncio.sleep(TRICKLE_SECONDS)
            case "answer":
                assert trouble.answer is not None
                for piece in trouble.answer(reply):
                    writer.write(piece)
                    await writer.drain()
                    seen.flooded += len(piece)
                return "next"
        return "end"


def _reset(writer: asyncio.StreamWriter) -> None:
    """Break the connection off by RST."""
    plain = writer.get_extra_info("socket")
    if plain is not None:
        with suppress(OSError):
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _reserve(port: int) -> socket.socket:
    """A port that nobody listens on and nobody else gets."""
    reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind((LOOPBACK, port))
    return reserved


def _knock(port: int) -> socket.socket:
    """One connection that waits to be accepted for good."""
    knocking = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    knocking.setblocking(False)
    with suppress(BlockingIOError):
        knocking.connect((LOOPBACK, port))
    return knocking
