"""One bridge for the hostile clients of this folder. After each test it must still answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.doors.raw_http import HEALTH, Place, ask
from tests.support.bridge_process import Bridge, running_bridge


@pytest.fixture(scope="session")
def hostile_bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    with running_bridge(tmp_path_factory.mktemp("hostile-bridge")) as running:
        yield running
    log = running.log.read_text(encoding="utf-8")
    _, trace, what = log.partition("Traceback")
    assert not trace, f"the bridge met a fault of its own:\n{what[:6000]}"


@pytest.fixture
def bridge(hostile_bridge: Bridge) -> Iterator[Bridge]:
    """The bridge, its simulator in the start state; afterwards both doors answer."""
    hostile_bridge.sim.reset()
    yield hostile_bridge
    for name in ("legacy_http", "facade"):
        place = Place.of(hostile_bridge.ready[name], hostile_bridge.ready["ca_file"])
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
