"""``make bench-migration``: what a hospital does with its traces, the old build beside the new one.

``python -m benchmarks.migration [--calls N,N,...] [--old-calls N] [--repeats N] [--old DIR] [STEP ...]``
generates the trace of a hospital of each size, has both builds mask it, judge it, make a world of it and
replay it, each by its own command as a person would give it, in turn, and prints a Markdown table: processor
seconds (of the command and all that it starts), the greatest memory of a process, calls per processor second,
and how the cost grows with the calls. What a command costs with a trace of one visit is taken off where
growth is measured: loading the program grows with nothing.

The old build is measured up to ``--old-calls`` (its replay takes longer than linear), DuckDB beside
``readiness``: it reads the same file on one thread and groups it by function and code.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.builds import Build, old_build, this_build
from benchmarks.growth import Growth, growth, interval
from benchmarks.hospital import write_hospital

ONE_VISIT = 1
MASK_TIMES, WORLD_TIMES, REPLAY_TIMES = 8.0, 6.0, 8.0  # calls per processor second, new over old
DUCKDB_TIMES, READINESS_MB, MOST_EXPONENT = 3.0, 150.0, 1.05
DUCKDB = """
import sys, duckdb
c = duckdb.connect(config={"threads": 1})
c.execute("SELECT function, code, count(*) FROM read_json(?, format='newline_delimited', columns={"
          "call: 'BIGINT', time: 'VARCHAR', thread: 'BIGINT', function: 'VARCHAR', code: 'BIGINT', "
          "us: 'DOUBLE', \\"in\\": 'JSON', \\"out\\": 'JSON'}) GROUP BY ALL", [sys.argv[1]]).fetchall()
"""
Command = Callable[[Path, Path], list[str]]  # of a trace and a folder to write into
STEPS: dict[str, Command] = {
    "mask": lambda trace, out: ["trace", "mask", str(trace), str(out / "masked.jsonl")],
    "readiness": lambda trace, out: ["readiness", str(trace), "--html", str(out / "readiness.html")],
    "from-trace": lambda trace, out: [
        "sim", "from-trace", str(trace), "--allow-unmasked", "--output", str(out / "world.yaml")
    ],
    "replay": lambda trace, out: [
        "replay", str(trace), "--simulate", "--quiet", "--json", str(out / "replay.json")
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """What a command took: processor seconds, MB of its largest process, seconds by the clock."""

    cpu: float
    peak: float
    wall: float


@dataclass(frozen=True)
class Measured:
    """All repeats of a step, by a build (or DuckDB), of a trace of so many calls."""

    step: str
    side: str
    calls: int
    costs: tuple[Cost, ...]

    @property
    def cpu(self) -> float:
        """The median of the processor seconds."""
        return statistics.median(cost.cpu for cost in self.costs)

    @property
    def peak(self) -> float:
        """The greatest memory of all repeats, in MB."""
        return max(cost.peak for cost in self.costs)


def cost_of(command: Sequence[str], folder: Path) -> Cost:
    """Run a command in a folder. Raises RuntimeError where it says that its input cannot be used."""
    begun = time.monotonic()
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said, stdin=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):  # 1: differences, as a report says them
        text = (folder / "said.txt").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"{command[:6]} ended with {process.returncode}: {text[-2000:]}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1000, time.monotonic() - begun)


class Bench:
    """Measures steps in turn, so that a slow moment of the machine meets all sides."""

    def __init__(self, builds: Sequence[Build], folder: Path, repeats: int) -> None:
        self._builds, self._folder, self._repeats = builds, folder, repeats
        self._traces: dict[int, tuple[Path, int]] = {}

    def trace(self, calls: int) -> tuple[Path, int]:
        """The trace of a hospital, one program's file as the old build reads it; how many calls it has."""
        if calls not in self._traces:
            write_hospital(self._folder / str(calls), calls)
            (file,) = (self._folder / str(calls)).iterdir()
            with file.open("rb") as stream:
                self._traces[calls] = file, sum(1 for _ in stream) - 1
        return self._traces[calls]

    def measured(self, step: str, calls: int, old_calls: int) -> Iterator[Measured]:
        """The step of each side."""
        trace, number = self.trace(calls)
        sides = [build for build in self._builds if build.name == "new" or calls <= old_calls]
        costs: dict[str, list[Cost]] = {}
        for repeat in range(self._repeats):
            for build in sides:
                print(f"{step}: {number:,} calls, {build.name}, {repeat + 1}", file=sys.stderr)
                command = [str(build.python), "-m", "bridge"]
                costs.setdefault(build.name, []).append(self._cost(STEPS[step], command, trace))
            if step == "readiness":
                duckdb = [sys.executable, "-c", DUCKDB]
                costs.setdefault("DuckDB", []).append(self._cost(lambda file, _: [str(file)], duckdb, trace))
        for side, of_side in costs.items():
            yield Measured(step, side, number, tuple(of_side))

    def _cost(self, step: Command, command: list[str], trace: Path) -> Cost:
        with tempfile.TemporaryDirectory(dir=self._folder) as out:
            return cost_of([*command, *step(trace, Path(out))], Path(out))


# --- tables -------------------------------------------------------------------------------------------------


def costs_table(measured: Sequence[Measured]) -> Iterator[str]:
    """What each step took."""
    yield "| step | side | calls | processor s (95 %) | calls per processor s | peak MB | s by the clock |"
    yield "|---|---|---|---|---|---|---|"
    for each in measured:
        if each.calls < 20:
            continue  # what is taken off
        low, high = interval([cost.cpu for cost in each.costs])
        wall = statistics.median(cost.wall for cost in each.costs)
        yield (
            f"| {each.step} | {each.side} | {each.calls:,} | {each.cpu:.2f} ({low:.2f}–{high:.2f}) "
            f"| {each.calls / each.cpu:,.0f} | {each.peak:,.0f} | {wall:.1f} |"
        )


def goals_table(measured: Sequence[Measured]) -> Iterator[str]:
    """What the new build is held to."""
    yield "| goal | measured | bound | |"
    yield "|---|---|---|---|"
    found = {(each.step, each.side, each.calls): each for each in measured if each.calls >= 20}
    for step, bound in (("mask", MASK_TIMES), ("from-trace", WORLD_TIMES), ("replay", REPLAY_TIMES)):
        both = [calls for name, side, calls in found if name == step and side == "old"]
        if both:
            calls = max(both)
            times = found[step, "old", calls].cpu / found[step, "new", calls].cpu
            yield _goal(
                f"{step}: calls per processor second, new over old ({calls:,})", times, bound, "times"
            )
    for calls in sorted(calls for name, side, calls in found if (name, side) == ("readiness", "DuckDB")):
        new = found["readiness", "new", calls]
        times = new.cpu / found["readiness", "DuckDB", calls].cpu
        yield _goal(
            f"readiness over DuckDB's read-and-group ({calls:,})", times, DUCKDB_TIMES, "times", most=True
        )
        yield _goal(f"readiness: peak ({calls:,})", new.peak, READINESS_MB, "MB", most=True)


def _goal(name: str, value: float, bound: float, unit: str, *, most: bool = False) -> str:
    met = value <= bound if most else value >= bound
    return (
        f"| {name} | {value:.2f} {unit} | {'≤' if most else '≥'} {bound:g} | {'met' if met else 'missed'} |"
    )


def growth_table(measured: Sequence[Measured]) -> Iterator[str]:
    """How the processor seconds of each step grow, less those of a trace of one visit."""
    yield "| growth | exponent (95 %) | from | to | bound | |"
    yield "|---|---|---|---|---|---|"
    for step, side in dict.fromkeys((each.step, each.side) for each in measured):
        own = [each for each in measured if (each.step, each.side) == (step, side)]
        fixed = min(own, key=lambda each: each.calls).cpu
        larger = [each for each in own if each.calls >= 20]
        points = [(each.calls, cost.cpu - fixed) for each in larger for cost in each.costs]
        found = growth([calls for calls, _ in points], [cpu for _, cpu in points])
        if found is None:
            continue
        first, last = min(each.calls for each in larger), max(each.calls for each in larger)
        goal, bound = (_sure(found), f"≤ {MOST_EXPONENT}") if side == "new" else ("", "")
        text = f"{found.exponent:.3f} ({found.low:.3f}–{found.high:.3f})"
        yield f"| {step}, {side} | {text} | {first:,} | {last:,} | {bound} | {goal} |"


def _sure(found: Growth) -> str:
    """Whether the goal is met, as far as the interval says."""
    if found.high <= MOST_EXPONENT:
        return "met"
    return "missed" if found.low > MOST_EXPONENT else "not sure: measure more sizes or repeats"


@click.command(help=__doc__)
@click.argument("steps", nargs=-1, type=click.Choice(list(STEPS)))
@click.option(
    "--calls", default="1000,3000,10000", show_default=True, help="Sizes, such as 10000,100000,1000000."
)
@click.option("--old-calls", default=3000, show_default=True, help="The largest size for the old build.")
@click.option("--repeats", default=3, show_default=True)
@click.option("--old", type=click.Path(path_type=Path), help="A checkout of the old commit, built.")
@click.option("--without-old", is_flag=True, help="Measure this build alone.")
def main(
    steps: tuple[str, ...], calls: str, old_calls: int, repeats: int, old: Path | None, without_old: bool
) -> None:
    """Measure and print."""
    builds = [this_build()] if without_old else [old_build(old), this_build()]
    sizes = [ONE_VISIT, *sorted(int(size) for size in calls.split(","))]
    with tempfile.TemporaryDirectory(prefix="cshis-bench-") as folder:
        bench = Bench(builds, Path(folder), repeats)
        measured = [
            each
            for step in steps or STEPS
            for size in sizes
            for each in bench.measured(step, size, old_calls)
        ]
    for table in (goals_table, growth_table, costs_table):
        print("\n".join(table(measured)), end="\n\n")


if __name__ == "__main__":
    main()
