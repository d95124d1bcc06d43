"""Bridges for the tests of who may do what, and another user of the machine."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.another_user import Stranger
from tests.support.bridge_process import Bridge, running_bridge


@pytest.fixture(scope="session")
def security_bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    with running_bridge(tmp_path_factory.mktemp("security-bridge")) as running:
        yield running


@pytest.fixture
def bridge(security_bridge: Bridge) -> Bridge:
    """A bridge, its simulator in the start state."""
    security_bridge.sim.reset()
    return security_bridge


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A directory whose way every user may go, unlike that of ``tmp_path``."""
    place = Path(tempfile.mkdtemp(prefix="cshis-bridge-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def stranger() -> Stranger:
    """Needs root: only root may start a process of another user."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("starting a process of another user needs root")
    return Stranger()
