"""The file of a log: private, and never longer than it may be."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from bridge.private_files import open_private

USUAL_LINE_BYTES = 1_000


class PrivateLogFile(RotatingFileHandler):
    """A log file that only its user can read (mode 0600), and that begins anew before it is full.

    A line that cannot be written, such as on a full disk, is handed to ``lost`` with the reason; nothing is
    printed.
    """

    lost: Callable[[str, OSError], None] | None = None
    _regular = True

    def handleError(self, record: logging.LogRecord) -> None:
        """What the library does when a line could not be written: it would print two traces for each."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif self.lost is not None:
            self.lost(self.format(record), error)

    def shouldRollover(self, record: logging.LogRecord) -> int:
        """Whether the file is full already (1), or takes so many more lines of usual length as the record has
        (0): ``record.lines``, else one. The library's own way to find that out formats every line twice and
        asks the disk about the file. A device is never full: to rename it would take it from everybody.
        """
        if self.stream is None or not self._regular:
            return 0
        # each line was flushed, so the file's own position is its length
        length = os.lseek(self.stream.fileno(), 0, os.SEEK_CUR)
        return int(length > self.maxBytes - USUAL_LINE_BYTES * getattr(record, "lines", 1))

    def _open(self) -> TextIOWrapper:
        def opened(file: str, flags: int) -> int:
            return open_private(Path(file), flags)

        self._regular = not Path(self.baseFilename).exists() or Path(self.baseFilename).is_file()
        return open(self.baseFilename, "a", encoding=self.encoding, errors=self.errors, opener=opened)
