"""A PC from nothing: installed without a question, at work, upgraded, removed. In this order."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from native.compiler import compile_program, find_mingw
from native.targets import WINDOWS
from tests.installer.conftest import LATER, Package
from tests.installer.windows import Windows
from tests.support.wine import windows_path

CLINIC = Path(__file__).parents[1] / "legacy_his" / "clinic.c"
SETTINGS = r"SOFTWARE\cshis-bridge"
RUN = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Run"
CLOUD = "https://cloud.example:8443"
DATA = r"C:\trial"
LIBRARY = "Lib/site-packages/bridge/native_libraries/win64/cshis.dll"
PORTS = [f"--{name}-port=0" for name in ("facade", "legacy-http", "channel", "console", "cloud")]
TOKEN = r"C:\trial\token"
CONFIG = f"""
[channel]
token_file = '{TOKEN}'

[pin]
provider = "fixed"

[pin.fixed]
hpc = "654321"
hc = "1234"
"""


@pytest.fixture(scope="module")
def installed(windows: Windows, package: Package) -> Windows:
    """As a roll-out does it."""
    assert windows.msiexec("/i", package.msi, f"CLOUD_URL={CLOUD}", "READER_LINGER=600") == 0
    return windows


@pytest.fixture(scope="module")
def data(installed: Windows) -> Path:
    folder = installed.drive / "trial"
    folder.mkdir()
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    return folder


def test_what_was_given_is_set(installed: Windows) -> None:
    assert installed.registry(SETTINGS) == {"cloud.url": CLOUD, "reader.linger": "600"}
    read = "from bridge.config import load_settings as s; print(s().cloud.url, s().reader.linger)"
    assert installed.python(read) == f"{CLOUD} 600.0"


def test_it_begins_at_log_on_without_a_console_window(installed: Windows) -> None:
    started = installed.registry(RUN)["cshis-bridge"]
    assert started == r'"C:\Program Files\cshis-bridge\cshis-bridgew.exe" serve'
    assert windows_subsystem(installed.folder / "cshis-bridgew.exe") == 2
    assert windows_subsystem(installed.folder / "cshis-bridge.exe") == 3


def windows_subsystem(program: Path) -> int:
    """2: windows alone. 3: a console."""
    import pefile

    return int(pefile.PE(str(program), fast_load=True).OPTIONAL_HEADER.Subsystem)


def test_chinese_stays_chinese_where_output_is_redirected(installed: Windows) -> None:
    assert "未置入健保IC卡" in installed.command("explain", "4013")


def test_a_day_at_the_desk(installed: Windows, data: Path, tmp_path: Path) -> None:
    """The bridge, a call, a program with the DLL that install-dll has placed, a clean end."""
    bridge, ready = installed.serve("--simulate", "--data-dir", DATA, *PORTS)
    try:
        assert ready["config"] == rf"{DATA}\running.toml"
        assert "測試十" in installed.command("call", "hisGetBasicData", "--data-dir", DATA)
        his = installed.drive / "HIS"
        his.mkdir()
        clinic = compile_program(
            CLINIC,
            his / "clinic.exe",
            "-O2",
            "-static-libgcc",
            "-fexec-charset=BIG5",
            compiler=find_mingw(WINDOWS[64]),
        )
        placed = installed.command("install-dll", r"C:\HIS", "--config", rf"{DATA}\running.toml")
        assert "cshis.dll" in placed
        program = installed.run(clinic, windows_path(his / "cshis.dll"))
        assert program.wait(120) == 0, program.text
        assert "all as expected" in program.text
        assert "has ended" in installed.command("stop", "--data-dir", DATA)
        assert bridge.wait(30) == 0, bridge.text
        assert "stopping" in bridge.text
    finally:
        bridge.process.kill()


def test_a_program_finds_the_bridge_of_its_session(installed: Windows) -> None:
    """At whatever ports it is, without a word in an environment or a file beside the DLL. The test's own user
    has the one without a data directory of its own.
    """
    local = Path(windows_home(installed))
    (local / "config.toml").parent.mkdir(parents=True, exist_ok=True)
    (local / "config.toml").write_text(CONFIG.replace(TOKEN, r"C:\token-of-the-session"), encoding="utf-8")
    desk = installed.drive / "desk"
    desk.mkdir()
    flags = ("-O2", "-static-libgcc", "-fexec-charset=BIG5")
    clinic = compile_program(CLINIC, desk / "clinic.exe", *flags, compiler=find_mingw(WINDOWS[64]))
    shutil.copyfile(installed.folder / LIBRARY, desk / "cshis.dll")
    bridge, _ = installed.serve("--simulate", *PORTS)
    try:
        program = installed.run(clinic, windows_path(desk / "cshis.dll"))
        assert program.wait(120) == 0, program.text
        assert "all as expected" in program.text
        assert "has ended" in installed.command("stop")
        assert bridge.wait(30) == 0, bridge.text
    finally:
        bridge.process.kill()
    alone = installed.run(clinic, windows_path(desk / "cshis.dll"))
    assert alone.wait(120) != 0


def windows_home(windows: Windows) -> str:
    """The user's own data folder, as this machine sees it."""
    said = windows.python("from bridge.config import default_data_dir as d; print(d())")
    return str(windows.drive / said.removeprefix("C:\\").replace("\\", "/"))


def test_a_bridge_that_was_killed_leaves_a_whole_journal(installed: Windows, data: Path) -> None:
    bridge, _ = installed.serve("--simulate", "--data-dir", DATA, *PORTS)
    assert "hisGetBasicData -> 0" in installed.command("call", "hisGetBasicData", "--data-dir", DATA)
    os.kill(bridge.process.pid, signal.SIGKILL)
    bridge.process.wait(30)
    again, _ = installed.serve("--simulate", "--data-dir", DATA, *PORTS)
    try:
        assert "hisGetBasicData" in installed.command("journal", "calls", "--data-dir", DATA)
        assert "has ended" in installed.command("stop", "--data-dir", DATA)
    finally:
        again.process.kill()


def test_a_bridge_that_crashed_is_started_again(installed: Windows, data: Path) -> None:
    """The program that starts at log-on. A clean end is one for good."""
    log = rf"--log-file={DATA}\cshis-bridge.log"
    words = ("serve", "--simulate", "--data-dir", DATA, log, *PORTS)
    before = number_in(data / "owner.lock")
    watcher = installed.run(installed.folder / "cshis-bridgew.exe", *words)
    first = owner(data, before)
    installed.python(f"import os; os.kill({first}, 5)")  # what Windows calls terminating
    second = owner(data, first)
    assert watcher.process.poll() is None
    until(
        lambda: (
            "(exit code 5), and was started again" in (data / "cshis-bridge.log").read_text(encoding="utf-8")
        )
    )
    assert f"process {second} has ended" in installed.command("stop", "--data-dir", DATA)
    assert watcher.wait(30) == 0


def test_a_bridge_that_hangs_is_ended_and_stays_so(installed: Windows, data: Path) -> None:
    """As the icon's menu does it: what watches over the bridge must not take it for a crash."""
    before = number_in(data / "owner.lock")
    words = ("serve", "--simulate", "--data-dir", DATA, *PORTS)
    watcher = installed.run(installed.folder / "cshis-bridgew.exe", *words)
    hanging = owner(data, before)
    installed.python(f"import psutil; psutil.Process({hanging}).suspend()")
    said = installed.command("stop", "--force", "--wait", "2", "--data-dir", DATA)
    assert f"process {hanging} did not end when asked, and was ended at once" in said
    assert watcher.wait(30) == 0


def owner(data: Path, before: int) -> int:
    """The number of the process that has the data directory, and has said so since ``before``."""
    said = data / "owner.lock"

    def found() -> int:
        number, running = number_in(said), data / "running.toml"
        is_up = running.exists() and running.stat().st_mtime >= said.stat().st_mtime
        return number if number != before and is_up else 0

    until(lambda: bool(found()))
    return found()


def number_in(lock: Path) -> int:
    """0 where there is none."""
    try:
        return int(json.loads(lock.read_text(encoding="ascii"))["pid"])
    except (OSError, ValueError):
        return 0


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 180  # a start takes half a minute on a busy machine, and comes after a pause
    while not there():
        assert time.monotonic() < end
        time.sleep(0.2)


@pytest.fixture(scope="module")
def upgraded(installed: Windows, later: Package) -> Windows:
    """A later version over it, with one setting changed."""
    assert installed.msiexec("/i", later.msi, "READER_LINGER=700") == 0
    return installed


def test_an_upgrade_keeps_what_was_set(upgraded: Windows, data: Path) -> None:
    assert upgraded.registry(SETTINGS) == {"cloud.url": CLOUD, "reader.linger": "700"}
    assert (data / "config.toml").read_text(encoding="utf-8") == CONFIG
    assert (data / "journal.sqlite3").is_file()


def test_an_older_version_is_refused(upgraded: Windows, package: Package) -> None:
    assert upgraded.msiexec("/i", package.msi) != 0
    assert upgraded.registry(SETTINGS)["reader.linger"] == "700"


def test_what_is_removed_is_gone(upgraded: Windows, later: Package, data: Path) -> None:
    """But for the settings, the journal and what stands beside it."""
    assert LATER in later.msi.name
    assert upgraded.msiexec("/x", later.msi) == 0
    assert not upgraded.folder.exists()
    assert "cshis-bridge" not in upgraded.registry(RUN)
    assert upgraded.registry(SETTINGS)["cloud.url"] == CLOUD
    assert (data / "journal.sqlite3").is_file()
