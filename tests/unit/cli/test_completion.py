"""What a shell is told when it asks for names."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli.completion import PROGRAM, SHELLS
from bridge.cli.main import ASKED_BY_A_SHELL, main

MODULE = [sys.executable, "-m", "bridge"]


def asked(shell: str, words: str, incomplete: str) -> list[str]:
    """The lines that the command prints for a shell."""
    environment = {
        **os.environ,
        ASKED_BY_A_SHELL: f"{shell}_complete",
        "COMP_WORDS": f"{words} {incomplete}".rstrip(),
        "COMP_CWORD": incomplete if shell in ("fish", "powershell") else str(len(words.split())),
    }
    done = subprocess.run(MODULE, env=environment, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script(shell: str) -> None:
    done = CliRunner().invoke(main, ["completion", shell])
    assert done.exit_code == 0
    assert PROGRAM in done.output
    assert f"{shell}_complete" in done.output


def test_another_shell_is_an_error_of_usage() -> None:
    done = CliRunner().invoke(main, ["completion", "tcsh"])
    assert (done.exit_code, "'tcsh' is not one of" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "incomplete", "found"),
    [
        ("cshis-bridge", "jo", ["plain\tjournal"]),
        ("cshis-bridge journal", "pe", ["plain\tpending"]),
        ("cshis-bridge call", "hisgetbasic", ["plain\thisGetBasicData"]),
        ("cshis-bridge call csGetCardNo", "", ["plain\tCardType="]),
        ("cshis-bridge call csGetCardNo", "card", ["plain\tCardType="]),
        ("cshis-bridge call csGetCardNo CardType=1", "", []),
        ("cshis-bridge sim load", "no-vis", ["plain\tno-visits-left"]),
        ("cshis-bridge serve --scenario", "no-vis", ["plain\tno-visits-left"]),
        ("cshis-bridge table show", "csClos", ["plain\tcsCloseCom"]),
        ("cshis-bridge completion", "po", ["plain\tpowershell"]),
        ("cshis-bridge serve", "--simu", ["plain\t--simulate"]),
    ],
)
def test_names_are_completed(words: str, incomplete: str, found: list[str]) -> None:
    lines = asked("powershell", words, incomplete)
    assert ["\t".join(line.split("\t")[:2]) for line in lines] == found


@contextmanager
def command_on_path(folder: Path) -> Iterator[str]:
    """``cshis-bridge`` of this checkout, and nothing of an installation."""
    file = folder / PROGRAM
    file.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bridge "$@"\n')
    file.chmod(0o755)
    yield f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_completes_a_function(tmp_path: Path) -> None:
    with command_on_path(tmp_path) as path:
        script = f"""
            eval "$({PROGRAM} completion bash)"
            COMP_WORDS=({PROGRAM} call csGetC) COMP_CWORD=2
            _cshis_bridge_completion {PROGRAM}
            echo "${{COMPREPLY[@]}}"
        """
        done = subprocess.run(
            ["bash", "-c", script],
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.split() == ["csGetCardNo"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish")
def test_fish_completes_and_shows_the_whole_of_what_it_is(tmp_path: Path) -> None:
    script = (
        f"{PROGRAM} completion fish | source; complete -C '{PROGRAM} call csGetC'; "
        f"complete -C '{PROGRAM} serve --rec'"
    )
    with command_on_path(tmp_path) as path:
        done = subprocess.run(
            ["fish", "--no-config", "-c", script],
            env={**os.environ, "PATH": path, "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=True,
        )
    function, option = done.stdout.splitlines()
    assert function.split("\t")[0] == "csGetCardNo"
    assert option.split("\t")[0] == "--record"
    assert "," in option  # click's own script would have cut it off there


# A terminal of zsh in zsh, in which somebody presses TAB.
ZSH = """
zmodload zsh/zpty
zpty -b shell 'zsh -f -i'
zpty -w shell 'autoload -Uz compinit; compinit -u -D; eval "$(PROGRAM completion zsh)"; echo REA""DY'
read_until() {
  repeat 300; do
    zpty -r -t shell part 2>/dev/null && seen+=$part
    [[ $seen == *$1* ]] && return
    sleep 0.1
  done
}
read_until READY
seen=""
zpty -w -n shell $'PROGRAM call csGetC\\t'
read_until csGetCardNo
print -r -- $seen
""".replace("PROGRAM", PROGRAM)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh")
def test_zsh_completes_a_function(tmp_path: Path) -> None:
    with command_on_path(tmp_path) as path:
        done = subprocess.run(
            ["zsh", "-f", "-c", ZSH],
            env={**os.environ, "PATH": path, "TERM": "dumb", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
    assert "csGetCardNo" in done.stdout
