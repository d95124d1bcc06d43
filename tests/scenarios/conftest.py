"""Fixtures of the scenarios: a bench over the simulator with a person at the PIN pad."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bridge.sim.simulator import Simulator
from tests.support.simulated import Bench
from tests.support.stage import PinPad, open_stage


@pytest.fixture
def pad() -> PinPad:
    """The person who is asked for PINs: knows the simulator's."""
    return PinPad()


@pytest.fixture
async def stage(simulator: Simulator, pad: PinPad) -> AsyncIterator[Bench]:
    """Engine, reader and journal over the simulator in its start state, with ``pad`` to ask."""
    async with open_stage(simulator, pad) as bench:
        yield bench
