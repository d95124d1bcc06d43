"""Fixtures of the scenarios: a bench over the simulator with a person at the PIN pad, opened quickly."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from functools import cache

import pytest

from bridge.sim.simulator import Simulator
from tests.support.simulated import Bench
from tests.support.stage import PinPad, open_stage


@pytest.fixture(autouse=True)
def _quick_benches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some two thousand benches are opened here: the CA bundle is read once (no socket is opened)."""
    monkeypatch.setattr(ssl, "create_default_context", _tls_context)


_tls_context = cache(ssl.create_default_context)


@pytest.fixture
def pad() -> PinPad:
    """The person who is asked for PINs: knows the simulator's."""
    return PinPad()


@pytest.fixture
async def stage(_quick_benches: None, simulator: Simulator, pad: PinPad) -> AsyncIterator[Bench]:
    """Engine, reader and journal over the simulator in its start state, with ``pad`` to ask."""
    async with open_stage(simulator, pad) as bench:
        yield bench
