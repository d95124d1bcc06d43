"""Runs ASGI apps on sockets of our own, so that port 0 works, ``localhost`` means both families, and a
listener can be closed.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from bridge.errors import ConfigError
from bridge.sockets import open_listener

KEEP_ALIVE_SECONDS = 600
STOP_SECONDS = 2


class _Server(uvicorn.Server):
    """A uvicorn server among several: signals are ours."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Listener:
    """One ASGI app on one port. After :meth:`start`, ``port`` is the real one.

    :meth:`start` after :meth:`stop` takes it again.
    """

    def __init__(
        self, app: Any, host: str, port: int, certificate: Path | None = None, key: Path | None = None
    ) -> None:
        self.host = host
        self.port = port
        self._app = app
        self._tls = {"ssl_certfile": certificate, "ssl_keyfile": key} if certificate else {}
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it answers, by the numeric loopback address."""
        return f"{'https' if self._tls else 'http'}://{self.host}:{self.port}"

    async def start(self) -> None:
        """Listen. Raises ConfigError when the port is taken or may not be used."""
        sockets = _open_sockets(self.host, self.port)
        self.port = sockets[0].getsockname()[1]
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
            **self._tls,  # type: ignore[arg-type]
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=sockets))
        while not self._server.started:
            if self._task.done():
                await self._task
                raise ConfigError(f"{self.url} did not start")
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Close the port; requests under way are answered, for two seconds at most."""
        if self._server is None or self._task is None:
            return
        self._server.should_exit = True
        await self._task
        self._server = self._task = None


def _open_sockets(host: str, port: int) -> list[socket.socket]:
    first = open_listener(host, port)
    if host != "127.0.0.1":
        return [first]
    try:  # many clients say "localhost" and try ::1 first
        return [first, open_listener("::1", first.getsockname()[1])]
    except ConfigError:
        return [first]
