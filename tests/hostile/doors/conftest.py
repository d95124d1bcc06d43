"""Hostile clients of the running bridge. After each test it must still answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.doors.raw_http import HEALTH, Place, ask
from tests.support.bridge_process import Bridge


@pytest.fixture
def bridge(bridge: Bridge) -> Iterator[Bridge]:
    """The running bridge; afterwards both doors answer."""
    yield bridge
    for name in ("legacy_http", "facade"):
        place = Place.of(bridge.ready[name], bridge.ready["ca_file"])
        assert [answer.status for answer in ask(place, HEALTH)] == [200], name


@pytest.fixture(params=["legacy_http", "facade"])
def place(request: pytest.FixtureRequest, bridge: Bridge) -> Place:
    """Both HTTP doors: 3033 and 5067."""
    return Place.of(bridge.ready[request.param], bridge.ready["ca_file"])


@pytest.fixture
def plain(bridge: Bridge) -> Place:
    """Port 3033."""
    return Place.of(bridge.ready["legacy_http"], bridge.ready["ca_file"])


@pytest.fixture
def secure(bridge: Bridge) -> Place:
    """Port 5067."""
    return Place.of(bridge.ready["facade"], bridge.ready["ca_file"])
