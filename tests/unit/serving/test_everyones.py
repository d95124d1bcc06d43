"""Ending the programs of an installation before its files are replaced."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bridge.serving.everyones import end_all, programs_in

WAITS = "import signal, sys, time\n{}\nprint('ready', flush=True)\ntime.sleep(60)"
GOES = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))"
STAYS = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"

Start = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installation: a program of its own."""
    made = tmp_path / "installed"
    made.mkdir()
    shutil.copy2(os.path.realpath(sys.executable), made / "program")
    return made


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    started = []

    def run(how: str) -> subprocess.Popen[bytes]:
        words = [str(folder / "program"), "-I", "-S", "-c", WAITS.format(how)]
        program = subprocess.Popen(words, stdout=subprocess.PIPE, env={"PYTHONHOME": sys.base_prefix})
        started.append(program)
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
        return program

    yield run
    for program in started:
        program.kill()
        program.communicate()


def test_all_programs_of_the_folder_end_and_no_other(folder: Path, start: Start) -> None:
    one, other = start(GOES), start(GOES)
    elsewhere = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        assert {process.pid for process in programs_in(folder)} == {one.pid, other.pid}
        lines = list(end_all(folder))
        assert sorted(lines) == sorted(f"process {each.pid} has ended" for each in (one, other))
        assert not psutil.pid_exists(one.pid)
        assert not psutil.pid_exists(other.pid)
        assert elsewhere.poll() is None
    finally:
        elsewhere.kill()
        elsewhere.wait()


def test_one_that_does_not_end_is_ended(folder: Path, start: Start) -> None:
    stubborn = start(STAYS)
    (line,) = end_all(folder, patience=0.2)
    assert line == f"process {stubborn.pid} did not end when asked, and was ended at once"
    assert not psutil.pid_exists(stubborn.pid)


def test_those_of_whoever_asks_go_on(tmp_path: Path) -> None:
    own = Path(os.path.realpath(sys.executable)).parent
    assert os.getpid() in {process.pid for process in programs_in(own)}
    assert os.getpid() not in {process.pid for process in programs_in(own, but=[os.getpid()])}
