"""``cshis-bridge console start --again``: how the console of one session of Windows is ended."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click
import psutil
import pytest
from click.testing import CliRunner

from bridge.cli.console import program
from bridge.cli.console.program import ADDRESS, end_program
from bridge.cli.main import main

SESSIONS = {1: 3, 2: 3, 3: 4}  # by process


@dataclass
class Process:
    """One of a table of processes."""

    pid: int
    name: str = "ciet6001s01.exe"
    refuses: type[psutil.Error] | None = None
    killed: bool = False

    def kill(self) -> None:
        if self.refuses is not None:
            raise self.refuses(self.pid)
        self.killed = True


@pytest.fixture(autouse=True)
def _none_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program.psutil, "wait_procs", lambda *_, **__: ([], []))


def end(*processes: Process) -> str:
    files = {each.pid: Path("/NHI", each.name) for each in processes}
    return end_program(3, processes, files.get, SESSIONS.get)  # type: ignore[arg-type]


def test_only_the_console_of_the_own_session_is_ended() -> None:
    own, other, theirs = Process(1, "CIET6001S01.EXE"), Process(2, "his.exe"), Process(3)
    assert "已關閉主控台" in end(own, other, theirs)
    assert [each.killed for each in (own, other, theirs)] == [True, False, False]


def test_where_none_runs_that_is_no_fault() -> None:
    assert "沒有在執行" in end(Process(2, "his.exe"), Process(3))
    assert "已關閉主控台" in end(Process(1, refuses=psutil.NoSuchProcess))


def test_what_windows_refuses_is_told() -> None:
    with pytest.raises(click.ClickException, match="無法關閉主控台"):
        end(Process(1, refuses=psutil.AccessDenied))


@pytest.mark.skipif(sys.platform == "win32", reason="there it is started")
def test_on_linux_it_says_where_to_start_it() -> None:
    done = CliRunner().invoke(main, ["console", "start"])
    assert done.exit_code == 1
    assert ADDRESS in done.output
    assert "主控台只在 Windows 上執行" in done.output
