"""What a running process has cost so far, as the kernel counts it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

KIB = 1024


def processor_seconds(pid: int) -> float:
    """Processor time of all its living threads, finer than in the hundredths of a second of psutil."""
    total = 0
    for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):  # a thread that has ended meanwhile
            total += int(file.read_text(encoding="ascii").split()[0])
    return total / 1e9


def whole_processor_seconds(pid: int) -> float:
    """Processor time of the process, that of threads that have ended, too; in hundredths of a second."""
    fields = (
        Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    )
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pss_mib(pid: int) -> float:
    """Memory in MiB, what it shares with other processes counted in part."""
    return _kib(Path(f"/proc/{pid}/smaps_rollup"), "Pss") / KIB


def resident_mib(pid: int) -> float:
    """Memory in MiB, now."""
    return _kib(Path(f"/proc/{pid}/status"), "VmRSS") / KIB


def highest_mib(pid: int) -> float:
    """The most memory in MiB since :func:`forget_highest`."""
    return _kib(Path(f"/proc/{pid}/status"), "VmHWM") / KIB


def forget_highest(pid: int) -> None:
    """Count the most memory anew from now on."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def _kib(file: Path, name: str) -> int:
    for line in file.read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise KeyError(name)
