"""A real bridge with its simulators, for programs that look Vietnamese insurance cards up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.bridge_process import Bridge, running_bridge

# The first account has two officers with the portal; the hospital has registered one for each user name.
SETTINGS = """
[bhyt]
username = "00001_TN"
password = "thu-nghiem-1"

[bhyt.officers.00001_TN]
hoTenCb = "Cán Bộ Thử Nghiệm Một"
cccdCb = "000000000001"

[bhyt.officers.00002_TN]
hoTenCb = "Cán Bộ Thử Nghiệm Hai"
cccdCb = "000000000002"
"""


@pytest.fixture(scope="session")
def _one_bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    with running_bridge(tmp_path_factory.mktemp("bhyt"), SETTINGS) as bridge:
        yield bridge


@pytest.fixture
def bridge(_one_bridge: Bridge) -> Bridge:
    """The bridge over a portal in its start state (tokens given before are worth nothing any more)."""
    _one_bridge.sim.reset()
    _one_bridge.sim.clear_requests()
    return _one_bridge
