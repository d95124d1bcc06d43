"""One bridge with its simulators for all tests of this folder; before each test the simulator starts anew."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.table.loader import default_table
from native.build import CLIENT, EMBEDDED, EmbeddedImpossible, build, library_folder
from tests.support.bridge_process import Bridge, clean_environment, running_bridge
from tests.support.legacy_routes import ChannelRoute, EngineRoute, HttpRoute, NativeRoute, Route

NATIVE = ("client", "embedded")
LEGACY = ("engine", "channel", *NATIVE)


@pytest.fixture(scope="session")
def session_bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    with running_bridge(tmp_path_factory.mktemp("routes-bridge")) as running:
        yield running


@pytest.fixture
def bridge(session_bridge: Bridge) -> Bridge:
    """The bridge, its simulator in the start state."""
    session_bridge.sim.reset()
    session_bridge.sim.clear_requests()
    return session_bridge


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with libraries built from the table as it is now."""
    output = tmp_path_factory.mktemp("routes-native")
    build("client", output, default_table())
    return output


@pytest.fixture(scope="session")
def client_library(libraries: Path) -> Path:
    return library_folder(libraries) / CLIENT


@pytest.fixture(scope="session")
def embedded_library(libraries: Path) -> Path:
    try:
        build("embedded", libraries, default_table())
    except EmbeddedImpossible as error:
        pytest.skip(f"the embedded library cannot be built here: {error}")
    return library_folder(libraries) / EMBEDDED


@pytest.fixture(scope="session")
def driver_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("routes-driver")


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
