"""The channel: the loopback door of the native library (native/PROTOCOL.md)."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket

from bridge.channel.dispatch import CallEngine, Dispatcher
from bridge.channel.frame import HEADER_BYTES, FrameError, read_header
from bridge.channel.tokenfile import load_token
from bridge.config import ChannelSettings
from bridge.sockets import open_listener

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 256
FRAME_SECONDS = 10.0
STOP_SECONDS = 1.5  # for calls under way; what comes after them must fit into two
ARRIVING_SECONDS = 0.05


class ChannelServer:
    """Serves call frames on ``settings.host``:``settings.port``; each connection in order, many at once.

    A connection may stay idle for as long as it likes: a hospital program makes no call at night, and TCP
    tells when it ends. A frame that has begun must be whole within ``frame_seconds``. A call is run to its
    end even if its caller goes away.
    """

    def __init__(
        self,
        engine: CallEngine,
        settings: ChannelSettings,
        *,
        most_connections: int = MOST_CONNECTIONS,
        frame_seconds: float = FRAME_SECONDS,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._most_connections = most_connections
        self._frame_seconds = frame_seconds
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._busy: set[asyncio.Task[None]] = set()

    async def start(self) -> tuple[str, int]:
        """Listen. Out: host and port (the real one where 0 was set).

        Raises ConfigError when the address or the token file cannot be used.
        """
        token = load_token(self._settings.token_file) if self._settings.token_file else None
        self._dispatcher = Dispatcher(self._engine, token)
        host, port = self._settings.host, self._settings.port
        if not _is_loopback(host):
            log.warning("the channel listens on %s: other machines can use the cards of this one", host)
        self._server = await asyncio.start_server(self._accept, sock=open_listener(host, port))
        bound = self._server.sockets[0].getsockname()
        return str(bound[0]), int(bound[1])

    async def stop(self) -> None:
        """Accept nothing more, close idle connections, give running calls up to 1.5 s, then cancel them.

        A call whose bytes are here already counts as running.
        """
        if self._server is None:
            return
        self._server.close()
        await asyncio.sleep(ARRIVING_SECONDS)
        for task in self._connections - self._busy:
            task.cancel()
        if self._busy:
            await asyncio.wait(self._busy, timeout=STOP_SECONDS)
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._server = None

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._server is None or len(self._connections) >= self._most_connections:
            log.error("the channel has %d connections already; one more was closed", len(self._connections))
            writer.close()
            return
        self._connections.add(task)
        try:
            _send_at_once(writer)
            await self._serve(reader, writer, task)
        except TimeoutError:
            log.warning("channel connection closed: a frame did not end within %g s", self._frame_seconds)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the caller has gone; its call, if any, is over
        except FrameError as error:
            log.warning("channel connection closed: %s", error)
        except asyncio.CancelledError:
            if self._server is not None and self._server.is_serving():
                raise
        finally:
            self._connections.discard(task)
            self._busy.discard(task)
            writer.close()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, task: asyncio.Task[None]
    ) -> None:
        while (frame := await self._read(reader)) is not None:
            self._busy.add(task)
            reply = await self._dispatcher.answer(frame)
            writer.write(reply.frame)
            async with asyncio.timeout(self._frame_seconds):
                await writer.drain()
            self._busy.discard(task)
            if reply.close or self._server is None or not self._server.is_serving():
                return

    async def _read(self, reader: asyncio.StreamReader) -> bytes | None:
        """The next whole frame, None at the end of the connection. Raises FrameError, TimeoutError."""
        first = await reader.read(1)
        if not first:
            return None
        async with asyncio.timeout(self._frame_seconds):
            header = first + await reader.readexactly(HEADER_BYTES - 1)
            return header + await reader.readexactly(read_header(header).length)


def _send_at_once(writer: asyncio.StreamWriter) -> None:
    # asyncio sets this only on sockets whose protocol is named, which those of a server need not be.
    accepted = writer.get_extra_info("socket")
    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
