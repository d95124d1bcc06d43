"""Fixtures of the scenarios: a bench over the simulator with a person at the PIN pad."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from functools import cache

import pytest
from simulated import Bench
from stage import PinPad, open_stage

from bridge.sim.simulator import Simulator


@pytest.fixture(autouse=True)
def _one_tls_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket is opened here; reading the CA bundle for each of a thousand benches would take the time."""
    monkeypatch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))


@pytest.fixture
def pad() -> PinPad:
    """The person who is asked for PINs: knows the simulator's."""
    return PinPad()


@pytest.fixture
async def stage(simulator: Simulator, pad: PinPad) -> AsyncIterator[Bench]:
    """Engine, reader and journal over the simulator in its start state, with ``pad`` to ask."""
    async with open_stage(simulator, pad) as bench:
        yield bench
