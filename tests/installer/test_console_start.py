"""Starting the console by its address, and ending one that hangs. A program that only waits stands for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.installer.conftest import Package
from tests.installer.windows import Windows

STARTED = "started.txt"
HANDLER = r"HKLM\Software\Classes\cshis6"


@pytest.fixture(scope="module")
def installed(windows: Windows, package: Package) -> Windows:
    if not windows.folder.exists():
        assert windows.msiexec("/i", package.msi) == 0
    return windows


def add(windows: Windows, *words: str) -> None:
    assert windows.run("reg", "add", *words, "/f", "/reg:64").wait(60) == 0


def test_without_control_software_it_says_so(installed: Windows) -> None:
    said = installed.command("console", "start", code=1)
    assert "是否已安裝控制軟體 6.0" in said


def test_its_address_starts_the_console(installed: Windows) -> None:
    """As control software 6.0 registers it."""
    script = installed.drive / "console.bat"
    script.write_text(f"@echo %1> C:\\{STARTED}\r\n", encoding="ascii")
    add(installed, HANDLER, "/ve", "/d", "URL:cshis6")
    add(installed, HANDLER, "/v", "URL Protocol", "/d", "")
    add(installed, rf"{HANDLER}\shell\open\command", "/ve", "/d", r'cmd.exe /c C:\console.bat "%1"')
    try:
        assert "已要求啟動主控台" in installed.command("console", "start")
        started: Path = installed.drive / STARTED
        for _ in range(100):
            if started.is_file() and "cshis6://console" in started.read_text():
                return
            installed.run("cmd", "/c", "ver").wait(30)
        pytest.fail("nothing was started")
    finally:
        assert installed.run("reg", "delete", HANDLER, "/f", "/reg:64").wait(60) == 0


def test_one_that_hangs_is_ended(installed: Windows) -> None:
    """Another program under its name: Windows' sessions are looked at in tests/unit/cli."""
    program = installed.drive / "ciet6001s01.exe"
    shutil.copyfile(installed.drive / "windows" / "system32" / "cmd.exe", program)
    running = installed.run(program, "/k", given=b"echo it runs\r\n")
    try:
        running.wait_for("it runs", 60)
        assert running.process.poll() is None
        said = installed.command("console", "start", "--again", code=1)  # nothing starts it here
        assert "已關閉主控台" in said
        assert running.wait(30) is not None
    finally:
        running.process.kill()
    assert "沒有在執行" in installed.command("console", "start", "--again", code=1)
