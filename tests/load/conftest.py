"""A bridge by itself, with the simulators in a process of their own: what is measured is the bridge's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from native.build import library_folder
from tests.load.bridge_alone import Alone, bridge_alone
from tests.support.bridge_process import Bridge, running_bridge

ROOT = Path(__file__).parents[2]


@pytest.fixture
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    """The simulators (and a bridge that nobody asks)."""
    with running_bridge(tmp_path_factory.mktemp("far")) as running:
        yield running


@pytest.fixture
def alone(far: Bridge, tmp_path: Path) -> Iterator[Alone]:
    """A bridge that works against them."""
    with bridge_alone(far.config, tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def library() -> Path:
    """The client library as `make native` has built it."""
    built = library_folder(ROOT / "build" / "native") / "libcshis.so"
    assert built.is_file(), "make native builds it"
    return built
