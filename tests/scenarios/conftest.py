"""Fixtures of the scenarios: a bench over the simulator with a person at the PIN pad, opened quickly."""

from __future__ import annotations

import copy
import ssl
from collections.abc import AsyncIterator
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from simulated import Bench
from stage import PinPad, open_stage

from bridge.sim import cast
from bridge.sim.simulator import Simulator


@pytest.fixture(autouse=True)
def _quick_benches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some two thousand benches are opened here: what takes the time is done once.

    That is reading the CA bundle (no socket is opened) and parsing the file of the invented people.
    """
    monkeypatch.setattr(ssl, "create_default_context", _tls_context)
    monkeypatch.setattr(cast, "yaml", SimpleNamespace(load=_load))


_tls_context = cache(ssl.create_default_context)
_parsed = cache(yaml.load)


def _load(text: str, Loader: Any) -> Any:
    return copy.deepcopy(_parsed(text, Loader))


@pytest.fixture
def pad() -> PinPad:
    """The person who is asked for PINs: knows the simulator's."""
    return PinPad()


@pytest.fixture
async def stage(_quick_benches: None, simulator: Simulator, pad: PinPad) -> AsyncIterator[Bench]:
    """Engine, reader and journal over the simulator in its start state, with ``pad`` to ask."""
    async with open_stage(simulator, pad) as bench:
        yield bench
