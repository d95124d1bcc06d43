"""Where the bridge's log goes: to standard error, or into a file that does not grow without end."""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from bridge.errors import ConfigError

LOG_NAME = "cshis-bridge.log"
MOST_BYTES = 5_000_000
KEPT_FILES = 3
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def start_log(level: str, file: Path | None, data_dir: Path) -> Path | None:
    """Begins to log.

    In: the level's name; the file (None: standard error, or where there is none, as under pythonw,
    ``data_dir``/cshis-bridge.log). Out: the file used, if any. Raises ConfigError when it cannot be written.
    """
    chosen = file or (data_dir / LOG_NAME if sys.stderr is None else None)
    logging.basicConfig(level=level.upper(), format=FORMAT, handlers=[_handler(chosen)])
    return chosen


def _handler(file: Path | None) -> logging.Handler:
    if file is None:
        return logging.StreamHandler(sys.stderr)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return RotatingFileHandler(file, maxBytes=MOST_BYTES, backupCount=KEPT_FILES, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"the log file {file} cannot be written: {error.strerror}") from error
