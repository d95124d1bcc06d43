"""Programs of eight languages call the real library, client and embedded, as programs of the field do."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.field.languages import (
    AFTER_CHECKS,
    HABITS,
    LANGUAGES,
    MODULES,
    WRITTEN,
    Command,
    Language,
    expected,
    make_unended,
)
from tests.support.bridge_process import Bridge, clean_environment

BUILDS = ("client", "embedded")
CELLS = [
    (build, name, habit)
    for build in BUILDS
    for name, language in LANGUAGES.items()
    for habit in language.habits
]
DEMO = "000073898381"
NOBODY = "127.0.0.1:9"  # the port of a service that no machine has any more
SECONDS = 60

Said = Mapping[str, list[str]]  # the lines of a caller by habit
Run = tuple[str, Said, dict[str, Any]]  # how it ended, what it said, what the cloud then has of the patient


@pytest.fixture(scope="session")
def installed(
    tmp_path_factory: pytest.TempPathFactory, client_library: Path, embedded_library: Path
) -> Mapping[str, Path]:
    """Both builds as programs find them: each under the name libcshis.so."""
    places = {}
    for build, library in zip(BUILDS, (client_library, embedded_library), strict=True):
        places[build] = tmp_path_factory.mktemp(build) / "libcshis.so"
        shutil.copy(library, places[build])
    return places


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Command]:
    """How each caller is started; compiled once."""
    made: dict[str, Command] = {}

    def command(name: str) -> Command:
        if name not in made:
            made[name] = LANGUAGES[name].make(tmp_path_factory.mktemp(name))
        return made[name]

    return command


@pytest.fixture(scope="session")
def upload_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("upload") / "健保上傳" / "資料.xml"
    file.parent.mkdir()
    file.write_bytes(b"abc")
    return file


@pytest.fixture(scope="session")
def unended() -> Iterator[str]:
    """UPLOAD_NAMES, of a folder whose own name is short."""
    with tempfile.TemporaryDirectory(prefix="up-", dir="/tmp") as folder:
        yield make_unended(Path(folder))


def run_caller(
    language: Language, command: Command, library: Path, file: Path, habits: list[str], **reached: str
) -> tuple[str, Said]:
    """A caller's run. Out: how it ended ("" where well), and what it said.

    Lines of others are left out, such as the JVM's warnings about its own libraries.
    """
    environment = clean_environment(
        LC_ALL="C.UTF-8", LD_LIBRARY_PATH=str(library.parent), NODE_PATH=str(MODULES), **reached
    )
    words = [*command, *([] if language.by_name else [library]), file, *habits]
    done = subprocess.run(
        list(map(str, words)), env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    lines = done.stdout.splitlines()
    said = {habit: [line for line in lines if line.startswith(f"{habit} ")] for habit in habits}
    ending = f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}" if done.returncode or done.stderr else ""
    return ending, said


@pytest.fixture(scope="session")
def said(
    installed: Mapping[str, Path],
    commands: Callable[[str], Command],
    upload_file: Path,
    unended: str,
    session_bridge: Bridge,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, str], Run]:
    """What a caller says with one build, and what the cloud then has of the patient; each is run once."""
    kept: dict[tuple[str, str], Run] = {}

    def run(build: str, name: str) -> Run:
        if (build, name) in kept:
            return kept[build, name]
        session_bridge.start_anew()
        language, folder = LANGUAGES[name], str(tmp_path_factory.mktemp("data"))
        begin = (language, commands(name), installed[build], upload_file)
        ending, lines = run_caller(
            *begin,
            [habit for habit in language.habits if habit != "offline"],
            CSHIS_BRIDGE=session_bridge.ready["channel"],
            CSHIS_BRIDGE_CONFIG=str(session_bridge.config),
            CSHIS_BRIDGE_DATA_DIR=folder,
            UPLOAD_NAMES=unended,
        )
        cloud = session_bridge.sim.stored(DEMO)
        without = {"CSHIS_BRIDGE": NOBODY, "CSHIS_BRIDGE_CONSOLE__URL": f"https://{NOBODY}"}
        offline = run_caller(*begin, ["offline"], CSHIS_BRIDGE_DATA_DIR=folder, **without)
        kept[build, name] = ending + offline[0], {**lines, **offline[1]}, cloud
        return kept[build, name]

    return run


@pytest.mark.parametrize(("build", "name", "habit"), CELLS, ids=["-".join(cell) for cell in CELLS])
def test_habit(said: Callable[[str, str], Run], build: str, name: str, habit: str) -> None:
    """A cell of the table in docs/reference/languages.md."""
    ending, lines, _ = said(build, name)
    assert lines[habit] == expected(habit), ending


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("name", LANGUAGES)
def test_every_caller_ends_well(said: Callable[[str, str], Run], build: str, name: str) -> None:
    """It ends with 0 and nothing is written to its standard error; the cloud has what it gave."""
    ending, lines, cloud = said(build, name)
    assert ending == ""
    assert set(lines) == set(HABITS) - set(LANGUAGES[name].lacks)
    taken = [visit for visit in cloud["visits"] if visit["taken_here"]]
    assert [visit["after_check"] for visit in taken if visit["rolled_back"]] == AFTER_CHECKS
    assert cloud["vaccinations"][0]["item"] == WRITTEN
