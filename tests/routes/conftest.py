"""The routes that a call can take to the running bridge."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.bridge_process import Bridge, clean_environment
from tests.support.legacy_routes import ChannelRoute, EngineRoute, HttpRoute, NativeRoute, Route

NATIVE = ("client", "embedded")
LEGACY = ("engine", "channel", *NATIVE)


@pytest.fixture(scope="session")
def engine_route(session_bridge: Bridge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Route]:
    with EngineRoute(session_bridge.config, tmp_path_factory.mktemp("routes-engine")) as route:
        yield route


@pytest.fixture(scope="session")
def channel_route(session_bridge: Bridge) -> Iterator[Route]:
    with ChannelRoute(session_bridge.ready["channel"]) as route:
        yield route


@pytest.fixture(scope="session")
def client_route(session_bridge: Bridge, client_library: Path, driver_cache: Path) -> Iterator[NativeRoute]:
    env = clean_environment(CSHIS_BRIDGE=session_bridge.ready["channel"])
    with NativeRoute("client", client_library, driver_cache, env) as route:
        yield route


@pytest.fixture(scope="session")
def embedded_route(
    session_bridge: Bridge, embedded_library: Path, driver_cache: Path
) -> Iterator[NativeRoute]:
    env = clean_environment(CSHIS_BRIDGE_CONFIG=str(session_bridge.config))
    with NativeRoute("embedded", embedded_library, driver_cache, env) as route:
        yield route


@pytest.fixture(scope="session")
def vhc_https_route(session_bridge: Bridge) -> Iterator[HttpRoute]:
    """Port 5067, its certificate verified."""
    with HttpRoute("5067", session_bridge.ready["facade"], session_bridge.ready["ca_file"]) as route:
        yield route


@pytest.fixture(scope="session")
def vhc_http_route(session_bridge: Bridge) -> Iterator[HttpRoute]:
    """Port 3033."""
    with HttpRoute("3033", session_bridge.ready["legacy_http"], None) as route:
        yield route


@pytest.fixture(params=LEGACY)
def route(request: pytest.FixtureRequest, bridge: Bridge) -> Route:
    """Each route of a legacy call in turn."""
    chosen: Route = request.getfixturevalue(f"{request.param}_route")
    return chosen


@pytest.fixture
def every_route(request: pytest.FixtureRequest, bridge: Bridge) -> list[Route]:
    """All of them at once, for what takes long to bring about.

    Without the embedded library where it cannot be built; the tests of that route say why.
    """
    found: list[Route] = []
    for name in LEGACY:
        with contextlib.suppress(pytest.skip.Exception):
            found.append(request.getfixturevalue(f"{name}_route"))
    return found


@pytest.fixture(params=NATIVE)
def native_route(request: pytest.FixtureRequest, bridge: Bridge) -> NativeRoute:
    """Each native library in turn."""
    chosen: NativeRoute = request.getfixturevalue(f"{request.param}_route")
    return chosen


@pytest.fixture(params=["vhc_https", "vhc_http"])
def vhc_route(request: pytest.FixtureRequest, bridge: Bridge) -> HttpRoute:
    """HTTP 5067 and 3033 in turn."""
    chosen: HttpRoute = request.getfixturevalue(f"{request.param}_route")
    return chosen
