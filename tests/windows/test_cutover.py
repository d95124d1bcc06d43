"""Calls of Windows programs go to the old software or to the bridge (docs/migrate/cutover.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridge.channel.tokenfile import load_token
from bridge.cutover.routing_file import written
from bridge.cutover.stages import find_stage
from bridge.installing.ini import INI
from bridge.installing.names import ORIGINAL
from bridge.table.default import default_table
from native.compiler import compile_program, find_mingw
from native.targets import WINDOWS
from tests.support.bridge_process import Bridge
from tests.support.cutover import OLD_SOFTWARE, UNREACHABLE, Folder, Reader, make_folder
from tests.support.cutover_cases import CASES, Case, insert, open_port, read
from tests.support.fake_bridge import FakeBridge
from tests.support.legacy_routes import NativeRoute
from tests.support.wine import Wine, windows_path
from tests.windows.conftest import CLINIC, Build, begin_the_morning

FREE = {
    "hisGetICD10EnC",
    "hisGetICD10DeC",
    "csGetHospID",
    "csGetHospName",
    "csGetHospAbbName",
    "csGetDateTime",
}
# Which functions the bridge answers in each stage.
STAGES: dict[str, Callable[[str], bool]] = {
    "original": lambda name: False,
    "free": FREE.__contains__,
    "card": lambda name: True,
}


@pytest.fixture(scope="session")
def old_software(windows: Wine, library: Path) -> Path:
    """The stand-in with a reader of its own."""
    flags = ("-shared", "-s", "-O2", "-static-libgcc", "-Wl,--kill-at", "-Wno-unused-parameter")
    compiler = find_mingw(WINDOWS[windows.bits])
    return compile_program(OLD_SOFTWARE, library.parent / "old" / ORIGINAL, *flags, compiler=compiler)


@pytest.fixture(scope="module")
def place(windows: Wine, library: Path, old_software: Path, work: Path) -> Folder:
    made = make_folder(work / f"routed{windows.bits}", library, old_software, ORIGINAL)
    made.seen = windows_path
    return made


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


def stage(folder: Path, name: str) -> None:
    text = written(find_stage(name, default_table()))
    (folder.path / INI).write_text(text, encoding="ascii", newline="")


def fields(told: str) -> list[str]:
    """What a program printed; times of now, visit numbers and signatures differ from one run to the next."""
    return [re.sub(r"11\d{11}|\[.*[0-9A-F]{40,}.*\]", "NOW", line) for line in told.splitlines()]


@pytest.fixture
def counter(library: Path, original: Path, tmp_path: Path) -> Folder:
    """A work place with the stand-in that answers as the simulators do."""
    return make_folder(tmp_path / "HIS", library, original, ORIGINAL)


def test_a_day_of_a_clinic_in_three_stages(
    windows: Wine, counter: Folder, build_program: Build, upload: str, bridge: Bridge,
    environment: dict[str, str],
) -> None:  # fmt: skip
    """Every export as a VB6 program calls it, and what a C# program reads: each line as that of the software
    which has to answer, called without the other one. Then a whole visit on 6.0.
    """
    env = {**environment, "CSHIS_BRIDGE_CUTOVER_DIR": windows_path(counter.kept)}
    programs = ((build_program("csharp.c"), ()), (build_program("vb6.c"), (upload,)))

    def told(library: Path) -> list[str]:
        found = []
        for program, further in programs:
            bridge.start_anew()
            begin_the_morning(bridge)
            done = windows.run(program, windows_path(library), *further, env=env)
            assert done.returncode == 0, done.stdout + done.stderr
            found += fields(done.stdout)
        return found

    old, new = told(counter.path / ORIGINAL), told(counter.library)
    assert len(old) == len(new) > 100
    assert old != new
    assert "測試十" in "".join(old)
    for name, moved in STAGES.items():
        stage(counter, name)
        wanted = [now if moved(now.split()[0]) else then for then, now in zip(old, new, strict=True)]
        assert told(counter.library) == wanted, name
    bridge.start_anew()
    begin_the_morning(bridge)
    clinic = build_program(CLINIC, "-fexec-charset=BIG5")
    done = windows.run(clinic, windows_path(counter.library), "0", env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line for line in counter.log() if not line.startswith("routes:")] == []


@pytest.mark.usefixtures("doctor")
def test_eight_threads(
    windows: Wine, counter: Folder, build_program: Build, environment: dict[str, str]
) -> None:
    """The program compares each answer with the first one; four of the threads read from the card."""
    env = {**environment, "CSHIS_BRIDGE_CUTOVER_DIR": windows_path(counter.kept)}
    stage(counter, "compared")
    program = build_program("threads.c")
    done = windows.run(program, windows_path(counter.library), "1", env=env, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line for line in counter.log() if "compared: csGetHospID: 1 compared, 0 of" in line]
    assert not [line for line in counter.log() if line.startswith("person:")]
