"""What starting costs: the help of the command line, and the first call of the embedded library."""

from __future__ import annotations

import os
import statistics
import subprocess
from pathlib import Path

from benchmarks.builds import Build
from benchmarks.figures import Figure, beside
from benchmarks.native_load import Cost, cost
from benchmarks.under_test import UnderTest
from native.build import EMBEDDED

TURNS = 5
HELP_SECONDS = 0.35
FIRST_CALL = 0.5


def starting(old: UnderTest, new: UnderTest) -> list[Figure]:
    """Old and new in turn."""
    helps: dict[str, list[float]] = {"old": [], "new": []}
    firsts: dict[str, list[Cost]] = {"old": [], "new": []}
    for _ in range(TURNS):
        for bridge in (old, new):
            helps[bridge.build.name].append(_help_seconds(bridge.build))
            firsts[bridge.build.name].append(_first_call(bridge))
    old_help, new_help = (statistics.median(helps[side]) for side in ("old", "new"))
    return [
        Figure(
            "cshis-bridge --help, processor time",
            new_help,
            "s",
            HELP_SECONDS,
            old=old_help,
            new=new_help,
            spread=(min(helps["new"]), max(helps["new"])),
        ),
        beside(
            "embedded library: load and first call, processor time, ms",
            [cost.processor_ms for cost in firsts["old"]],
            [cost.processor_ms for cost in firsts["new"]],
            "times",
            FIRST_CALL,
        ),
        beside(
            "… until it has answered, ms",
            [cost.load_ms + cost.first_ms for cost in firsts["old"]],
            [cost.load_ms + cost.first_ms for cost in firsts["new"]],
            "times",
        ),
    ]


def _help_seconds(build: Build) -> float:
    """Processor time of the process, in seconds."""
    with subprocess.Popen(
        [str(build.python), "-m", "bridge", "--help"], cwd=build.root, stdout=subprocess.DEVNULL
    ) as process:
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    return used.ru_utime + used.ru_stime


def _first_call(bridge: UnderTest) -> Cost:
    library = bridge.build.library(EMBEDDED)
    return cost(Path(library), {"CSHIS_BRIDGE_CONFIG": str(bridge.ready["config"])}, runs=1)
