"""What a hospital does beside installing: the portable folder, settings by hand, no start at log-on."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge.config import Settings
from bridge.config.environment import settings_of_machine
from tests.installer.conftest import Package
from tests.installer.test_installed import PORTS, RUN, SETTINGS
from tests.installer.windows import INSTALLED, Windows
from tests.support.wine import windows_path

KEY = f"HKLM\\{SETTINGS}"
DATA = r"C:\portable\data"
TOKEN = rf"{DATA}\token"
READ = (
    "from bridge.config import load_settings as s; x = s(); print(x.facade.allowed_origins, x.reader.devices)"
)


@dataclass
class Prompt:
    """A command prompt."""

    windows: Windows

    def run(self, line: str) -> str:
        """Lines as people write them: quotes go the way that they go there."""
        file = self.windows.drive / "line.bat"
        file.write_text(f"@{line}\r\n", encoding="ascii")
        done = self.windows.run("cmd", "/c", r"C:\line.bat")
        assert done.wait(240) == 0, done.text
        return done.text


@pytest.fixture(scope="module", autouse=True)
def _nothing_installed(windows: Windows, package: Package) -> None:
    """Whatever other tests have left."""
    if windows.folder.exists():
        assert windows.msiexec("/x", package.msi) == 0


@pytest.fixture
def prompt(windows: Windows) -> Iterator[Prompt]:
    """On a PC without settings."""
    made = Prompt(windows)
    if windows.registry(SETTINGS):
        made.run(rf"reg delete {KEY} /f /reg:64")
    yield made
    if windows.registry(SETTINGS):
        made.run(rf"reg delete {KEY} /f /reg:64")  # as docs/install/windows-installer.md says
    assert windows.registry(SETTINGS) == {}


@pytest.fixture(scope="module")
def portable(windows: Windows, package: Package) -> Iterator[Windows]:
    """Commands are those of the portable folder."""
    with zipfile.ZipFile(package.portable) as archive:
        archive.extractall(windows.drive / "portable")
    installed, windows.folder = windows.folder, windows.drive / "portable" / "cshis-bridge"
    yield windows
    windows.folder = installed


def test_the_portable_folder_runs_where_it_was_unpacked(portable: Windows, prompt: Prompt) -> None:
    data: Path = portable.drive / "portable" / "data"
    data.mkdir()
    (data / "config.toml").write_text(f"[channel]\ntoken_file = '{TOKEN}'\n", encoding="utf-8")
    bridge, _ = portable.serve("--simulate", "--data-dir", DATA, *PORTS)
    try:
        assert "hisGetBasicData -> 0" in portable.command("call", "hisGetBasicData", "--data-dir", DATA)
        assert "has ended" in portable.command("stop", "--data-dir", DATA)
        assert bridge.wait(30) == 0, bridge.text
    finally:
        bridge.process.kill()
    assert portable.registry(SETTINGS) == {}


def test_a_portable_folder_of_any_name_stays_as_it_is(
    windows: Windows, package: Package, prompt: Prompt
) -> None:
    """Settings and data are the user's own, where the page says; nothing is written where it was unpacked."""
    with zipfile.ZipFile(package.portable) as archive:
        archive.extractall(windows.drive / "免安裝 portable")
    installed, windows.folder = windows.folder, windows.drive / "免安裝 portable" / "cshis-bridge"
    before = {file: file.stat().st_mtime_ns for file in windows.folder.rglob("*")}
    data = windows.python("from bridge.config import default_data_dir; print(default_data_dir())")
    home = windows.drive.joinpath(*data.split("\\")[1:])
    try:
        assert data.endswith(r"\AppData\Local\cshis-bridge")
        home.mkdir(exist_ok=True)
        (home / "config.toml").write_text(f"[channel]\ntoken_file = '{data}\\token'\n", encoding="utf-8")
        bridge, ready = windows.serve("--simulate", *PORTS)
        try:
            assert ready["config"] == rf"{data}\running.toml"
            assert "hisGetBasicData -> 0" in windows.command("call", "hisGetBasicData")
            assert "has ended" in windows.command("stop")
            assert bridge.wait(30) == 0, bridge.text
        finally:
            bridge.process.kill()
        assert {file: file.stat().st_mtime_ns for file in windows.folder.rglob("*")} == before
        assert (home / "journal.sqlite3").is_file()
    finally:
        windows.folder = installed
        shutil.rmtree(home)


def test_lists_and_tables_in_the_registry(portable: Windows, prompt: Prompt) -> None:
    add = rf"reg add {KEY} /t REG_SZ /f /reg:64"
    prompt.run(rf'{add} /v facade.allowed_origins /d "[\"https://his.example\"]"')
    prompt.run(rf"{add} /v reader.devices.5 /d COM3")
    assert portable.python(READ) == "('https://his.example',) {'5': 'COM3'}"


def test_lists_and_tables_as_properties(windows: Windows, package: Package, prompt: Prompt) -> None:
    """Quotes would be lost on the way."""
    given = "FACADE_ALLOWED_ORIGINS=https://his.example;[::1] READER_DEVICES=5=COM3;6=COM4"
    prompt.run(f"msiexec /i {windows_path(package.msi)} /qn START=none {given}")
    found = settings_of_machine(windows.registry(SETTINGS), Settings)
    assert found == {
        "facade": {"allowed_origins": ["https://his.example", "[::1]"]},
        "reader": {"devices": {"5": "COM3", "6": "COM4"}},
    }
    assert windows.msiexec("/x", package.msi) == 0


@pytest.mark.parametrize("given", [[], ["START=logon"]])
def test_no_start_at_log_on_where_none_is_wanted(
    windows: Windows, package: Package, later: Package, prompt: Prompt, given: list[str]
) -> None:
    """An upgrade knows it, unless it is told otherwise. Capitals do not count."""
    assert windows.msiexec("/i", package.msi, "START=None", "READER_DEFAULT_DEVICE=COM3") == 0
    assert "cshis-bridge" not in windows.registry(RUN)
    assert windows.registry(SETTINGS) == {"reader.default_device": "COM3"}
    assert windows.msiexec("/i", later.msi, *given) == 0
    assert ("cshis-bridge" in windows.registry(RUN)) is bool(given)
    assert windows.msiexec("/x", later.msi) == 0
    assert "cshis-bridge" not in windows.registry(RUN)


def test_a_misspelt_start_is_refused(windows: Windows, package: Package) -> None:
    """It would start nothing, and an upgrade would remember it."""
    assert windows.msiexec("/i", package.msi, "START=login") != 0
    assert not (windows.drive / INSTALLED).exists()


def test_the_line_of_the_start_script_knows_its_version(package: Package) -> None:
    """The file by which docs/install/windows-installer.md sees that nothing has to be installed."""
    version = package.msi.stem.removeprefix("cshis-bridge-")
    with zipfile.ZipFile(package.portable) as archive:
        names = archive.namelist()
    assert f"cshis-bridge/Lib/site-packages/cshis_bridge-{version}.dist-info/METADATA" in names
