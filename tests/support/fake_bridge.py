"""A bridge that answers as a test wishes, however wrong: asyncio in its own thread, on a loopback port."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from bridge.channel.frame import HEADER_BYTES, Answer, Request, decode_request, encode_reply, read_header

CLOSE = "close"
SILENCE = "silence"
Behaviour = Callable[[Request], "bytes | str"]


def success(request: Request) -> bytes:
    return encode_reply(Answer(request.number, 0))


@dataclass
class FakeBridge:
    """``behave`` makes the reply: bytes to send as they are, CLOSE or SILENCE. It runs in another thread."""

    behave: Behaviour = success
    port: int = 0
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
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(ready)))
        self._thread.start()
        assert ready.wait(5)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

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
            while await self._answer(number, reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            self.closed += 1
            writer.close()

    async def _answer(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        header = await reader.readexactly(HEADER_BYTES)
        request = decode_request(header + await reader.readexactly(read_header(header).length))
        self.seen.append((number, request))
        reply = await asyncio.to_thread(self.behave, request)
        if reply == CLOSE:
            return False
        if isinstance(reply, bytes):
            writer.write(reply)
            await writer.drain()
        return True
