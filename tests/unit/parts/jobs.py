"""Work for tests, which other processes do: functions at the top of a module."""

from __future__ import annotations

import os
import struct
import time
from multiprocessing.connection import Connection
from pathlib import Path

from bridge.errors import TraceError
from bridge.parts.part import Part, Result

ALONE = "TESTS_ALONE"  # set where a test has a process to itself, without another thread


def part(name: str, folder: Path, text: str = "x") -> Part:
    """A part with one file, which says what becomes of it."""
    file = folder / f"{name}.txt"
    file.write_text(text, encoding="utf-8")
    return Part(name, (file,), len(text))


def measured(part: Part) -> Result:
    """How long the part's text is; its first word may be something that goes wrong. Each attempt leaves a
    line in a file beside it.
    """
    (file,) = part.files
    text = file.read_text(encoding="utf-8")
    log = file.with_suffix(".log")
    with log.open("a", encoding="utf-8") as stream:
        stream.write("begun\n")
    attempts = len(log.read_text(encoding="utf-8").splitlines())
    match text.split()[:1]:
        case ["refuse"]:
            raise TraceError(f"{file.name}: not wanted")
        case ["fault"]:
            raise KeyError("Z299999929")
        case ["die-once"] if attempts == 1:
            os._exit(9)
        case ["die"]:
            os._exit(9)
        case ["die-amid-its-result-once"] if attempts == 1:
            Connection._send_bytes = _a_part_of_it  # type: ignore[attr-defined]
        case ["leave-once"] if attempts == 1:
            raise SystemExit(1)
        case ["wait"]:
            time.sleep(60)
        case _:
            pass
    return {"length": len(text)}


def _a_part_of_it(pipe: Connection, message: bytes) -> None:
    """The process dies when it has written how long its message is, and the first byte."""
    os.write(pipe.fileno(), struct.pack("!i", len(message)) + message[:1])
    os._exit(9)


def attempts(part: Part) -> int:
    """How often the part was begun."""
    log = part.files[0].with_suffix(".log")
    return len(log.read_text(encoding="utf-8").splitlines()) if log.exists() else 0
