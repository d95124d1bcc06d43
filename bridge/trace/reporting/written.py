"""Reports as files."""

from __future__ import annotations

import os
from pathlib import Path

from bridge.errors import TraceError
from bridge.private_files import write_private
from bridge.words import said


def write_private_text(file: Path, text: str) -> None:
    """Write a report, which may hold patients' data: readable by its owner only, in place in one step. What
    UTF-8 cannot hold (a path in Big5) is written as its number. Raises TraceError.
    """
    try:
        write_private(file, text.encode("utf-8", "backslashreplace").decode())
    except OSError as error:
        raise TraceError(
            said("{file}: cannot be written: {strerror}", file=file, strerror=error.strerror)
        ) from error


def check_writable(*files: Path | None) -> None:
    """Raises TraceError where a report will find no place: better said before a long replay than after it."""
    for file in files:
        if file is not None and not (file.parent.is_dir() and os.access(file.parent, os.W_OK)):
            raise TraceError(
                said("{file}: cannot be written: no such folder, or no right to write there", file=file)
            )
