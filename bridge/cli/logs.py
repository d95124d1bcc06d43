"""Where the bridge's log goes: to standard error, or into a file that does not grow without end."""

from __future__ import annotations

import logging
import os
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from bridge.cli.log_format import JsonFormatter, TextFormatter
from bridge.config import LogSettings
from bridge.errors import ConfigError

LOG_NAME = "cshis-bridge.log"
USUAL_LINE_BYTES = 1_000


def start_log(settings: LogSettings, data_dir: Path) -> Path | None:
    """Begins to log.

    In: the settings; where they name no file and there is no standard error, as under pythonw, the log goes
    to ``data_dir``/cshis-bridge.log. Out: the file used, if any. Raises ConfigError when it cannot be
    written.
    """
    file = settings.file or (data_dir / LOG_NAME if sys.stderr is None else None)
    handler = _handler(file, settings)
    handler.setFormatter(JsonFormatter() if settings.format == "json" else TextFormatter())
    logging.basicConfig(level=settings.level, handlers=[handler])
    return file


def _handler(file: Path | None, settings: LogSettings) -> logging.Handler:
    if file is None:
        return logging.StreamHandler(sys.stderr)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return _RotatingFile(
            file, maxBytes=settings.most_bytes, backupCount=settings.kept_files, encoding="utf-8"
        )
    except OSError as error:
        raise ConfigError(f"the log file {file} cannot be written: {error.strerror}") from error


class _RotatingFile(RotatingFileHandler):
    """A file that begins anew before it is full. The library's own way to find that out formats every line
    twice and asks the disk about the file.
    """

    def shouldRollover(self, record: logging.LogRecord) -> int:
        """Whether the file is full already (1), or takes one more line of usual length (0)."""
        # each line was flushed, so the file's own position is its length
        full = self.stream is not None and os.lseek(self.stream.fileno(), 0, os.SEEK_CUR) > self._most
        return int(full)

    @property
    def _most(self) -> int:
        return self.maxBytes - USUAL_LINE_BYTES
