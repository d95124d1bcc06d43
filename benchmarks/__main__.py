"""``make bench``: three rounds of everything, the medians as a Markdown table, and the machine they are from.

``python -m benchmarks NAME ...`` runs only those subjects; ``--rounds N`` another number of rounds.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks import native_load, packing, processor_time, speed
from benchmarks.figures import Figure, as_table, median_of
from benchmarks.under_test import UnderTest, bridge_under_test

Subject = Callable[[UnderTest, Path], list[Figure]]
SUBJECTS: Mapping[str, Subject] = {
    "round_trip": lambda bridge, directory: speed.round_trip(bridge),
    "card_read": speed.card_read,
    "packing": lambda bridge, directory: packing.packing(),
    "callers": lambda bridge, directory: speed.callers(bridge),
    "processor_time": processor_time.processor_time,
    "native_load": lambda bridge, directory: native_load.measure(
        str(bridge.ready["channel"]), str(bridge.ready["config"])
    ),
    "idleness": lambda bridge, directory: speed.idleness(bridge),
}


def main() -> int:
    """Measure. Out: 0 if every goal was met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures the whole product.")
    parser.add_argument("subjects", nargs="*", choices=[[], *SUBJECTS], help="default: all")
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    figures: list[Figure] = []
    for name in wanted.subjects or SUBJECTS:
        rounds = []
        for number in range(wanted.rounds):
            print(f"{name}: round {number + 1} of {wanted.rounds}", file=sys.stderr)
            rounds.append(_one_round(SUBJECTS[name]))
        figures += median_of(rounds)
    print(f"{_machine()}; medians of {wanted.rounds} rounds\n\n{as_table(figures)}")
    return 0 if all(figure.met is not False for figure in figures) else 1


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
