"""The battery of tests/routes, which runs against the engine and the Linux libraries, against the two DLLs.

It holds every test of that folder that takes a legacy route; the fixtures below, and those of this folder's
conftest, put a DLL where the battery takes one route after the other.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import HttpRoute, NativeRoute
from tests.support.visit_steps import Visit, open_with_doctor, take_number
from tests.support.wine import Wine, windows_path
from tests.windows.conftest import TESTS

LEGACY_ROUTES = {"route", "native_route", "prepared", "lonely_route"}


def battery() -> dict[str, Callable[..., None]]:
    """The tests by name. A name that two files use is an error: one of them would be lost."""
    found: dict[str, Callable[..., None]] = {}
    for file in sorted((TESTS / "routes").glob("test_*.py")):
        for name, test in vars(importlib.import_module(f"tests.routes.{file.stem}")).items():
            if name.startswith("test_") and LEGACY_ROUTES & set(inspect.signature(test).parameters):
                assert name not in found, f"{file.name}: {name} stands in two files"
                found[name] = test
    return found


globals().update(battery())


def test_the_battery_is_there() -> None:
    assert len(battery()) > 50


@pytest.fixture
def route(dll_route: NativeRoute, bridge: Bridge) -> NativeRoute:
    return dll_route


@pytest.fixture
def native_route(dll_route: NativeRoute, bridge: Bridge) -> NativeRoute:
    return dll_route


@pytest.fixture
def prepared(dll_route: NativeRoute, bridge: Bridge) -> tuple[NativeRoute, Visit]:
    """The port open, SAM and doctor verified, a visit number taken."""
    visit = Visit(b"Z299999929", b"0920315")
    open_with_doctor(bridge, dll_route)
    assert take_number(dll_route, visit)[0] == 0
    return dll_route, visit


@pytest.fixture(scope="module")
def lonely_route(windows: Wine, library: Path, driver_program: Path) -> Iterator[NativeRoute]:
    """The DLL without a bridge."""
    env = windows.environment(CSHIS_BRIDGE="127.0.0.1:1")
    command = windows.command(driver_program)
    with NativeRoute(windows.name, windows_path(library), library.parent, env, command) as alone:
        yield alone


@pytest.fixture(scope="session")
def vhc_https_route(session_bridge: Bridge) -> Iterator[HttpRoute]:
    """Port 5067 beside the DLL."""
    with HttpRoute("5067", session_bridge.ready["facade"], session_bridge.ready["ca_file"]) as by_http:
        yield by_http
