"""``make bench-migration``: what a hospital does with its traces, the old build beside the new one.

``python -m benchmarks.migration [--calls N,N,...] [--replay-calls N,N,...] [--old-calls N] [--repeats N]
[--old DIR] [STEP ...]`` generates the trace of one work place of each size, has both builds mask it, judge
it, make a world of it and replay it, each by its own command as a person would give it, and prints Markdown
tables (:mod:`benchmarks.migration_tables`): what is reached of the goals, how the cost grows with the calls,
and processor seconds (of the command and all that it starts), the greatest memory of a process, and calls per
processor second. In each repeat all sizes and sides of a step are measured in turn, so that a slow hour of
the machine meets them all.

The old build is measured up to ``--old-calls`` (its replay takes longer than linear), DuckDB beside
``readiness``: it reads the same file on one thread and groups it by function and code. A replay costs some
ten times as much as the other steps: ``--replay-calls`` gives it sizes of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from benchmarks.builds import Build, old_build, this_build
from benchmarks.hospital import write_hospital
from benchmarks.migration_tables import DATABASE, Cost, Measured, costs_table, goals_table, growth_table

ONE_VISIT = 1
LAUNCHER = Path(__file__).with_name("one_command.py")
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


def cost_of(command: Sequence[str], folder: Path) -> Cost:
    """Run a command in a folder. Raises RuntimeError where it cannot be started, or cannot use its input."""
    told = folder / "cost.json"
    told.unlink(missing_ok=True)
    with (folder / "said.txt").open("wb") as said:
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(told), *command]
        subprocess.run(launcher, cwd=folder, stdout=said, stderr=said, check=False)
    cost = json.loads(told.read_text(encoding="ascii")) if told.exists() else {"code": None}
    code = cost.pop("code")
    if code not in (0, 1):  # 1: differences, as a report says them; None: it could not be started
        text = (folder / "said.txt").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"{command[:6]} ended with {code}: {text[-2000:]}")
    return Cost(**cost)


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

    def measured(self, step: str, sizes: Sequence[int], old_calls: int) -> list[Measured]:
        """The step of each size and side."""
        costs: dict[tuple[str, int], list[Cost]] = {}
        for repeat in range(self._repeats):
            for size in sizes:
                trace, number = self.trace(size)
                for side, command, commanded in self._sides(step, size, old_calls):
                    print(f"{step}: {number:,} calls, {side}, {repeat + 1}", file=sys.stderr)
                    costs.setdefault((side, number), []).append(self._cost(commanded, command, trace))
        return [Measured(step, side, calls, tuple(each)) for (side, calls), each in costs.items()]

    def _sides(self, step: str, size: int, old_calls: int) -> Iterator[tuple[str, list[str], Command]]:
        for build in self._builds:
            if build.name == "new" or size <= old_calls:
                yield build.name, [str(build.python), "-m", "bridge"], STEPS[step]
        if step == "readiness":
            yield DATABASE, [sys.executable, "-c", DUCKDB], lambda trace, _: [str(trace)]

    def _cost(self, step: Command, command: list[str], trace: Path) -> Cost:
        with tempfile.TemporaryDirectory(dir=self._folder) as out:
            return cost_of([*command, *step(trace, Path(out))], Path(out))


@click.command(help=__doc__)
@click.argument("steps", nargs=-1, type=click.Choice(list(STEPS)))
@click.option(
    "--calls", default="1000,3000,10000", show_default=True, help="Sizes, such as 10000,100000,1000000."
)
@click.option("--replay-calls", help="Sizes for the replay alone, such as 3000,10000,30000,100000.")
@click.option("--old-calls", default=3000, show_default=True, help="The largest size for the old build.")
@click.option("--repeats", default=3, show_default=True)
@click.option("--old", type=click.Path(path_type=Path), help="A checkout of the old commit, built.")
@click.option("--without-old", is_flag=True, help="Measure this build alone.")
def main(
    steps: tuple[str, ...],
    calls: str,
    replay_calls: str | None,
    old_calls: int,
    repeats: int,
    old: Path | None,
    without_old: bool,
) -> None:
    """Measure and print."""
    builds = [this_build()] if without_old else [old_build(old), this_build()]
    sizes = {step: _sizes(replay_calls if step == "replay" and replay_calls else calls) for step in STEPS}
    with tempfile.TemporaryDirectory(prefix="cshis-bench-") as folder:
        bench = Bench(builds, Path(folder), repeats)
        measured = [each for step in steps or STEPS for each in bench.measured(step, sizes[step], old_calls)]
    for table in (goals_table, growth_table, costs_table):
        print("\n".join(table(measured)), end="\n\n")


def _sizes(text: str) -> list[int]:
    """That of one visit, which is taken off the others, and those that are given."""
    return [ONE_VISIT, *sorted({int(size) for size in text.split(",")})]


if __name__ == "__main__":
    main()
