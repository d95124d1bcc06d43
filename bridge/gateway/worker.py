"""One worker of a gateway.

It shares nothing with the others but the listening sockets, and the portal's tokens where the settings name a
store for them. Its journal, its counts and its connections are its own.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bridge import __version__
from bridge.bhyt.failures import failed
from bridge.bhyt.loader import load_lookups
from bridge.bhyt.slice import Slice, open_slice
from bridge.bhyt.stores import open_tokens
from bridge.bhyt.tokens import TokenStore
from bridge.config import LogSettings, Settings
from bridge.errors import BridgeError, ConfigError
from bridge.gateway.door import make_door
from bridge.private_files import private_directory
from bridge.records.call_log import CallLog
from bridge.records.journal import JOURNAL_NAME, Journal, Kept
from bridge.records.metrics import Counts, written
from bridge.records.shared_counts import added_up, counted_before, leave_counts
from bridge.serving.listener import Listener
from bridge.serving.logs import start_log
from bridge.serving.memory import settle_memory
from bridge.serving.one_owner import Taken
from bridge.serving.open_files import allow_open_files
from bridge.serving.owners import own_data_dir, owner_of_data_dir
from bridge.telemetry.compose import exporting
from bridge.words import said

log = logging.getLogger(__name__)
MOST_PLACES = 256  # more than there can be workers, old and new together
EVERY = 1.0  # seconds between two looks at the supervisor, and two writings of the counts
LAST_WORD = 0.2  # seconds before the end of a stop in which requests under way are answered
FRESH_SECONDS = 1.0  # in which a program that has connected or was answered may send its (next) request
DOOR = "gateway"


class Worker:
    """An ASGI app that has nothing but a lifespan: while it lives, the worker serves the ``sockets``.

    It goes from the supervisor to the process that it is for, so it holds plain values alone.
    """

    def __init__(self, settings: Settings, sockets: list[socket.socket], supervisor: int) -> None:
        self._settings = settings
        self._sockets = sockets
        self._supervisor = supervisor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Live from one word of the server to the next."""
        if scope["type"] != "lifespan":
            return
        await receive()
        try:
            async with AsyncExitStack() as stack:
                await _Serving(self._settings, self._supervisor).begin(stack, self._sockets)
                settle_memory()
                await send({"type": "lifespan.startup.complete"})
                await receive()
                log.info("stopping")
        except BridgeError as error:
            log.critical("%s", error)
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.shutdown.complete"})


class _Serving:
    """A worker at work."""

    journal: Journal
    calls: CallLog
    tokens: TokenStore
    listener: Listener
    directory: Path

    def __init__(self, settings: Settings, supervisor: int) -> None:
        self._settings = settings
        self._supervisor = supervisor
        self._since = datetime.now(UTC)
        self._stopping = False

    async def begin(self, stack: AsyncExitStack, sockets: list[socket.socket]) -> None:
        """Serve until the stack is unwound. Raises ConfigError, TableError."""
        settings = self._settings
        self.directory = stack.enter_context(_own_place(settings.data_dir))
        start_log(_log_of(settings.log, self.directory), self.directory)
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        allow_open_files()
        kept = settings.journal
        self.journal = Journal(
            self.directory / JOURNAL_NAME, Kept(kept.kept_calls, kept.kept_changes, kept.kept_receipts)
        )
        stack.callback(self.journal.close)
        self.calls = CallLog(self.journal)
        self.calls.carry_on(counted_before(self.directory))
        family = load_lookups()
        if family is None:
            raise ConfigError(said("the mapping table has no bhyt.yaml"))
        known = partial(failed, family)
        stack.enter_context(exporting(self.calls, settings.telemetry, known, self.directory.name))
        await stack.enter_async_context(self.calls.batching())
        self.tokens = await stack.enter_async_context(open_tokens(settings.bhyt))
        portal = await stack.enter_async_context(open_slice(settings, family, self.calls, self.tokens))
        await self._listen(stack, portal, sockets)
        looking = asyncio.create_task(self._look_after())
        stack.callback(looking.cancel)
        log.info("version %s, %s serves %s", __version__, self.directory.name, self.listener.url)

    async def _listen(self, stack: AsyncExitStack, portal: Slice, sockets: list[socket.socket]) -> None:
        gateway = self._settings.bhyt.gateway
        app = make_door(portal, self._settings, {"/healthz": self._health, "/metrics": self._metrics})
        port = sockets[0].getsockname()[1]
        files = (gateway.certificate_file, gateway.key_file)
        self.listener = Listener(
            app, gateway.host, port, *files, stop_seconds=gateway.stop_timeout, fresh_seconds=FRESH_SECONDS
        )
        await self.listener.start(sockets)
        stack.push_async_callback(self._stop, portal)

    async def _stop(self, portal: Slice) -> None:
        self._stopping = True
        last = max(0.0, self._settings.bhyt.gateway.stop_timeout - LAST_WORD)
        timer = asyncio.get_running_loop().call_later(last, portal.cut_short)
        await self.listener.stop()
        timer.cancel()
        leave_counts(self.directory, self._counts())

    async def _look_after(self) -> None:
        """Leave the counts for the others; end when nobody is there any more who would."""
        while True:
            leave_counts(self.directory, self._counts())
            if os.getppid() != self._supervisor:
                log.error("the supervisor has gone: the worker ends, too")
                signal.raise_signal(signal.SIGTERM)
                return
            await asyncio.sleep(EVERY)

    # --- what monitoring asks -------------------------------------------------------------------------------

    def _counts(self) -> Counts:
        return Counts.of(
            self.calls,
            self.journal,
            pending=None,
            session_open=None,
            listening={DOOR: self.listener.is_open},
            rooms={},
            started=self._since.timestamp(),
            table="",
        )

    async def _metrics(self, request: Request) -> Response:
        others = [
            place for place in self.directory.parent.glob(_name("*")) if place.name != self.directory.name
        ]
        counts = added_up(self._counts(), others)
        accept = request.headers.get("accept", "")
        text, content_type = await asyncio.to_thread(written, counts, accept, False)
        return Response(text, media_type=content_type)

    async def _health(self, request: Request) -> Response:
        report = self._report()
        return JSONResponse(report, 503 if report["status"] == "unavailable" else 200)

    def _report(self) -> dict[str, Any]:
        """``ok``; ``degraded`` while requests are served, but the journal or the token store fails;
        ``unavailable`` when they are not.
        """
        journal, reasons = self.journal.fault, []
        if self._stopping:
            reasons.append("the worker is stopping")
        faults = [f"the journal fails: {journal}"] if journal else []
        faults += [f"the token store fails: {self.tokens.fault}"] if self.tokens.fault else []
        return {
            "status": "unavailable" if reasons else "degraded" if faults else "ok",
            "reasons": [*reasons, *faults],
            "version": __version__,
            "worker": self.directory.name,
            "pid": os.getpid(),
            "since": self._since.isoformat(timespec="seconds"),
            "in_flight": self.calls.running,
            "tokens": "shared" if self._settings.bhyt.gateway.store.url else "memory",
        }


def _name(number: object) -> str:
    return f"worker-{number}"


@contextmanager
def _own_place(data_dir: Path) -> Iterator[Path]:
    """The first place that no other worker has: that of one that was lost, where there is one."""
    for number in range(1, MOST_PLACES):
        place = data_dir / _name(number)
        private_directory(place)
        if owner_of_data_dir(place) is not None:
            continue
        with suppress(Taken), own_data_dir(place):
            yield place
            return
    raise ConfigError(said("{data_dir}: there is no place for another worker", data_dir=data_dir))


def _log_of(settings: LogSettings, place: Path) -> LogSettings:
    """A file of the worker's own: several processes cannot begin one file anew."""
    if settings.file is None:
        return settings
    file = settings.file.with_name(f"{settings.file.stem}-{place.name}{settings.file.suffix}")
    return settings.model_copy(update={"file": file})
