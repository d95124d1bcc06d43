"""What CI runs: every target is one of the Makefile, the budgets fit, failures and slow targets show."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CI = ROOT / ".ci"
LIMIT = "readonly LIMIT=80 # minutes"
BUDGETS = [line.split() for line in (CI / "budgets").read_text().splitlines() if not line.startswith("#")]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A project whose CI is ours and whose targets are ``quick`` and ``slow``."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(CI / "run", tmp_path / ".ci" / "run")
    (tmp_path / ".ci" / "budgets").write_text("# a comment\nquick 1\nslow  0\n")
    (tmp_path / "Makefile").write_text("quick:\n\t@true\nslow:\n\t@sleep 2\n")
    return tmp_path


def run(place: Path) -> subprocess.CompletedProcess[str]:
    # Without what a make that runs these tests would tell its own.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run([place / ".ci" / "run"], env=env, capture_output=True, text=True, check=False)


def test_every_suite_has_a_target_and_all_fit() -> None:
    targets = set(
        re.findall(r"^([\w-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert {name for name, _ in BUDGETS} <= targets
    assert sum(int(minutes) for _, minutes in BUDGETS) <= 80
    assert LIMIT in (CI / "run").read_text()


def test_what_took_longer_than_it_may_is_told_and_fails_nothing(place: Path) -> None:
    done = run(place)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^quick +1:00 +0:0\d$", done.stdout, re.MULTILINE)
    assert re.search(r"^slow +0:00 +0:0\d  WARNING: over its budget$", done.stdout, re.MULTILINE)


def test_a_failure_ends_the_run_with_the_table(place: Path) -> None:
    (place / "Makefile").write_text("quick:\n\t@false\nslow:\n\t@true\n")
    done = run(place)
    assert done.returncode == 1
    assert re.search(r"^quick +1:00 +0:0\d  FAILED", done.stdout, re.MULTILINE)
    assert not re.search(r"^slow", done.stdout, re.MULTILINE)


def test_a_target_that_does_not_end_is_ended(place: Path) -> None:
    script = place / ".ci" / "run"
    assert "budget * 180 + 60" in script.read_text()
    script.write_text(script.read_text().replace("budget * 180 + 60", "budget * 180 + 1"))
    done = run(place)
    assert done.returncode == 1
    assert "sending signal TERM to command" in done.stderr
    assert re.search(r"^slow +0:00 +0:0\d  FAILED  WARNING: over its budget$", done.stdout, re.MULTILINE)


def test_all_together_beyond_the_limit_is_a_failure(place: Path) -> None:
    script = place / ".ci" / "run"
    (place / ".ci" / "budgets").write_text("slow 0\n")
    script.write_text(script.read_text().replace(LIMIT, "readonly LIMIT=0"))
    done = run(place)
    assert (done.returncode, done.stderr) == (1, "CI took longer than 0 minutes\n")


def test_budgets_beyond_the_limit_are_refused_before_anything_runs(place: Path) -> None:
    (place / ".ci" / "budgets").write_text("quick 81\n")
    done = run(place)
    assert (done.returncode, done.stderr) == (1, ".ci/budgets allows 81 minutes, more than 80\n")


def test_the_lowest_versions_are_those_of_pyproject() -> None:
    done = subprocess.run([sys.executable, CI / "lowest.py"], capture_output=True, text=True, check=True)
    lines = set(done.stdout.splitlines())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for requirement in project["dependencies"]:
        found = re.match(r"([\w-]+)>=([\d.]+)", requirement)
        assert found, f"{requirement} names no lowest version"
        assert any(line.startswith(f"{found[1]}=={found[2]}") for line in lines), requirement
