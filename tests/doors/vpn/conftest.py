"""Clients that talk to the running bridge over HTTP."""

from __future__ import annotations

import tomllib

import pytest

from tests.doors.vpn.vpn_client import VpnClient
from tests.support.bridge_process import Bridge


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
