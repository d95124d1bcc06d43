"""``cshis-bridge console start --again``: how the console of one session of Windows is ended."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import click
import pytest
from click.testing import CliRunner

from bridge.cli.console.program import ADDRESS, end_program
from bridge.cli.main import main


class Taskkill:
    """Answers as Windows' own does."""

    def __init__(self, code: int, output: str = "", error: str = "") -> None:
        self.answer = code, output, error
        self.command: list[str] = []

    def __call__(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.command = command
        return subprocess.CompletedProcess(command, *self.answer)


def test_only_the_console_of_the_own_session_is_ended() -> None:
    run = Taskkill(0, 'SUCCESS: The process "ciet6001s01.exe" with PID 7 has been terminated.')
    assert "已關閉主控台" in end_program(3, run)
    assert run.command[0].endswith("taskkill.exe")
    assert run.command[1:] == ["/F", "/IM", "ciet6001s01.exe", "/FI", "SESSION eq 3"]


@pytest.mark.parametrize(
    "run",
    [
        Taskkill(128, error='ERROR: The process "ciet6001s01.exe" not found.'),
        Taskkill(0, "INFO: No tasks running with the specified criteria."),
    ],
)
def test_where_none_runs_that_is_no_fault(run: Taskkill) -> None:
    assert "沒有在執行" in end_program(1, run)


def test_what_windows_refuses_is_told() -> None:
    with pytest.raises(click.ClickException, match="Access is denied"):
        end_program(1, Taskkill(1, error="ERROR: Access is denied."))


@pytest.mark.skipif(sys.platform == "win32", reason="there it is started")
def test_on_linux_it_says_where_to_start_it() -> None:
    done = CliRunner().invoke(main, ["console", "start"])
    assert done.exit_code == 1
    assert ADDRESS in done.output
    assert "主控台只在 Windows 上執行" in done.output
