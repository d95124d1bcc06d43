"""What the library costs the program that loads it: time to the first answer, and memory.

Compared are the client library (it asks a running bridge) and the embedded one (the bridge is inside): a
site can choose. Every run is a fresh program in C; a figure is the median of its runs.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.native_programs import run
from native.build import CLIENT, EMBEDDED, library_folder

CALLS = 300
CLIENT_RUNS, EMBEDDED_RUNS = 15, 5
BEYOND_GOAL_MS = 5.0
MEMORY_GOAL_MIB = 2.0
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Cost:
    """Medians: milliseconds of loading, of the first call, of a later one, of processor time for loading and
    first call; MiB that the program grew by.
    """

    load_ms: float
    first_ms: float
    warm_ms: float
    processor_ms: float
    memory_mib: float

    @property
    def beyond_ms(self) -> float:
        """Loading and first call, less what any call takes."""
        return self.load_ms + self.first_ms - self.warm_ms


def cost(library: Path, env: Mapping[str, str], runs: int) -> Cost:
    """The cost of one library. ``env`` says where its bridge or its settings are.

    Raises RuntimeError where the first call does not succeed.
    """
    results = [run("load_and_call", library, str(CALLS), env=env) for _ in range(runs)]
    for result in results:
        if result["code"] != 0:
            raise RuntimeError(f"{library.name}: the first call gave {result['code']}")
    grown = [(result["after_all_kib"] - result["before_kib"]) / 1024 for result in results]
    load, first, warm, processor = (
        statistics.median(result[key] for result in results) / 1000
        for key in ("load_us", "first_us", "warm_us", "processor_us")
    )
    return Cost(load, first, warm, processor, statistics.median(grown))


def measure(channel: str, config: str, build: Path = ROOT / "build" / "native") -> list[Figure]:
    """The figures of both libraries.

    ``channel``, ``config``: as in the ready line of a running bridge. ``build``: where `make native` wrote.
    The embedded library is left out where it was not built.
    """
    folder = library_folder(build)
    client = cost(folder / CLIENT, {"CSHIS_BRIDGE": channel}, CLIENT_RUNS)
    figures = [
        Figure(
            "client library: load and first call, beyond a later call", client.beyond_ms, "ms", BEYOND_GOAL_MS
        ),
        Figure("client library: memory added to the program", client.memory_mib, "MiB", MEMORY_GOAL_MIB),
    ]
    if (folder / EMBEDDED).exists():
        embedded = cost(folder / EMBEDDED, {"CSHIS_BRIDGE_CONFIG": config}, EMBEDDED_RUNS)
        figures += [
            Figure("embedded library: load and first call, beyond a later call", embedded.beyond_ms, "ms"),
            Figure("embedded library: memory added to the program", embedded.memory_mib, "MiB"),
        ]
    return figures
