"""A real bridge with its simulators, and clients that talk to it over HTTP."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest

from tests.doors.vpn.vpn_client import VpnClient
from tests.support.bridge_process import Bridge, running_bridge


@pytest.fixture(scope="session")
def vpn_bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    with running_bridge(tmp_path_factory.mktemp("vpn-bridge")) as running:
        yield running


@pytest.fixture
def bridge(vpn_bridge: Bridge) -> Bridge:
    """The bridge, its simulator in the start state."""
    vpn_bridge.sim.reset()
    vpn_bridge.sim.clear_requests()
    return vpn_bridge


@pytest.fixture
def client(bridge: Bridge) -> VpnClient:
    """Uploads through the bridge."""
    return VpnClient(bridge.ready["legacy_http"], bridge.ready["legacy_http"] + "/V2000")


@pytest.fixture
def direct_client(bridge: Bridge) -> VpnClient:
    """Takes signatures from the bridge and sends them to the centre by itself."""
    settings = tomllib.loads(bridge.config.read_text(encoding="utf-8"))
    ca_file = settings["upload"]["centre"]["ca_file"]
    return VpnClient(bridge.ready["legacy_http"], bridge.ready["centre"], verify=ca_file)
