"""Passes bytes on between an address with TLS and one without, in a thread of its own."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"
BROKEN = (ConnectionError, ssl.SSLError, TimeoutError)


@dataclass
class Relay:
    """One listener in front of ``target`` (a port of this machine). ``taken``, ``given``: the TLS of those
    that come in, and of the target. ``protocols``: what was agreed with each that came in (ALPN).
    """

    target: int
    taken: ssl.SSLContext | None = None
    given: ssl.SSLContext | None = None
    port: int = 0
    protocols: list[str | None] = field(default_factory=list)

    async def start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._pass_on, LOOPBACK, 0, ssl=self.taken)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        encrypted = writer.get_extra_info("ssl_object")
        self.protocols.append(encrypted.selected_alpn_protocol() if encrypted else None)
        ahead, back = await asyncio.open_connection(LOOPBACK, self.target, ssl=self.given)
        try:
            await asyncio.gather(_copy(reader, back), _copy(ahead, writer))
        finally:
            for each in (back, writer):
                each.transport.abort()
                with suppress(*BROKEN):
                    await each.wait_closed()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(*BROKEN):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    writer.close()


@contextmanager
def relaying(*relays: Relay) -> Iterator[None]:
    """The relays accept, and know their ports."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="relays")
    thread.start()

    async def start() -> list[asyncio.Server]:
        return [await relay.start() for relay in relays]

    async def stop(servers: list[asyncio.Server]) -> None:
        for server in servers:
            server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    servers = asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(stop(servers), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
