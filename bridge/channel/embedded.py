"""The bridge inside the host program's own process: one engine in a background thread, asked by any thread.

Used by the embedded native library (native/embed). Nothing here raises to the caller or prints: a call that
cannot be answered gives None, from which the library makes the row's failure code; the reason is in
``cshis-bridge-embedded.log`` in the data directory, unless the host program has set up logging itself.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import TracebackType

from bridge.channel.dispatch import HOST, Dispatcher
from bridge.config import chosen_data_dir, load_settings
from bridge.engine.face import CallEngine
from bridge.errors import ConfigError
from bridge.private_files import make_private_folder
from bridge.serving.log_file import PrivateLogFile
from bridge.serving.log_format import TextFormatter

log = logging.getLogger(__name__)

LOG_NAME = "cshis-bridge-embedded.log"
MOST_LOG_BYTES = 1_000_000

OpenEngine = Callable[[], AbstractAsyncContextManager[CallEngine]]


Running = tuple[asyncio.AbstractEventLoop, Dispatcher]
Ready = concurrent.futures.Future[Running]


class EmbeddedBridge:
    """Owns the background thread. It enters ``open_engine`` at the first call, and again after a failure."""

    def __init__(self, open_engine: OpenEngine) -> None:
        self._open_engine = open_engine
        self._looking = threading.Lock()
        self._ready: Ready | None = None

    def answer(self, frame: bytes, seconds: float) -> bytes | None:
        """The reply frame to a call frame, or None if there is none in ``seconds`` (start-up included)."""
        deadline = time.monotonic() + seconds
        try:
            loop, dispatcher = self._start().result(seconds)
            asked = asyncio.run_coroutine_threadsafe(dispatcher.answer(frame, HOST), loop)
            return asked.result(max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            log.error("a call did not end within %g s", seconds)  # it is run to its end all the same
        except Exception:
            log.exception("a call could not be answered")
        return None

    def _start(self) -> Ready:
        """What will be the running engine. The lock is held to look and to launch, never while waiting."""
        with self._looking:
            if self._ready is None:
                self._ready = Ready()
                launched = threading.Thread(
                    target=self._run, args=(self._ready,), name="cshis-bridge", daemon=True
                )
                launched.start()
            return self._ready

    def _run(self, ready: Ready) -> None:
        try:
            asyncio.run(self._serve(ready))
        except BaseException as error:
            with self._looking:
                self._ready = None
            if ready.done():
                log.exception("the bridge inside this program ended; the next call starts it again")
            else:
                ready.set_exception(error)

    async def _serve(self, ready: Ready) -> None:
        async with self._open_engine() as engine:
            ready.set_result((asyncio.get_running_loop(), Dispatcher(engine)))
            await asyncio.Event().wait()  # until the process ends


@asynccontextmanager
async def _configured_engine() -> AsyncIterator[CallEngine]:
    """The engine that settings and environment describe, and the log file."""
    # Imported here and not by the program's own thread, whose stack may be small.
    from bridge.engine.compose import open_engine

    try:
        settings = load_settings()
    except ConfigError:
        log_to_file(chosen_data_dir())
        raise
    log_to_file(settings.data_dir)
    shared = settings.reader.model_copy(update={"shared": True})  # a bridge may work at the same console
    async with open_engine(settings.model_copy(update={"reader": shared})) as engine:
        yield engine


def log_to_file(data_dir: Path) -> None:
    """Send the log to ``data_dir``/cshis-bridge-embedded.log, unless the host has set up logging itself.

    Where that cannot be written, to the folder for temporary files, as the library does before it has a data
    directory, with a line that says so.
    """
    ours = logging.getLogger("bridge")
    if logging.getLogger().handlers or ours.handlers:
        return
    ours.setLevel(logging.INFO)
    ours.propagate = False
    try:
        ours.addHandler(_file_handler(data_dir))
    except OSError as error:
        ours.addHandler(_handler_elsewhere())
        said = "data_dir %s cannot be written (%s), and log and journal belong there"
        log.error(said, data_dir, error.strerror)


def _handler_elsewhere() -> logging.Handler:
    try:
        return _file_handler(Path(tempfile.gettempdir()))
    except OSError:  # a call must not fail for want of a log, nor print to the host's streams
        return logging.NullHandler()


def _file_handler(folder: Path) -> logging.Handler:
    """Raises OSError."""
    make_private_folder(folder)
    handler = PrivateLogFile(folder / LOG_NAME, maxBytes=MOST_LOG_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(TextFormatter())
    return handler


_bridge = EmbeddedBridge(_configured_engine)


def answer(frame: bytes, seconds: float) -> bytes | None:
    """What the native library calls: a call frame in, the reply frame out, or None."""
    return _bridge.answer(frame, seconds)


def log_fault(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    """For an exception that the callback let through; else cffi would print to the host's standard error."""
    log.error("fault in the callback", exc_info=(kind, fault, trace))
