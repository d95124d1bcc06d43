"""Runs ASGI apps on sockets of our own, so that port 0 works, ``localhost`` means both families, and a
listener can be closed.
"""

from __future__ import annotations

import asyncio
import logging
import math
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from bridge.errors import ConfigError
from bridge.serving.acceptor import Acceptor
from bridge.serving.http_protocol import DoorProtocol
from bridge.serving.key_pair import check_key_pair
from bridge.serving.sockets import open_listeners, url_of
from bridge.words import said

log = logging.getLogger(__name__)
KEEP_ALIVE_SECONDS = 600
LOOK_SECONDS = 0.02
STOP_SECONDS = 1.5  # for requests under way; what comes after them must fit into two
FLUSH_ROUNDS = 20  # of a hundredth of a second
TICKS_PER_LOOK = 10  # uvicorn ticks every tenth of a second


def _is_no_cut(record: logging.LogRecord) -> bool:
    """Whether a log record tells anything but that a request was cut off by the stop, which we log."""
    return record.exc_info is None or not isinstance(record.exc_info[1], asyncio.CancelledError)


logging.getLogger("uvicorn.error").addFilter(_is_no_cut)


class _Server(uvicorn.Server):
    """A uvicorn server among several: signals are ours, so are accepting and the bounds in time, and its end
    does not depend on its clients.

    uvicorn's own end waits until every connection has ended. One over TLS that is closed here ends when the
    client says so, too, which one that keeps it for its next request does not.
    """

    servers: list[Any]
    stop_seconds = STOP_SECONDS
    fresh_seconds = 0.0

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self.lifespan.startup()
        self.servers = [Acceptor(opened, self._protocol, self.config.ssl) for opened in sockets or []]
        self.started = True

    async def on_tick(self, counter: int) -> bool:
        """What is due now and then. Out: whether to end."""
        if counter % TICKS_PER_LOOK == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, DoorProtocol):
                    connection.look_after(now)
        return await super().on_tick(counter)

    def _protocol(self) -> DoorProtocol:
        return DoorProtocol(self.config, self.server_state, self.lifespan.state)

    def refuse(self) -> None:
        """Accept no new connection from now on."""
        for server in self.servers:
            server.close()
            if not self.fresh_seconds:
                server.end_opening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is idle, let running requests end within ``stop_seconds``, cancel the rest."""
        self.refuse()
        await self._take_last_requests()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if running := set(self.server_state.tasks):
            _, late = await asyncio.wait(running, timeout=self.stop_seconds)
            if late:
                log.warning("%d requests were under way for too long: cut off by the stop", len(late))
            for task in late:
                task.cancel()
        await self._flush()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for server in self.servers:
            await server.wait_closed()

    async def _take_last_requests(self) -> None:
        """Who has connected, or was answered, within ``fresh_seconds`` may be about to send a request: it is
        taken, and is the last of its connection.
        """
        for connection in list(self.server_state.connections):
            if isinstance(connection, DoorProtocol):
                connection.next_is_last()
        for _ in range(math.ceil(self.fresh_seconds / LOOK_SECONDS)):
            now = asyncio.get_running_loop().time()
            waiting = (each for each in self.server_state.connections if isinstance(each, DoorProtocol))
            opening = any(server.is_opening for server in self.servers)
            if not opening and not any(each.is_fresh(now, self.fresh_seconds) for each in waiting):
                break
            await asyncio.sleep(LOOK_SECONDS)
            for each in list(self.server_state.connections):
                if isinstance(each, DoorProtocol):
                    each.next_is_last()  # some have only now been opened
        for server in self.servers:
            server.end_opening()

    async def _flush(self) -> None:
        """Give the last replies time to leave this process."""
        for _ in range(FLUSH_ROUNDS):
            if not any(each.transport.get_write_buffer_size() for each in self.server_state.connections):
                return
            await asyncio.sleep(0.01)


class Listener:
    """One ASGI app on one port. After :meth:`start`, ``port`` is the real one. ``dates``: whether replies get
    a Date header; a simulated service gives its own. ``stop_seconds``: what requests under way have at the
    end. ``fresh_seconds``: how long a connection has to be idle then to be closed; for an address that other
    processes go on serving.

    :meth:`start` after :meth:`stop` takes it again.
    """

    def __init__(
        self,
        app: Any,
        host: str,
        port: int,
        certificate: Path | None = None,
        key: Path | None = None,
        dates: bool = True,
        stop_seconds: float = STOP_SECONDS,
        fresh_seconds: float = 0.0,
    ) -> None:
        self.host = host
        self.port = port
        self._app = app
        self._dates = dates
        self._stop_seconds = stop_seconds
        self._fresh_seconds = fresh_seconds
        self._files = (certificate, key) if certificate and key else None
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it answers, by the numeric loopback address."""
        return url_of("https" if self._files else "http", self.host, self.port)

    @property
    def is_open(self) -> bool:
        return self._task is not None and not self._task.done()

    async def start(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, on ``sockets`` where several processes share them. Raises ConfigError when the port is
        taken or may not be used, or the certificate and its key cannot be.
        """
        if self._files:
            check_key_pair(*self._files)
        sockets = sockets or open_listeners(self.host, self.port)
        self.port = sockets[0].getsockname()[1]
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            http=DoorProtocol,
            server_header=False,
            proxy_headers=False,  # any program could say that it calls from elsewhere
            date_header=self._dates,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            ssl_certfile=self._files[0] if self._files else None,
            ssl_keyfile=self._files[1] if self._files else None,
        )
        config.load()
        if config.ssl is not None:
            config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
        self._server = _Server(config)
        self._server.stop_seconds = self._stop_seconds
        self._server.fresh_seconds = self._fresh_seconds
        self._task = asyncio.create_task(self._server.serve(sockets=sockets))
        while not self._server.started:
            if self._task.done():
                await self._task
                raise ConfigError(said("{url} did not start", url=self.url))
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Refuse new connections at once and close idle ones; requests under way are answered, for
        ``stop_seconds`` at most. A stop that is asked for twice ends once.
        """
        server, task = self._server, self._task
        if server is None or task is None:
            return
        self._server = self._task = None
        server.refuse()
        server.should_exit = True  # seen within 0.1 s; until then a request that has arrived is taken
        await task
