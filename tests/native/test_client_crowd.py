"""More connections than the bridge keeps: of one program's own threads, and of strangers who say nothing."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import cffi
import pytest

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.channel.server import MOST_CONNECTIONS, ChannelServer
from bridge.config import ChannelSettings
from bridge.table.codegen.sources import CDEF
from bridge.table.model.rows import Table
from tests.support.greeting import until
from tests.support.small_table import small_table

THREADS = 300
AT_ONCE = 32  # calls; more than there is room for may not be under way together
STRANGERS = 256
UNREACHABLE = 4000


class Engine:
    """Answers everything with 0, and counts."""

    def __init__(self) -> None:
        self.table: Table = small_table()
        self.programs: list[str] = []
        self.busy: Callable[[], bool] = lambda: False  # for so long no call ends

    async def call(self, call: LegacyCall) -> LegacyResult:
        self.programs.append(call.caller.program)
        await until(lambda: not self.busy())
        return LegacyResult(0)


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ChannelServer, Engine, int]]:
    """A real server in a thread of its own."""
    engine, ready, loop = Engine(), threading.Event(), asyncio.new_event_loop()
    server = ChannelServer(engine, ChannelSettings(port=0))
    ports: list[int] = []

    def run() -> None:
        ports.append(loop.run_until_complete(server.start())[1])
        ready.set()
        loop.run_forever()
        loop.run_until_complete(server.stop())
        loop.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        assert ready.wait(5)
        monkeypatch.setenv("CSHIS_BRIDGE", f"127.0.0.1:{ports[0]}")
        monkeypatch.delenv("CSHIS_BRIDGE_TOKEN_FILE", raising=False)
        try:
            yield server, engine, ports[0]
        finally:
            loop.call_soon_threadsafe(loop.stop)
            running.result(10)


@pytest.fixture(scope="module")
def library(client_library: Path, small_build: Path) -> Any:
    ffi = cffi.FFI()
    ffi.cdef((small_build / "generated" / CDEF).read_text(encoding="utf-8"))
    return ffi.dlopen(str(client_library))


def test_300_threads_that_each_called_once_and_stay(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each keeps its connection; those that had to give theirs up call again, and again get an answer."""
    together, turns = threading.Barrier(THREADS, timeout=60), threading.Semaphore(AT_ONCE)
    codes: list[int] = []

    def work() -> None:
        for _ in range(2):
            with turns:
                codes.append(library.csCloseCom())
            together.wait()

    with serving(monkeypatch) as (server, engine, _):
        threads = [threading.Thread(target=work) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert codes == [0] * 2 * THREADS
        assert len(engine.programs) == 2 * THREADS, "a call was made twice"
        assert len(set(engine.programs)) == 1, "one program, whatever thread it calls from"
        assert server.connections <= MOST_CONNECTIONS
        assert server.evictions >= THREADS - MOST_CONNECTIONS


def test_silent_strangers_do_not_keep_programs_out(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def calls() -> list[int]:
        return [library.csCloseCom() for _ in range(3)]

    with serving(monkeypatch) as (server, _, port), ExitStack() as strangers:
        with ThreadPoolExecutor(1) as old:
            assert old.submit(calls).result(10) == [0] * 3
            for _ in range(STRANGERS):
                strangers.enter_context(socket.create_connection(("127.0.0.1", port)))
            assert old.submit(calls).result(10) == [0] * 3, "a program that was here before them"
            with ThreadPoolExecutor(1) as new:
                assert new.submit(calls).result(10) == [0] * 3, "one that comes after them"
        assert server.connections <= MOST_CONNECTIONS


@pytest.mark.parametrize(("room_comes", "served"), [(True, THREADS), (False, MOST_CONNECTIONS)])
def test_more_calls_under_way_than_there_is_room_for(
    library: Any, monkeypatch: pytest.MonkeyPatch, room_comes: bool, served: int
) -> None:
    """Who comes too much is told so and tries again for a second; each call is made once or not at all."""
    codes: list[int] = []

    with serving(monkeypatch) as (server, engine, _):
        engine.busy = lambda: server.evictions < 10 if room_comes else len(codes) < THREADS - served
        threads = [
            threading.Thread(target=lambda: codes.append(library.csCloseCom())) for _ in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (codes.count(0), codes.count(UNREACHABLE)) == (served, THREADS - served)
        assert len(engine.programs) == served
