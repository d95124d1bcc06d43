"""A ``cshis-bridge serve`` process that works against simulators of another process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.bridge_process import ROOT, clean_environment

FREE_PORTS = [f"--{name}-port=0" for name in ("facade", "legacy-http", "channel")]
USUAL = (sys.executable, "-m", "bridge")
END_SECONDS = 15.0


@dataclass(frozen=True)
class Alone:
    """The process, its ready line, how long that took and how much of it the process computed, its log."""

    process: subprocess.Popen[bytes]
    ready: dict[str, Any]
    seconds: float
    processor_seconds: float
    log: Path


def start(
    arguments: Sequence[str],
    folder: Path,
    command: Sequence[str] = USUAL,
    environment: Mapping[str, str] | None = None,
) -> Alone:
    """Start ``serve`` with these arguments and wait for its ready line; the caller ends it."""
    log = folder / "alone.log"
    began = time.monotonic()
    with log.open("ab") as written:
        process = subprocess.Popen(
            [*command, "serve", *arguments],
            stdout=subprocess.PIPE,
            stderr=written,
            cwd=ROOT,
            env=clean_environment(**(environment or {})),
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    seconds = time.monotonic() - began
    assert line, f"the bridge did not start:\n{log.read_text(encoding='utf-8')[-2000:]}"
    return Alone(process, json.loads(line), seconds, _processor_seconds(process.pid), log)


def _processor_seconds(process: int) -> float:
    """What a process has computed so far; what else the machine does is not in it."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def alone_arguments(config: Path, folder: Path) -> list[str]:
    """What makes it work against the simulators that ``config`` names."""
    return ["--config", str(config), "--data-dir", str(folder / "alone"), *FREE_PORTS]


@contextmanager
def bridge_alone(
    config: Path,
    folder: Path,
    command: Sequence[str] = USUAL,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Alone]:
    """A running bridge for the time of a with statement; it must end by itself and without a failure."""
    running = start(alone_arguments(config, folder), folder, command, environment)
    try:
        yield running
    finally:
        running.process.terminate()
        try:
            code = running.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            running.process.kill()
            raise
        finally:
            assert running.process.stdout is not None
            running.process.stdout.close()
    assert code == 0, running.log.read_text(encoding="utf-8")[-2000:]
