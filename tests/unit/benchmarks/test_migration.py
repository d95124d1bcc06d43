"""What the measurements of migration make of their numbers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.hospital import write_hospital
from benchmarks.migration import cost_of
from benchmarks.migration_tables import Cost, Measured, costs_table, goals_table, growth_table
from bridge.trace.reading import read_trace

ROOT = Path(__file__).parents[3]


def measured(step: str, side: str, calls: int, cpu: float, peak: float = 50.0) -> Measured:
    return Measured(step, side, calls, tuple(Cost(cpu, peak, cpu) for _ in range(3)))


def test_goals_are_judged_at_the_largest_common_size() -> None:
    rows = list(
        goals_table(
            [
                measured("mask", "old", 9, 1.0), measured("mask", "new", 9, 1.0),
                measured("mask", "old", 1000, 8.1), measured("mask", "new", 1000, 1.0),
                measured("mask", "new", 5000, 5.0),
                measured("readiness", "new", 1000, 3.1, peak=151), measured("readiness", "DuckDB", 1000, 1.0),
            ]
        )
    )[2:]  # fmt: skip
    assert [(row.split("|")[2].strip(), row.split("|")[4].strip()) for row in rows] == [
        ("8.10 (8.10–8.10) times", "met"), ("3.10 (3.10–3.10) times", "missed"), ("151 MB", "missed"),
    ]  # fmt: skip


def test_what_one_visit_costs_is_taken_off_the_growth() -> None:
    values = [measured("mask", "new", calls, 2.0 + calls / 100) for calls in (0, 100, 1000, 10_000)]
    (row,) = list(growth_table(values))[2:]
    assert "| 1.000 (1.000–1.000) | 100 | 10,000 | ≤ 1.05 | met |" in row


def of_repeats(step: str, side: str, calls: int, *cpus: float) -> Measured:
    return Measured(step, side, calls, tuple(Cost(cpu, 50.0, cpu) for cpu in cpus))


def test_each_repeat_has_its_own_cost_of_one_visit() -> None:
    """An hour in which the machine is slower by a second in all that it does tells nothing of the growth."""
    sizes = (0, 100, 1000, 10_000)
    values = [
        of_repeats("mask", "new", calls, *(slow + calls / 100 for slow in (2, 3, 4))) for calls in sizes
    ]
    (row,) = list(growth_table(values))[2:]
    assert "| 1.000 (1.000–1.000) |" in row


def test_a_growth_is_judged_as_far_as_it_is_sure() -> None:
    steep = [measured("mask", "new", calls, 2.0 + calls**1.2) for calls in (0, 100, 1000, 10_000)]
    assert "| missed |" in list(growth_table(steep))[2]
    noisy = [
        of_repeats("mask", "new", calls, *cpus)
        for calls, cpus in ((0, (2.0, 2.0)), (100, (2.5, 3.5)), (1000, (9.0, 15.0)))
    ]
    assert "| not sure" in list(growth_table(noisy))[2]


def test_a_goal_is_judged_as_far_as_it_is_sure() -> None:
    def verdict(*old: float) -> str:
        both = [of_repeats("mask", "old", 1000, *old), of_repeats("mask", "new", 1000, 1.0, 1.0, 1.0)]
        return list(goals_table(both))[2].split("|")[4].strip()

    assert verdict(8.15, 8.2, 8.25) == "met"
    assert verdict(7.75, 7.8, 7.85) == "missed"
    assert verdict(7.0, 8.2, 9.6).startswith("not sure")


def test_one_repeat_has_no_interval() -> None:
    once = [of_repeats("mask", "old", 1000, 8.0), of_repeats("mask", "new", 1000, 1.0)]
    (goal,) = list(goals_table(once))[2:]
    assert "| 8.00 times | ≥ 8 | met |" in goal
    assert list(costs_table(once))[3] == "| mask | new | 1,000 | 1.00 | 1,000 | 50 | 1.0 |"


def test_a_cost_is_that_of_all_processes_of_a_command(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    command = [
        sys.executable,
        "-c",
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])",
    ]
    cost = cost_of(command, tmp_path)
    assert cost.cpu >= 0.3
    assert cost.wall >= 0.3
    with pytest.raises(RuntimeError, match="ended with 7: no"):
        cost_of([sys.executable, "-c", "print('no'); raise SystemExit(7)"], tmp_path)


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"no-such-command.*(?s:.*)No such file"):
        cost_of([str(tmp_path / "no-such-command")], tmp_path)


def test_the_memory_is_that_of_the_command_and_not_of_who_measures(tmp_path: Path) -> None:
    here = b"x" * 400_000_000
    assert cost_of([sys.executable, "-c", "pass"], tmp_path).peak < 100
    needed = cost_of([sys.executable, "-c", "b'x' * 300_000_000"], tmp_path).peak
    assert 300 < needed < 400
    assert len(here) == 400_000_000


def test_it_runs(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.migration",
        "--calls",
        "90",
        "--repeats",
        "1",
        "--without-old",
    ]
    done = subprocess.run(
        [*command, "mask", "readiness"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    write_hospital(tmp_path, 90)
    calls = len(read_trace(tmp_path).calls)
    for side in ("mask | new", "readiness | new", "readiness | DuckDB"):
        assert f"| {side} | {calls} |" in done.stdout
    assert f"readiness over DuckDB's read-and-group ({calls})" in done.stdout
