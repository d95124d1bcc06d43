"""Tools and programs of the hostile tests of the native code."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.table.loader import default_table
from tests.hostile.native.checked import checked_route, sanitized, under_valgrind
from tests.hostile.native.shapes import write_shapes
from tests.support.bridge_process import Bridge, Bridges, clean_environment
from tests.support.legacy_routes import NativeRoute

SETUP = Path(__file__).with_name("setup.sh")


SETTINGS = "# programs that are watched\n"
"""A bridge of their own: hostile clients have opened whatever port on the one that all suites share."""


@pytest.fixture
def bridge_settings() -> str:
    """What ``bridge`` is here."""
    return SETTINGS


@pytest.fixture(scope="session")
def session_bridge(bridges: Bridges) -> Bridge:
    """The same bridge, for programs that last as long as the session."""
    return bridges.with_settings(SETTINGS)


@pytest.fixture(scope="session")
def tools() -> None:
    """Compilers and valgrind, installed where they are missing; on CI their lack is a failure."""
    done = subprocess.run([SETUP], stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1]
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def fuzz_folder(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the fuzzers are compiled; it holds the functions of the table."""
    folder = tmp_path_factory.mktemp("fuzz")
    write_shapes(default_table(), folder)
    return folder


@pytest.fixture(scope="session")
def sanitized_route(
    tools: None, session_bridge: Bridge, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NativeRoute]:
    """Calls through the library with AddressSanitizer and UBSan."""
    env = clean_environment(CSHIS_BRIDGE=session_bridge.ready["channel"])
    with checked_route("sanitized", sanitized(tmp_path_factory.mktemp("sanitized")), env) as route:
        yield route


@pytest.fixture(scope="session")
def valgrind_route(
    tools: None, session_bridge: Bridge, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NativeRoute]:
    """Calls through the library under valgrind."""
    env = clean_environment(CSHIS_BRIDGE=session_bridge.ready["channel"])
    with checked_route("valgrind", under_valgrind(tmp_path_factory.mktemp("valgrind")), env) as route:
        yield route


@pytest.fixture(params=["sanitized", "valgrind"])
def native_route(request: pytest.FixtureRequest, bridge: Bridge) -> NativeRoute:
    """Each checked library in turn."""
    chosen: NativeRoute = request.getfixturevalue(f"{request.param}_route")
    return chosen
