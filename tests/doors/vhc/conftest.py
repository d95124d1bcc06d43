"""The paths of the running bridge, and the native library beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.bridge_process import Bridge, clean_environment
from tests.support.legacy_routes import HttpRoute, NativeRoute


@pytest.fixture
def http(bridge: Bridge) -> Iterator[HttpRoute]:
    """The paths on port 5067, its certificate verified."""
    with HttpRoute("5067", bridge.ready["facade"], bridge.ready["ca_file"]) as route:
        yield route


@pytest.fixture
def library(bridge: Bridge, client_library: Path, driver_cache: Path) -> Iterator[NativeRoute]:
    """The C functions of libcshis.so."""
    env = clean_environment(CSHIS_BRIDGE=bridge.ready["channel"])
    with NativeRoute("client", client_library, driver_cache, env) as route:
        yield route
