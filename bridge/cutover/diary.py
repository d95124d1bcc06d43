"""What has been changed in which folder and when: ``cutover.jsonl`` of the data directory.

It is a log of its own: the journal is about changes at the insurer and nothing else.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bridge.cutover.folders import Done
from bridge.errors import ConfigError
from bridge.private_files import open_private, private_directory
from bridge.words import said
from bridge.words.moments import iso_moment

FILE = "cutover.jsonl"


@dataclass(frozen=True, slots=True)
class Line:
    """A line: when (ISO 8601, Taiwan's time), what was done, where, from which stage to which."""

    time: str
    action: str
    folder: str
    before: str
    after: str


def check(data_dir: Path) -> None:
    """Before anything is done: raises ConfigError where no line could be kept."""
    _add(data_dir, b"")


def note(data_dir: Path, action: str, done: Done) -> None:
    """Add a line. Raises ConfigError where it cannot be kept."""
    values = {
        "time": iso_moment(time.time()),
        "action": action,
        "folder": str(done.folder.absolute()),
        "before": done.before,
        "after": done.after,
    }
    _add(data_dir, json.dumps(values, ensure_ascii=False).encode("utf-8") + b"\n")


def _add(data_dir: Path, line: bytes) -> None:
    try:
        private_directory(data_dir)
        descriptor = open_private(data_dir / FILE, os.O_WRONLY | os.O_APPEND)
        with os.fdopen(descriptor, "ab") as file:
            file.write(line)
    except OSError as error:
        raise ConfigError(said("{file}: {why}", file=data_dir / FILE, why=error.strerror or error)) from error


def read(data_dir: Path) -> Iterator[Line]:
    """All lines, the oldest first; what is no line is left out."""
    with suppress(OSError):
        for text in (data_dir / FILE).read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError, TypeError):
                yield Line(**json.loads(text))


def folders(data_dir: Path) -> list[Path]:
    """Where a stage was given, each once, in order."""
    return [Path(folder) for folder in sorted({line.folder for line in read(data_dir)})]
