"""Starts the workers of a gateway and sees to it that they live: uvicorn's own supervisor.

SIGTERM ends them, SIGHUP replaces them one after the other, SIGTTIN and SIGTTOU start one more and end one.
"""

from __future__ import annotations

import inspect
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess, multiprocess

from bridge.config import GatewaySettings, Settings
from bridge.errors import ConfigError
from bridge.gateway.worker import Worker
from bridge.private_files import check_secret_file, private_directory
from bridge.records.shared_counts import FILE
from bridge.serving.key_pair import check_key_pair
from bridge.serving.owners import own_data_dir
from bridge.serving.sockets import open_listeners, url_of
from bridge.words import said

LOOK_SECONDS = 0.05
# Until a worker that is silent is ended and replaced. One that starts is silent, on a busy machine for long.
SILENT_SECONDS = 60
# Of a connection, beyond what is under way in the process: files wait at their senders.
RECEIVE_BYTES = 65_536
Ready = Callable[[dict[str, Any]], None]


def serve_workers(settings: Settings, ready: Ready) -> None:
    """Serve until SIGTERM or Ctrl-C. ``ready`` is told once, when all workers listen: where, how many.

    Raises ConfigError; Taken where another process has the data directory.
    """
    gateway = settings.bhyt.gateway
    _check_certificate(gateway)
    private_directory(settings.data_dir)
    with own_data_dir(settings.data_dir):
        for file in settings.data_dir.glob(f"worker-*/{FILE}"):
            file.unlink()  # counted by a run before this one
        sockets = open_listeners(gateway.host, gateway.port)
        for opened in sockets:  # what is accepted there inherits it
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        port = sockets[0].getsockname()[1]
        scheme = "https" if gateway.certificate_file else "http"
        line = {
            "ready": True,
            "bhyt": url_of(scheme, gateway.host, port),
            "workers": gateway.workers,
            "portal": settings.bhyt.url,
        }
        told = _Told(settings, lambda: ready(line))
        threading.Thread(target=told.wait, daemon=True).start()
        _supervisor(settings, sockets).run()
        told.give_up()
        if not told.done:
            raise ConfigError(said("the workers did not start; their lines in the log say why"))


def _supervisor(settings: Settings, sockets: list[Any]) -> Multiprocess:
    """uvicorn's, for workers that listen themselves: it gets no sockets of its own."""
    config = uvicorn.Config(
        Worker(settings, sockets, os.getpid()),
        workers=settings.bhyt.gateway.workers,
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=False,
    )
    config.timeout_worker_healthcheck = SILENT_SECONDS  # of replacements; not an argument everywhere
    multiprocess.Process = _Process  # type: ignore[misc]  # of this process alone
    make: Any = Multiprocess
    if "target" in inspect.signature(Multiprocess.__init__).parameters:  # until uvicorn made it itself
        return make(config, target=uvicorn.Server(config).run, sockets=[])  # type: ignore[no-any-return]
    return make(config, sockets=[])  # type: ignore[no-any-return]


class _Process(multiprocess.Process):
    """A worker as its supervisor sees it: asked for a sign of life, and looked at again later.

    uvicorn's own stands and waits for the answer. A worker that dies meanwhile would not be noticed, nor a
    signal to the supervisor.
    """

    _asked: float | None = None

    def is_alive(self, timeout: float = SILENT_SECONDS) -> bool:
        """Whether it runs and was not silent for longer than a worker may be."""
        if not self.process.is_alive():
            return False
        try:
            if self._asked is None:
                self.parent_conn.send(b"ping")
                self._asked = time.monotonic()
            if self.parent_conn.poll(0):
                self.parent_conn.recv()
                self._asked = None
        except (OSError, EOFError):
            return False
        return self._asked is None or time.monotonic() - self._asked < SILENT_SECONDS


class _Told:
    """Tells once that all workers listen: each has left its counts by then."""

    def __init__(self, settings: Settings, tell: Callable[[], None]) -> None:
        self.done = False
        self._settings = settings
        self._tell = tell
        self._over = False

    def wait(self) -> None:
        """Wait for all of them."""
        wanted = self._settings.bhyt.gateway.workers
        while not self._over:
            if len(list(self._settings.data_dir.glob(f"worker-*/{FILE}"))) >= wanted:
                self.done = True
                self._tell()
                return
            time.sleep(LOOK_SECONDS)

    def give_up(self) -> None:
        """Nobody starts any more."""
        self._over = True


def _check_certificate(gateway: GatewaySettings) -> None:
    """Raises ConfigError here, once, for what every worker would stumble over."""
    if gateway.certificate_file is None or gateway.key_file is None:
        return
    check_secret_file(gateway.key_file, "bhyt.gateway.key_file")
    check_key_pair(gateway.certificate_file, gateway.key_file)
