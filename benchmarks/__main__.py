"""``make bench``: everything that is measured, as a Markdown table, and the machine it is from.

First the old build beside the new one, five turns of each, then three rounds of the other subjects.
``python -m benchmarks NAME ...`` runs only those subjects; ``--rounds N`` another number of rounds;
``--old DIR`` names a checkout of the old commit that is built already.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import memory, native_load, packing, pass_through, side_by_side, speed, starting, windows
from benchmarks.builds import old_build, this_build
from benchmarks.figures import Figure, as_table, median_of
from benchmarks.playback import playback
from benchmarks.under_test import UnderTest, bridge_under_test, running

BothBuilds = Callable[[UnderTest, UnderTest], list[Figure]]
Subject = Callable[[UnderTest, Path], list[Figure]]
SIDE_BY_SIDE: Mapping[str, BothBuilds] = {
    "memory": memory.memory,  # first: of bridges that have not done anything yet
    "calls": side_by_side.calls,
    "starting": starting.starting,
}
ALONE: Mapping[str, Callable[[Path], list[Figure]]] = {
    "pass_through": pass_through.pass_through,
    "windows": windows.windows,
}
ASKED = ("windows",)  # measured only where they are named: they want Wine, and what `make installer` makes
SUBJECTS: Mapping[str, Subject] = {
    "card_read": speed.card_read,
    "packing": lambda bridge, directory: packing.packing(),
    "native_load": lambda bridge, directory: native_load.measure(
        str(bridge.ready["channel"]), str(bridge.ready["config"])
    ),
    "idleness": lambda bridge, directory: speed.idleness(bridge),
}


def main() -> int:
    """Measure. Out: 0 if every goal was met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures the whole product.")
    parser.add_argument(
        "subjects", nargs="*", choices=[[], *SIDE_BY_SIDE, *ALONE, *SUBJECTS], help="default: all but windows"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--old", type=Path, metavar="DIR", help="a checkout of the old commit, built")
    wanted = parser.parse_args()
    chosen = wanted.subjects or [name for name in (*SIDE_BY_SIDE, *ALONE, *SUBJECTS) if name not in ASKED]
    figures = _beside_the_old_build([name for name in SIDE_BY_SIDE if name in chosen], wanted.old)
    for name in (name for name in ALONE if name in chosen):
        print(f"{name}: in turn", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="cshis-bench-") as folder:
            figures += ALONE[name](Path(folder))
    for name in (name for name in SUBJECTS if name in chosen):
        rounds = []
        for number in range(wanted.rounds):
            print(f"{name}: round {number + 1} of {wanted.rounds}", file=sys.stderr)
            rounds.append(_one_round(SUBJECTS[name]))
        figures += median_of(rounds)
    print(f"{_machine()}; medians\n\n{as_table(figures)}")
    return 0 if all(figure.met is not False for figure in figures) else 1


def _beside_the_old_build(names: Sequence[str], ready_made: Path | None) -> list[Figure]:
    """Each subject with two bridges of its own, on the same upstreams."""
    figures: list[Figure] = []
    builds = (old_build(ready_made), this_build()) if names else ()
    for name in names:
        print(f"{name}: old and new in turn", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="cshis-bench-") as folder, ExitStack() as stack:
            upstreams = stack.enter_context(playback(Path(folder)))
            bridges = [
                stack.enter_context(running(build, upstreams, Path(folder) / build.name)) for build in builds
            ]
            figures += SIDE_BY_SIDE[name](*bridges)
    return figures


def _one_round(subject: Subject) -> list[Figure]:
    """A round has a bridge of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="cshis-bench-") as folder,
        bridge_under_test(Path(folder)) as bridge,
    ):
        return subject(bridge, Path(folder))


def _machine() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    return (
        f"{os.cpu_count()} × {names[0] if names else platform.machine()}, Python {platform.python_version()}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
