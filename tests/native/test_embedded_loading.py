"""How plug-in hosts treat a library: from threads, twice, in another folder, unloaded, at their own end."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from native.compiler import compile_program
from tests.native.embedded_stage import HERE, Stage
from tests.support.small_table import UNREACHABLE

READ = "0 72 R"
FAILED = f"{UNREACHABLE} 72 ."
SMALLEST_STACK = "64"  # KiB, with which the first call was seen to work


@pytest.fixture(scope="session")
def loading_host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("host") / "loading_host"
    return compile_program(HERE / "loading_host.c", program, "-ldl", "-pthread")


@pytest.fixture
def stage(tmp_path: Path, loading_host: Path) -> Stage:
    return Stage(tmp_path, loading_host)


def test_the_host_is_not_linked_to_python(loading_host: Path) -> None:
    assert b"libpython" not in loading_host.read_bytes()


def test_loaded_with_symbols_of_its_own_first(stage: Stage, embedded_library: Path) -> None:
    assert stage.run("deep", str(embedded_library), "call", "call") == [READ] * 2


def test_loaded_by_a_thread_that_ends(stage: Stage, embedded_library: Path) -> None:
    assert stage.run("beside", str(embedded_library), "small", "1024", "call") == [READ] * 2


def test_first_call_from_a_thread_with_a_small_stack(stage: Stage, embedded_library: Path) -> None:
    steps = ("small", SMALLEST_STACK, "small", SMALLEST_STACK, "call")
    assert stage.run("load", str(embedded_library), *steps) == [READ] * 3


def test_loaded_twice_is_one(stage: Stage, embedded_library: Path) -> None:
    load = ("load", str(embedded_library))
    assert stage.run(*load, *load, "call", *load, "call") == [READ] * 2


def test_two_copies_in_one_program(stage: Stage, embedded_library: Path, tmp_path: Path) -> None:
    copy = shutil.copy(embedded_library, tmp_path / "copy.so")
    steps = ("load", str(embedded_library), "call", "load", str(copy), "call", "small", "1024")
    assert stage.run(*steps) == [READ] * 3


def test_unloaded_and_called_by_mistake(stage: Stage, embedded_library: Path) -> None:
    assert stage.run("load", str(embedded_library), "call", "unload", "call") == [READ] * 2


def test_unloaded_before_the_first_call_and_loaded_again(stage: Stage, embedded_library: Path) -> None:
    load = ("load", str(embedded_library))
    assert stage.run(*load, "unload", *load, "call", "unload", *load, "call") == [READ] * 2


def test_unloaded_while_threads_call(stage: Stage, embedded_library: Path) -> None:
    assert stage.run("load", str(embedded_library), "busy", "4", "unload", "call") == [READ]


@pytest.mark.parametrize("engine", ["good", "slow"])
def test_program_that_ends_while_threads_call(engine: str, stage: Stage, embedded_library: Path) -> None:
    stage.environment["FAKE_ENGINE"] = engine
    assert stage.run("load", str(embedded_library), "busy", "4", "leave") == []


def test_named_relative_to_a_folder_that_the_program_leaves(stage: Stage, embedded_library: Path) -> None:
    steps = (
        "enter",
        str(embedded_library.parent),
        "load",
        f"./{embedded_library.name}",
        "enter",
        "/",
        "call",
    )
    assert stage.run(*steps) == [READ]


@pytest.mark.parametrize("module", ["bridge", "asyncio", "ssl", "_cshis_embedded"])
def test_modules_in_the_programs_folder_are_not_taken(
    module: str, stage: Stage, embedded_library: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / f"{module}.py").write_text("raise RuntimeError('taken from the working directory')")
    assert stage.run("enter", str(folder), "load", str(embedded_library), "call") == [READ]


def test_program_without_standard_streams(stage: Stage, embedded_library: Path) -> None:
    """Neither the log nor a socket takes their numbers, to which the program may still print."""
    assert stage.run("load", str(embedded_library), "closed") == [READ, "taken: 0"]


def test_folder_that_is_gone(stage: Stage, embedded_library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    steps = ("enter", str(folder), "remove", str(folder), "load", str(embedded_library), "call")
    assert stage.run(*steps) == [READ]


@pytest.mark.parametrize("files", ["3", "4", "6"])
def test_program_that_may_open_no_more_files(files: str, stage: Stage, embedded_library: Path) -> None:
    assert stage.run("load", str(embedded_library), "files", files, "call", "call") == [FAILED] * 2


def test_settings_that_are_named_relative_are_read_from_where_the_program_is(
    stage: Stage, embedded_library: Path, tmp_path: Path
) -> None:
    (tmp_path / "here.toml").write_text("call_deadline = 50.0\n")
    stage.environment["CSHIS_BRIDGE_CONFIG"] = "here.toml"
    load = ("load", str(embedded_library))
    assert stage.run("enter", str(tmp_path), *load, "call") == [READ]
    assert stage.run("enter", "/", *load, "call") == [FAILED]
    assert "here.toml does not exist" in stage.log


PEEK = """
from pathlib import Path
from bridge.reader.pin.prompt import window_command
Path({target!r}).write_text(window_command()[0])
def answer(frame, seconds): ...
def log_fault(*fault): ...
"""


def test_the_interpreter_for_the_pin_window_is_not_looked_for_on_the_programs_path(
    stage: Stage, embedded_library: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "python3"
    foreign.write_text("#!/bin/sh\n")
    foreign.chmod(0o755)
    stage.environment["PATH"] = str(tmp_path)
    stage.replace("channel/embedded.py", PEEK.format(target=str(tmp_path / "found")))
    assert stage.run("load", str(embedded_library), "call") == [FAILED]
    assert Path((tmp_path / "found").read_text()) == Path(sys.base_prefix, "bin", "python3")
