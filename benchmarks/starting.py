"""What starting costs: the help of the command line, and the first call of the embedded library."""

from __future__ import annotations

import os
import statistics
import subprocess
from pathlib import Path

from benchmarks.builds import Build
from benchmarks.figures import Figure
from benchmarks.native_load import cost
from benchmarks.under_test import UnderTest
from native.build import EMBEDDED

TURNS = 5
HELP_SECONDS = 0.35


def starting(old: UnderTest, new: UnderTest) -> list[Figure]:
    """Old and new in turn."""
    helps: dict[str, list[float]] = {"old": [], "new": []}
    firsts: dict[str, list[float]] = {"old": [], "new": []}
    for _ in range(TURNS):
        for bridge in (old, new):
            helps[bridge.build.name].append(_help_seconds(bridge.build))
            firsts[bridge.build.name].append(_first_call_ms(bridge))
    ratios = [n / o for n, o in zip(firsts["new"], firsts["old"], strict=True)]
    old_help, new_help = (statistics.median(helps[side]) for side in ("old", "new"))
    old_first, new_first = (statistics.median(firsts[side]) for side in ("old", "new"))
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
        Figure(
            "embedded library: load and first call, ms",
            statistics.median(ratios),
            "times",
            0.5,
            old=old_first,
            new=new_first,
            spread=(min(ratios), max(ratios)),
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


def _first_call_ms(bridge: UnderTest) -> float:
    library = bridge.build.library(EMBEDDED)
    measured = cost(Path(library), {"CSHIS_BRIDGE_CONFIG": str(bridge.ready["config"])}, runs=1)
    return measured.load_ms + measured.first_ms
