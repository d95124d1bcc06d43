"""The fixtures of every suite: simulators, an engine over them, a running bridge."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bridge.engine.engine import Engine
from bridge.sim.signatures import Keys
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from native.build import CLIENT, EMBEDDED, build, library_folder
from native.embedding import EmbeddedImpossible
from tests.support.bridge_process import Bridge, Bridges
from tests.support.simulated import Bench, open_bench


def pytest_configure() -> None:
    """A shell that starts the tests in the background has them ignore Ctrl-C, and what they start inherits
    that: a bridge would rightly ignore it, too.
    """
    for number in (signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


_wait_at_the_end = subprocess.Popen.__exit__


def _do_not_wait_after_a_failure(
    process: subprocess.Popen[bytes], kind: type[BaseException] | None, *rest: object
) -> None:
    if kind is not None:
        process.kill()
    _wait_at_the_end(process, kind, *rest)  # type: ignore[arg-type]


@pytest.fixture(autouse=True, scope="session")
def _processes_of_failed_tests() -> Iterator[None]:
    """`with subprocess.Popen(...)` waits at its end. A test that failed has not ended its process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__exit__", _do_not_wait_after_a_failure)
        yield


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of whoever runs the tests must not reach them."""
    for name in ("CONFIG", "DATA_DIR", "CONSOLE__URL", "CLOUD__URL", "UPLOAD__FORMAT"):
        monkeypatch.delenv(f"CSHIS_BRIDGE_{name}", raising=False)


@pytest.fixture(scope="session")
def keys() -> Keys:
    """Keys of simulators that a test makes for itself, made once: that is what takes the time."""
    return Keys()


@pytest.fixture(scope="session")
def _one_simulator(keys: Keys) -> Simulator:
    return Simulator(keys)


@pytest.fixture
def simulator(_one_simulator: Simulator) -> Iterator[Simulator]:
    """A simulator in its start state."""
    _one_simulator.world.reset()
    _one_simulator.world.requests.clear()
    yield _one_simulator
    _one_simulator.power = None


@pytest.fixture
async def bench(simulator: Simulator) -> AsyncIterator[Bench]:
    """Engine, reader and journal (in memory) over the simulator."""
    async with open_bench(simulator) as made:
        yield made


@pytest.fixture
def engine(bench: Bench) -> Engine:
    """An engine that works against the simulator."""
    return bench.engine


@pytest.fixture(scope="session")
def bridges(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridges]:
    """Bridge processes with their simulators; the suites of a run share them."""
    with ExitStack() as ends:
        yield Bridges(lambda: tmp_path_factory.mktemp("bridge"), ends)


@pytest.fixture(scope="session")
def session_bridge(bridges: Bridges) -> Bridge:
    """The bridge with usual settings, for what is made once a session; tests take ``bridge``."""
    return bridges.with_settings()


@pytest.fixture
def bridge_settings() -> str:
    """The settings of ``bridge``; a suite that wants others has this fixture of its own."""
    return ""


@pytest.fixture
def bridge(bridges: Bridges, bridge_settings: str) -> Bridge:
    """A running bridge, its simulators in the start state."""
    running = bridges.with_settings(bridge_settings)
    running.start_anew()
    return running


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with libcshis.so, built from the table as it is now."""
    output = tmp_path_factory.mktemp("native")
    build("client", output, default_table())
    return output


@pytest.fixture(scope="session")
def client_library(libraries: Path) -> Path:
    """The client library of the project's table."""
    return library_folder(libraries) / CLIENT


@pytest.fixture(scope="session")
def embedded_library(libraries: Path) -> Path:
    """The embedded library of the project's table."""
    try:
        build("embedded", libraries, default_table())
    except EmbeddedImpossible as error:
        pytest.skip(f"the embedded library cannot be built here: {error}")
    return library_folder(libraries) / EMBEDDED


@pytest.fixture(scope="session")
def driver_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the driver program (support/hosts) is compiled once."""
    return tmp_path_factory.mktemp("driver")
