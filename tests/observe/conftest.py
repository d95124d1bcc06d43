"""The running bridge, logging as JSON, for those who look at it from outside."""

from __future__ import annotations

import os

import pytest

from tests.observe.observed_bridge import Observed
from tests.support.bridge_process import Bridge

SETTINGS = """
[log]
format = "json"
level = "INFO"
"""


@pytest.fixture
def bridge_settings() -> str:
    """Logs as JSON."""
    assert os.name == "posix", "the zone of a process is set by TZ"
    return SETTINGS


@pytest.fixture
def observed(bridge: Bridge) -> Observed:
    """The bridge, its simulators in the start state."""
    return Observed(bridge)
