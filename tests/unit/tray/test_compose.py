"""Where there is an icon, under which name, and what its menu runs."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path

import pytest

from bridge.config import Settings, TraySettings
from bridge.table.loader import default_table
from bridge.this_python import own_command
from bridge.tray import compose
from bridge.tray.compose import PROGRAM, icon_of_failure, tray_icon
from bridge.tray.leftover import close_icon, name_of


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Windows with the program in it, where a person has started the bridge."""
    program = tmp_path / PROGRAM
    program.parent.mkdir()
    program.touch()
    monkeypatch.setattr(compose, "on_windows", lambda: True)
    monkeypatch.setattr(compose, "runs_as_service", lambda: False)
    monkeypatch.setattr(compose, "library_folder", lambda: tmp_path)
    return tmp_path


def icon(folder: Path, *, shown: bool = True) -> AbstractAsyncContextManager[None]:
    settings = Settings(data_dir=folder, tray=TraySettings(shown=shown))
    return tray_icon(settings, default_table(), dict, lambda: 0, folder / "running.toml")


def is_none(made: AbstractAsyncContextManager[None]) -> bool:
    return isinstance(made, nullcontext)


def test_a_person_on_windows_has_an_icon(libraries: Path) -> None:
    assert not is_none(icon(libraries))


@pytest.mark.parametrize("name", ["shown", "service", "system", "program"])
def test_no_icon(name: str, libraries: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none is wanted, as a service, on another system, without the program."""
    if name == "service":
        monkeypatch.setattr(compose, "runs_as_service", lambda: True)
    elif name == "system":
        monkeypatch.setattr(compose, "on_windows", lambda: False)
    elif name == "program":
        (libraries / PROGRAM).unlink()
    assert is_none(icon(libraries, shown=name != "shown"))


WRITES = """#!{python}
import sys
open("{file}", "wb").write(sys.argv[1].encode() + b"\\n" + sys.stdin.buffer.read())
"""


def test_a_bridge_that_cannot_start_leaves_an_icon_that_says_so(libraries: Path) -> None:
    """Under the name of its data directory: the bridge that starts in the end takes its place."""
    file = libraries / "lines"
    (libraries / PROGRAM).write_text(WRITES.format(python=sys.executable, file=file), encoding="utf-8")
    (libraries / PROGRAM).chmod(0o755)
    shown = icon_of_failure(libraries)
    assert shown is not None
    assert shown.wait(20) == 0
    name, gone, look, balloon, *entries = file.read_text(encoding="utf-8").splitlines()
    assert name == name_of(libraries)
    assert gone.split("\t")[2:] == ["", ""]
    assert look == "look\tred\tcshis-bridge: the bridge cannot start"
    assert balloon.startswith("balloon\t")
    assert any("doctor --data-dir" in entry for entry in entries)


@pytest.mark.parametrize("name", ["service", "system", "program"])
def test_no_such_icon(name: str, libraries: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.tray.compose.subprocess.Popen", pytest.fail)
    if name == "service":
        monkeypatch.setattr(compose, "runs_as_service", lambda: True)
    elif name == "system":
        monkeypatch.setattr(compose, "on_windows", lambda: False)
    else:
        (libraries / PROGRAM).unlink()
    assert icon_of_failure(libraries) is None


def test_each_data_directory_has_a_name_of_its_own(tmp_path: Path) -> None:
    assert name_of(tmp_path) == name_of(tmp_path)
    assert name_of(tmp_path) != name_of(tmp_path / "other")
    close_icon(tmp_path)  # where there is none


@pytest.mark.parametrize("own", ["cshis-bridge.exe", "cshis-bridgew.exe", "CSHIS-BRIDGEW.EXE"])
def test_the_command_of_the_installer(own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", f"/bridge/{own}")
    assert own_command() == ["/bridge/cshis-bridge.exe"]
    assert own_command(window=False) == ["/bridge/cshis-bridgew.exe"]


async def test_the_command_where_pip_has_installed_it() -> None:
    process = await asyncio.create_subprocess_exec(
        *own_command(), "--version", stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert said.startswith(b"cshis-bridge, version")
