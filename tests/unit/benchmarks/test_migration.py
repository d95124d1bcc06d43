"""What the measurements of migration make of their numbers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.growth import growth, interval
from benchmarks.hospital import write_hospital
from benchmarks.migration import Cost, Measured, cost_of, goals_table, growth_table
from bridge.trace.reading import read_trace

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.7])
def test_the_exponent_of_a_power(exponent: float) -> None:
    sizes = [10.0, 100.0, 1000.0]
    found = growth(sizes, [3 * size**exponent for size in sizes])
    assert found is not None
    assert found.exponent == pytest.approx(exponent)
    assert found.high - found.low < 1e-6


def test_an_exponent_is_as_sure_as_its_values() -> None:
    found = growth([10, 10, 100, 100, 1000, 1000], [9, 11, 90, 110, 900, 1100])
    assert found is not None
    assert found.low < 1 < found.high
    # by hand: slope 1, residuals ln 1.1 and ln 0.9 about their mean; t(4) = 2.78
    assert found.high - found.exponent == pytest.approx(0.0741, abs=5e-4)


@pytest.mark.parametrize(
    ("sizes", "costs"), [([1, 2], [1, 2]), ([5, 5, 5], [1, 2, 3]), ([1, 2, 3], [0, 1, 2])]
)
def test_what_tells_no_exponent(sizes: list[float], costs: list[float]) -> None:
    assert growth(sizes, costs) is None


def test_the_interval_of_three_repeats() -> None:
    low, high = interval([1.0, 2.0, 3.0])
    assert (low, high) == (pytest.approx(2 - 4.30 / 3**0.5), pytest.approx(2 + 4.30 / 3**0.5))
    assert interval([5.0]) == (5.0, 5.0)


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
        ("8.10 times", "met"), ("3.10 times", "missed"), ("151.00 MB", "missed"),
    ]  # fmt: skip


def test_what_one_visit_costs_is_taken_off_the_growth() -> None:
    values = [measured("mask", "new", calls, 2.0 + calls / 100) for calls in (0, 100, 1000, 10_000)]
    (row,) = list(growth_table(values))[2:]
    assert "| 1.000 (1.000–1.000) | 100 | 10,000 | ≤ 1.05 | met |" in row


def test_a_growth_is_judged_as_far_as_it_is_sure() -> None:
    steep = [measured("mask", "new", calls, 2.0 + calls**1.2) for calls in (0, 100, 1000, 10_000)]
    assert "| missed |" in list(growth_table(steep))[2]
    costs = [(0, [2.0]), (100, [2.5, 3.5]), (1000, [9.0, 15.0])]
    noisy = [Measured("mask", "new", size, tuple(Cost(cpu, 1, 1) for cpu in cpus)) for size, cpus in costs]
    assert "| not sure" in list(growth_table(noisy))[2]


def test_a_cost_is_that_of_all_processes_of_a_command(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    command = [
        sys.executable,
        "-c",
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])",
    ]
    cost = cost_of(command, tmp_path)
    assert cost.cpu >= 0.3
    assert 5 < cost.peak < 500
    with pytest.raises(RuntimeError, match="ended with 7: no"):
        cost_of([sys.executable, "-c", "print('no'); raise SystemExit(7)"], tmp_path)


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
