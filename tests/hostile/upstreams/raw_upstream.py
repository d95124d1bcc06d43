"""An upstream that puts any bytes on the wire, and a client of it."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.config import UpstreamSettings
from bridge.errors import UpstreamError
from bridge.upstream.client import HttpUpstream
from tests.hostile.upstreams.answers import answer

Tls = tuple[Path, ssl.SSLContext]  # the authority's file, and how the server shows itself


@dataclass
class Upstream:
    """Answers ``/a`` with the bytes it is given, and any other path truthfully with that path.

    ``then``: what becomes of the connection after ``/a``. ``asked``: the paths, with the number of the
    connection on which each came.
    """

    raw: bytes = b""
    then: str = "keep"
    early: bool = False
    pace: int = 0  # bytes at a time, 0: all at once
    asked: list[tuple[str, int]] = field(default_factory=list)
    connections: int = 0
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)  # the first request is there
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        self.writers.append(writer)
        self.connected.set()
        while True:
            try:
                request = await reader.readuntil(b"\r\n\r\n")
                found = re.search(rb"content-length: (\d+)", request, re.IGNORECASE)
                if not self.early:
                    await reader.readexactly(int(found[1]) if found else 0)
            except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError, ssl.SSLError):
                return
            path = request.split(b" ")[1].decode()
            self.asked.append((path, number))
            self.reached.set()
            if path != "/a":
                writer.write(answer(json.dumps({"statusCode": 0, "whose": path}).encode()))
                continue
            await self._say(writer)
            if self.then == "close":
                return
            if self.then == "reset":
                writer.transport.abort()
                return

    async def _say(self, writer: asyncio.StreamWriter) -> None:
        step = self.pace or len(self.raw) or 1
        for start in range(0, len(self.raw), step):
            writer.write(self.raw[start : start + step])
            await writer.drain()
            if self.pace:
                await asyncio.sleep(0)


@asynccontextmanager
async def asking(
    upstream: Upstream, tls: Tls | None = None, read_timeout: float = 5.0
) -> AsyncIterator[HttpUpstream]:
    """A client of the upstream."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await upstream.serve(reader, writer)
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls[1] if tls else None)
    port = server.sockets[0].getsockname()[1]
    settings = UpstreamSettings(
        url=f"http{'s' if tls else ''}://127.0.0.1:{port}",
        ca_file=tls[0] if tls else None,
        read_timeout=read_timeout,
    )
    client = HttpUpstream("cloud", settings)
    try:
        yield client
    finally:
        await client.aclose()
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def outcome(client: HttpUpstream, body: dict[str, Any] | None = None) -> str | UpstreamError:
    try:
        return str((await client.request("POST", "/a", body or {"who": "me"})).get("whose"))
    except UpstreamError as error:
        return error
