"""Calls go to the old software or to the bridge as the routing file says (docs/migrate/cutover.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from native.build import CLIENT, build, library_folder
from native.compiler import compile_program
from tests.support.bridge_process import clean_environment
from tests.support.cutover import OLD_SOFTWARE, Folder, Reader, make_folder
from tests.support.cutover_cases import CASES, Case
from tests.support.fake_bridge import FakeBridge
from tests.support.legacy_routes import NativeRoute

ORIGINAL = "libcshis_original.so"


@pytest.fixture(scope="session")
def table_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client library of the project's table."""
    output = tmp_path_factory.mktemp("routed")
    build("client", output)
    return library_folder(output) / CLIENT


@pytest.fixture(scope="session")
def old_software(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("old") / "old.so"
    return compile_program(OLD_SOFTWARE, output, "-shared", "-fPIC", "-Wno-unused-parameter")


@pytest.fixture
def folder(table_library: Path, old_software: Path, tmp_path: Path) -> Folder:
    return make_folder(tmp_path / "HIS", table_library, old_software, ORIGINAL)


@pytest.fixture
def new(fake_bridge: FakeBridge) -> Reader:
    """The bridge's reader."""
    return Reader(fake_bridge)


@pytest.fixture
def his(folder: Folder, driver_cache: Path, fake_bridge: FakeBridge) -> Iterator[NativeRoute]:
    """A hospital's program with that library."""
    env = clean_environment(
        CSHIS_BRIDGE=fake_bridge.address,
        CSHIS_BRIDGE_TIMEOUT="2",
        CSHIS_OLD=str(folder.old),
        CSHIS_BRIDGE_CUTOVER_DIR=str(folder.kept),
    )
    with NativeRoute("routed", folder.library, driver_cache, env) as route:
        yield route


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_as_on_every_system(case: Case, his: NativeRoute, folder: Folder, new: Reader) -> None:
    case(his, folder, new)
