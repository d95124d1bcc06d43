"""Memory, sockets and threads of processes, once a second, and whether they stay level."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

WARM_UP = 0.4  # of the time: caches fill, connections are made
WINDOW = 0.2


@dataclass(frozen=True)
class Sample:
    """Of one moment: resident kilobytes, open sockets, open files of any kind, threads."""

    kilobytes: int
    sockets: int
    files: int
    threads: int


def look(process: int) -> Sample:
    """What /proc says about a process now."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines() if ":" in line
    )
    links = []
    for name in os.listdir(f"/proc/{process}/fd"):
        try:
            links.append(os.readlink(f"/proc/{process}/fd/{name}"))
        except OSError:  # closed meanwhile
            continue
    sockets = sum(link.startswith("socket:") for link in links)
    return Sample(int(status["VmRSS"].split()[0]), sockets, len(links), int(status["Threads"]))


class Watch(threading.Thread):
    """Samples one process every second, and the memory of others every fifth."""

    def __init__(self, process: int, others: Sequence[int] = ()) -> None:
        super().__init__(name="watch")
        self._process, self._others = process, others
        self._ended = threading.Event()
        self.samples: list[Sample] = []
        self.others: dict[int, list[int]] = {other: [] for other in others}

    def run(self) -> None:
        while not self._ended.wait(1.0):
            self.samples.append(look(self._process))
            if len(self.samples) % 5 == 0:
                for other in self._others:
                    with suppress(KeyError, OSError):  # it has ended
                        self.others[other].append(look(other).kilobytes)

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()
        self.join()


def drift(values: Sequence[float]) -> tuple[float, float]:
    """Medians of the window behind the warm-up and of the last one."""
    size = max(3, int(len(values) * WINDOW))
    first = int(len(values) * WARM_UP)
    assert first + size <= len(values) - size, f"{len(values)} samples are too few"
    return median(values[first : first + size]), median(values[-size:])


@dataclass(frozen=True)
class Bounds:
    """By how much a window may lie above the one behind the warm-up: kilobytes, sockets, threads."""

    kilobytes: float
    sockets: float
    threads: float


def leaks(samples: Sequence[Sample], bounds: Bounds) -> list[str]:
    """What grew beyond the bounds."""
    series: Mapping[str, tuple[list[float], float]] = {
        "kilobytes": ([float(each.kilobytes) for each in samples], bounds.kilobytes),
        "sockets": ([float(each.sockets) for each in samples], bounds.sockets),
        "files": ([float(each.files) for each in samples], bounds.sockets),
        "threads": ([float(each.threads) for each in samples], bounds.threads),
    }
    found = []
    for name, (values, bound) in series.items():
        before, after = drift(values)
        if after - before > bound:
            found.append(f"{name}: {before:g} -> {after:g}, more than {bound:g} allowed")
    return found
