"""The portal of these tests, and a bridge in front of it that brings an account of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateway.portal import TestPortal, portal_running
from tests.gateway.processes import Running, bridge_for

OWN = """
username = "00001_TN"
password = "00001_TN-secret"

[bhyt.pass_through]
most_body_bytes = 8000000
upload_timeout = 2.0
answer_timeout = 2.0
"""


@pytest.fixture(scope="module")
def the_portal() -> Iterator[TestPortal]:
    with portal_running() as portal:
        yield portal


@pytest.fixture
def portal(the_portal: TestPortal) -> TestPortal:
    """Fresh: nothing has arrived, and every token it gave before is worth nothing."""
    the_portal.end_tokens()
    the_portal.arrived.clear()
    the_portal.taken.clear()
    the_portal.life = 3600.0
    return the_portal


@pytest.fixture(scope="module")
def bridge(the_portal: TestPortal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with bridge_for(the_portal.address, tmp_path_factory.mktemp("bridge"), OWN) as running:
        yield running


@pytest.fixture
def door(bridge: Running) -> str:
    """The bridge's address as programs are given it."""
    return str(bridge.ready["legacy_http"])
