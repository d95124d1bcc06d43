"""Which bridge a command means."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bridge.cli import running_bridge
from bridge.cli.running_bridge import Finding, find
from bridge.config import ConsoleSettings, Settings, save_settings
from bridge.errors import ConfigError
from bridge.serving.one_owner import Holder
from bridge.serving.owners import RUNNING_FILE, own_console, own_data_dir

USUAL = "cshis-bridge"  # the data directory where none is named
REAL, SIMULATED = "https://localhost:5066", "https://127.0.0.1:40001"


pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG folders")


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No bridge of this machine's is found."""
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(running_bridge, "health_of", lambda settings, owner: None)


@pytest.fixture
def ends() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def runs(ends: ExitStack, folder: Path, console: str = REAL) -> None:
    """A bridge has the folder, and has said where it is."""
    folder.mkdir(exist_ok=True)
    ends.enter_context(own_data_dir(folder))
    save_settings(Settings(data_dir=folder, console=ConsoleSettings(url=console)), folder / RUNNING_FILE)


def test_without_a_bridge_the_settings_are_those_given(tmp_path: Path) -> None:
    where = find(Finding(None, None, False))
    assert (where.running, where.settings.data_dir) == (None, tmp_path / USUAL)


def test_the_bridge_of_the_usual_data_directory(tmp_path: Path, ends: ExitStack) -> None:
    """With whatever console it was started: --simulate, too."""
    runs(ends, tmp_path / USUAL, SIMULATED)
    where = find(Finding(None, None, False))
    assert where.running is not None
    assert (where.running.pid, where.settings.console.url) == (os.getpid(), SIMULATED)


def test_the_bridge_of_a_directory_that_is_named(tmp_path: Path, ends: ExitStack) -> None:
    runs(ends, tmp_path / "other")
    assert find(Finding(None, None, False)).running is None
    assert find(Finding(None, tmp_path / "other", False)).running is not None
    assert find(Finding(tmp_path / "other" / RUNNING_FILE, None, False)).running is not None


def test_settings_that_name_another_console_mean_no_bridge_of_this_one(
    tmp_path: Path, ends: ExitStack
) -> None:
    runs(ends, tmp_path / USUAL)
    file = tmp_path / "named.toml"
    file.write_text(f'console.url = "{SIMULATED}"\n')
    where = find(Finding(file, None, False))
    assert (where.running, where.settings.console.url) == (None, SIMULATED)


def test_settings_that_name_a_data_directory_mean_the_bridge_there(tmp_path: Path, ends: ExitStack) -> None:
    """Whatever its console: one with simulators has another than the settings say."""
    runs(ends, tmp_path / "other", SIMULATED)
    file = tmp_path / "named.toml"
    file.write_text(f'data_dir = "{tmp_path}/other"\n')
    where = find(Finding(file, None, False))
    assert where.running is not None
    assert where.settings.console.url == SIMULATED


def test_a_bridge_with_another_directory_at_the_same_console(tmp_path: Path, ends: ExitStack) -> None:
    runs(ends, tmp_path / "other")
    ends.enter_context(own_console(REAL, tmp_path / "other" / RUNNING_FILE))
    where = find(Finding(None, None, False))
    assert where.running is not None
    assert where.settings.data_dir == tmp_path / "other"


def test_a_bridge_of_another_user_at_the_usual_ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_bridge, "health_of", lambda settings, owner: {"pid": 7})
    where = find(Finding(None, None, False))
    assert (where.running, where.settings.data_dir) == (Holder(pid=7), tmp_path / USUAL)
    file = tmp_path / "named.toml"
    file.write_text(f'console.url = "{SIMULATED}"\n')
    assert find(Finding(file, None, False)).running is None  # it may work with another console


def test_standalone_leaves_the_bridge_alone_and_has_its_settings(tmp_path: Path, ends: ExitStack) -> None:
    runs(ends, tmp_path / USUAL, SIMULATED)
    where = find(Finding(None, None, True))
    assert (where.running, where.settings.console.url) == (None, SIMULATED)


def test_a_bridge_that_has_not_said_where_it_is(tmp_path: Path, ends: ExitStack) -> None:
    (tmp_path / USUAL).mkdir()
    ends.enter_context(own_data_dir(tmp_path / USUAL))
    with pytest.raises(ConfigError, match=rf"process {os.getpid()}.*--standalone"):
        find(Finding(None, None, False))
    assert find(Finding(None, None, True)).running is None


def test_a_bridge_that_is_just_starting(tmp_path: Path, ends: ExitStack) -> None:
    """The file of the one before still lies there, with ports that are nobody's or another's."""
    runs(ends, tmp_path / USUAL)
    os.utime(tmp_path / USUAL / RUNNING_FILE, (0, 0))
    with pytest.raises(ConfigError, match="of an earlier bridge"):
        find(Finding())
