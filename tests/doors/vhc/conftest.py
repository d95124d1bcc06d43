"""One bridge with its simulators for the clients of this folder, and the native library beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.table.loader import default_table
from native.build import CLIENT, build, library_folder
from tests.support.bridge_process import Bridge, clean_environment, running_bridge
from tests.support.legacy_routes import HttpRoute, NativeRoute


@pytest.fixture(scope="session")
def vhc_bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    with running_bridge(tmp_path_factory.mktemp("vhc-bridge")) as running:
        yield running


@pytest.fixture
def bridge(vhc_bridge: Bridge) -> Bridge:
    """The bridge, its simulator in the start state."""
    vhc_bridge.sim.reset()
    vhc_bridge.sim.clear_requests()
    return vhc_bridge


@pytest.fixture
def http(bridge: Bridge) -> Iterator[HttpRoute]:
    """The paths on port 5067, its certificate verified."""
    with HttpRoute("5067", bridge.ready["facade"], bridge.ready["ca_file"]) as route:
        yield route


@pytest.fixture(scope="session")
def native_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with libcshis.so, built from the table as it is now."""
    output = tmp_path_factory.mktemp("vhc-native")
    build("client", output, default_table())
    return output


@pytest.fixture
def library(
    bridge: Bridge, native_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NativeRoute]:
    """The C functions of libcshis.so."""
    env = clean_environment(CSHIS_BRIDGE=bridge.ready["channel"])
    path = library_folder(native_folder) / CLIENT
    with NativeRoute("client", path, tmp_path_factory.mktemp("vhc-driver"), env) as route:
        yield route
