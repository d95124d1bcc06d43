"""For which program a command calls."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.bridge_process import ROOT, clean_environment

SAY = "from bridge.cli.calling_program import calling_program; print(*calling_program())"


def say(*before: str) -> str:
    return " ".join([*before, sys.executable, "-c", f'"{SAY}"'])


def shell(script: str) -> list[str]:
    done = subprocess.run(
        ["sh", "-c", f"echo $$; {script}"], cwd=ROOT, env=clean_environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.skipif(os.name != "posix", reason="sh")
def test_all_commands_of_a_shell_are_one_program() -> None:
    own, *said = shell(f"{say()}; x=$({say()}); echo $x; {say()} | cat; true")
    assert len(said) == 3
    assert len(set(said)) == 1
    assert said[0].split()[0] == own


@pytest.mark.skipif(os.name != "posix", reason="sh")
def test_another_shell_is_another_program() -> None:
    assert shell(f"{say()}; true")[1] != shell(f"{say()}; true")[1]


@pytest.mark.skipif(os.name != "posix", reason="sh")
def test_launchers_are_passed_over(tmp_path: Path) -> None:
    launcher = tmp_path / "cshis-bridge"
    launcher.write_text(f"#!/bin/sh\n{say()}\ntrue\n")
    launcher.chmod(0o700)
    own, direct, *launched = shell(f"{say()}; {launcher} call; env PATH=$PATH {launcher}; true")
    assert direct.split()[0] == own
    assert set(launched) == {direct}
