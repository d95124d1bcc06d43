"""The fixtures of every suite: simulators, an engine over them, a running bridge."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from bridge.engine.engine import Engine
from bridge.sim.signatures import Keys
from bridge.sim.simulator import Simulator
from tests.support.simulated import Bench, open_bench


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
