"""Writes traces in parts of bounded size, readable by their owner only. It never breaks what is recorded."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from bridge import __version__
from bridge.errors import TraceError
from bridge.private_files import create_private
from bridge.trace.format import Header, Line, Note, line_of
from bridge.trace.reading import SUFFIX
from bridge.words import said

log = logging.getLogger(__name__)

PART_BYTES = 64 * 1024 * 1024
MOST_PARTS = 16


def write_trace(file: Path, lines: list[Line]) -> None:
    """Write a whole trace into one new file (mode 0600), in one step. Raises TraceError."""
    new = file.with_name(f".{file.name}.new")
    try:
        new.unlink(missing_ok=True)
        with _private(new) as stream:
            stream.writelines(f"{line_of(line)}\n".encode() for line in lines)
        new.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise TraceError(
            said("{file}: cannot be written: {strerror}", file=file, strerror=error.strerror)
        ) from error


class TraceWriter:
    """Appends lines to ``FILE``, then to ``FILE`` with a part number before its ending, each of at most
    ``part_bytes``; of more than ``most_parts`` the oldest numbered one is deleted.

    A line that cannot be written is counted and said once in the log; the trace says so as soon as it can be
    written again. Opening raises TraceError: a bridge that is to record does not start without.
    """

    def __init__(
        self, file: Path, table: str, part_bytes: int = PART_BYTES, most_parts: int = MOST_PARTS
    ) -> None:
        self._file = file.with_suffix(SUFFIX) if not file.suffix else file
        self._part_bytes, self._most_parts = part_bytes, most_parts
        self._header = Header(
            recorder="bridge",
            software=__version__,
            table=table,
            process=os.getpid(),
            program=Path(sys.argv[0]).name,
            started=datetime.now(UTC),
            part=0,
        )
        self._lost = 0
        self._why = ""
        self._broken = False
        try:
            self._stream = self._next_part()
        except OSError as error:
            raise TraceError(
                said("{file}: no trace can be written: {strerror}", file=self._file, strerror=error.strerror)
            ) from error

    @property
    def file(self) -> Path:
        """The part that is written to."""
        return self._path(self._header.part)

    def write(self, line: Line) -> None:
        """Append a line. Never raises."""
        try:
            if self._stream.tell() >= self._part_bytes:
                self._stream.close()
                self._stream = self._next_part()
            if self._broken:
                self._stream.write(b"\n")  # a line was cut off: what comes now must not hang on to it
                self._broken = False
            if self._lost:
                note = Note("lost", self._why, self._lost, at=datetime.now(UTC))
                self._put(note)
                self._lost = 0
            self._put(line)
        except (OSError, ValueError) as error:
            self._lose(error)

    def close(self) -> None:
        """End the trace. Never raises."""
        with contextlib.suppress(OSError):
            self._stream.close()

    def _put(self, line: Line) -> None:
        data = f"{line_of(line)}\n".encode()
        written = self._stream.write(data)
        if written != len(data):
            self._broken = True
            raise OSError(0, "the disk is full")

    def _lose(self, error: Exception) -> None:
        if not self._lost:
            self._why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            log.error("%s: calls are not recorded: %s", self._file, self._why)
        self._lost += 1

    def _next_part(self) -> BinaryIO:
        self._header = replace(self._header, part=self._free_part())
        stream = _private(self.file)
        stream.write(f"{line_of(self._header)}\n".encode())
        gone = self._header.part - self._most_parts
        if gone > 0:
            with contextlib.suppress(OSError):
                self._path(gone).unlink()
        return stream

    def _free_part(self) -> int:
        """The next number that no earlier recording has left there."""
        numbers = itertools.count(self._header.part + 1)
        return next(number for number in numbers if not self._path(number).exists())

    def _path(self, part: int) -> Path:
        name = self._file.name if part <= 1 else f"{self._file.stem}-{part:04d}{self._file.suffix}"
        return self._file.with_name(name)


def _private(file: Path) -> BinaryIO:
    """A new file, unbuffered. Raises OSError, also where there is one of that name."""
    return os.fdopen(create_private(file), "wb", buffering=0)
