"""One bridge with its simulators, logging as JSON, for those who look at it from outside."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.observe.observed_bridge import Observed
from tests.support.bridge_process import running_bridge

SETTINGS = """
[log]
format = "json"
level = "INFO"
"""


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    assert os.name == "posix", "the zone of a process is set by TZ"
    with running_bridge(tmp_path_factory.mktemp("observed"), SETTINGS) as bridge:
        yield Observed(bridge)


@pytest.fixture
def observed(running: Observed) -> Observed:
    """The bridge, its simulator in the start state."""
    running.bridge.sim.reset()
    running.bridge.sim.clear_requests()
    return running
