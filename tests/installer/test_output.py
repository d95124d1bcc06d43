"""Chinese on consoles of any code page, and where output goes into files and programs."""

from __future__ import annotations

import os
import pty
import re
import time
from pathlib import Path

import pytest

from tests.installer.conftest import Package
from tests.installer.windows import Windows

WORDS = "未置入健保IC卡"
STEERING = re.compile(r"\x1b\][^\x07]*\x07|\x1b\[[0-9;?]*[A-Za-z]|\x1b.")
REDIRECTED = (("--help",), ("explain", "4013"), ("functions", "退掛"), ("doctor",), ("console", "--help"))


@pytest.fixture(scope="module")
def installed(windows: Windows, package: Package) -> Windows:
    if not windows.folder.exists():
        assert windows.msiexec("/i", package.msi) == 0
    return windows


def on_console(windows: Windows, page: int, line: str) -> str:
    """What a person sees in a console with this code page, without what steers it."""
    file = windows.drive / f"page{page}.bat"
    file.write_text(f"@chcp {page}>nul\r\n@{line}\r\n", encoding="ascii")
    ours, theirs = pty.openpty()
    process = windows.on_terminal(theirs, "cmd", "/c", rf"C:\{file.name}")
    os.close(theirs)
    seen = b""
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        seen += _read(ours)
    process.kill()
    process.wait(30)
    os.close(ours)
    return STEERING.sub("", seen.decode("utf-8", "replace"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other side has gone
        return b""


@pytest.mark.parametrize("page", [950, 437, 65001])
def test_a_console_shows_chinese_by_any_code_page(installed: Windows, page: int) -> None:
    seen = on_console(installed, page, r'"C:\Program Files\cshis-bridge\cshis-bridge.exe" explain 4013')
    assert WORDS in seen.replace(" ", ""), seen


@pytest.mark.parametrize("page", [950, 437])
def test_a_file_gets_utf_8_by_any_code_page(installed: Windows, page: int) -> None:
    """Also from a Python that was not told to, as where the bridge was installed by pip."""
    for name, program in (
        ("exe", r'"C:\Program Files\cshis-bridge\cshis-bridge.exe"'),
        ("pip", r'"C:\Program Files\cshis-bridge\python.exe" -m bridge'),
    ):
        words = rf"{program} explain 4013 > C:\{name}.txt"
        on_console(installed, page, words)
        text = (installed.drive / f"{name}.txt").read_bytes().decode("utf-8")
        assert WORDS in text
        assert "??" not in text


def test_no_command_loses_a_character(installed: Windows) -> None:
    """Those whose words are Chinese, into a pipe."""
    for words in REDIRECTED:
        program = installed.run(Path(installed.folder, "python.exe"), "-m", "bridge", *words)
        program.wait(120)
        lines = program.text.splitlines()
        said = "\n".join(line for line in lines if not line.startswith("wine: "))  # its own names have ??
        assert re.search("[一-鿿]", said), said
        assert "??" not in said, said
        assert "�" not in said, said
