"""A bridge that answers as a test wishes, however wrong: asyncio in its own thread, on a loopback port."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from bridge.channel.frame import EVICTION_FRAME, Answer, Request, decode_request, encode_reply
from bridge.channel.handshake import (
    NO_TOKEN,
    Hello,
    Welcome,
    bridge_proof,
    decode_proof,
    library_proof,
)
from tests.support.greeting import read_frame

CLOSE = "close"
SILENCE = "silence"
EVICT = "evict"
NONCE = bytes(range(32))
Behaviour = Callable[[Request], "bytes | str"]


def welcome(hello: bytes, token: bytes) -> bytes | str:
    return Welcome(NONCE, bridge_proof(token, hello, NONCE)).encode()


def success(request: Request) -> bytes:
    return encode_reply(Answer(request.number, 0))


@dataclass
class FakeBridge:
    """``behave`` makes the reply: bytes to send as they are, CLOSE, SILENCE or EVICT. It runs in another
    thread. ``welcome`` makes the answer to a hello in the same way, from its frame and ``token``.
    """

    behave: Behaviour = success
    port: int = 0
    token: bytes = NO_TOKEN
    welcome: Callable[[bytes, bytes], "bytes | str"] = welcome
    hellos: list[Hello] = field(default_factory=list)
    proofs: list[bool] = field(default_factory=list)
    received: bytes = b""
    seen: list[tuple[int, Request]] = field(default_factory=list)
    opened: int = 0
    closed: int = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[Request]:
        return [request for _, request in self.seen]

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self) -> None:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(ready)))
        self._thread.start()
        assert ready.wait(5)

    def start_again(self) -> None:
        """After stop(): on the same port. Nothing where it still runs."""
        if self._loop.is_closed():
            self._start()

    def stop(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(5)
        assert not self._thread.is_alive()

    def send_unasked(self, data: bytes) -> None:
        """Send to every open connection something that nobody asked for."""
        asyncio.run_coroutine_threadsafe(self._broadcast(data), self._loop).result(5)

    async def _broadcast(self, data: bytes) -> None:
        for writer in self._writers:
            writer.write(data)
            await writer.drain()

    async def _run(self, ready: threading.Event) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._end.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        task = asyncio.create_task(self._serve(self.opened, reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if await self._greet(reader, writer):
                while await self._answer(number, reader, writer):
                    pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            self.closed += 1
            writer.close()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the caller goes on to make calls."""
        hello = await self._receive(reader)
        self.hellos.append(Hello.decode(hello))
        answer = self.welcome(hello, self.token)
        if answer == CLOSE:
            return False
        if isinstance(answer, bytes):
            writer.write(answer)
        proof = decode_proof(await self._receive(reader))
        self.proofs.append(proof == library_proof(self.token, hello, NONCE))
        return True

    async def _receive(self, reader: asyncio.StreamReader) -> bytes:
        frame = await read_frame(reader)
        self.received += frame
        return frame

    async def _answer(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        request = decode_request(await self._receive(reader))
        self.seen.append((number, request))
        reply = await asyncio.to_thread(self.behave, request)
        if reply == EVICT:
            writer.write(EVICTION_FRAME)
        if reply in (CLOSE, EVICT):
            return False
        if isinstance(reply, bytes):
            writer.write(reply)
            await writer.drain()
        return True
