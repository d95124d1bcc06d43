"""Calls of Windows programs go to the old software or to the bridge (docs/migrate/cutover.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.channel.tokenfile import load_token
from native.compiler import compile_program, find_mingw
from native.targets import WINDOWS
from tests.support.cutover import OLD_SOFTWARE, UNREACHABLE, Folder, Reader, make_folder
from tests.support.cutover_cases import CASES, Case, insert, open_port, read
from tests.support.fake_bridge import FakeBridge
from tests.support.legacy_routes import NativeRoute
from tests.support.wine import Wine, windows_path

ORIGINAL = "cshis_original.dll"


@pytest.fixture(scope="session")
def old_software(windows: Wine, library: Path) -> Path:
    """The stand-in with a reader of its own."""
    flags = ("-shared", "-s", "-O2", "-static-libgcc", "-Wl,--kill-at", "-Wno-unused-parameter")
    compiler = find_mingw(WINDOWS[windows.bits])
    return compile_program(OLD_SOFTWARE, library.parent / "old" / ORIGINAL, *flags, compiler=compiler)


@pytest.fixture(scope="module")
def place(windows: Wine, library: Path, old_software: Path, work: Path) -> Folder:
    return make_folder(work / f"routed{windows.bits}", library, old_software, ORIGINAL)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """The bridge's reader."""
    with FakeBridge() as bridge:
        yield Reader(bridge)


@pytest.fixture(scope="module")
def program(windows: Wine, place: Folder, driver_program: Path, reader: Reader) -> Iterator[NativeRoute]:
    """A hospital's program with that DLL; one for all cases, as to start one takes long. It has a token: see
    small_driver.
    """
    token_file = place.path / "token"
    reader.bridge.token = load_token(token_file)
    env = windows.environment(
        CSHIS_BRIDGE=reader.bridge.address,
        CSHIS_BRIDGE_TIMEOUT="2",
        CSHIS_BRIDGE_TOKEN_FILE=windows_path(token_file),
        CSHIS_OLD=windows_path(place.old),
        CSHIS_BRIDGE_CUTOVER_DIR=windows_path(place.kept),
    )
    command = windows.command(driver_program)
    with NativeRoute(windows.name, windows_path(place.library), place.path, env, command) as route:
        yield route


@pytest.fixture
def new(reader: Reader) -> Reader:
    reader.clear()
    return reader


@pytest.fixture
def folder(place: Folder) -> Folder:
    place.clear()
    return place


@pytest.fixture
def his(program: NativeRoute, folder: Folder, new: Reader) -> NativeRoute:
    """The program after it has let both DLLs go and loaded ours again: nothing is remembered."""
    program.driver.unload()
    program.driver.load()
    return program


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_as_on_every_system(case: Case, his: NativeRoute, folder: Folder, new: Reader) -> None:
    case(his, folder, new)


@pytest.mark.parametrize("how", ["crash", "raise"])
def test_an_exception_of_the_original_is_a_code_and_a_line(
    how: str, his: NativeRoute, folder: Folder, new: Reader
) -> None:
    folder.route("card=original")
    insert(folder, new, None, None)
    open_port(his)
    folder.switch(f"{how} hisGetEmergentTel")
    for _ in range(3):
        assert read(his, "hisGetEmergentTel", 14) == (UNREACHABLE, b"")
    folder.switch()
    assert read(his)[0] == 4013
    number = {"crash": "0xC0000005", "raise": "0xE0000001"}[how]
    assert sum(f"hisGetEmergentTel failed with exception {number}" in line for line in folder.log()) == 3
