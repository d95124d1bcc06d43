"""Where the bridge's log goes: to standard error, or into a file that does not grow without end."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from pathlib import Path

from bridge.config import LogSettings
from bridge.errors import ConfigError
from bridge.private_files import make_private_folder
from bridge.serving.log_file import PrivateLogFile
from bridge.serving.log_format import JsonFormatter, TextFormatter
from bridge.words import said

LOG_NAME = "cshis-bridge.log"


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
        make_private_folder(file.parent)
        handler = PrivateLogFile(
            file, maxBytes=settings.most_bytes, backupCount=settings.kept_files, encoding="utf-8"
        )
    except OSError as error:
        raise ConfigError(
            said("the log file {file} cannot be written: {why}", file=file, why=error.strerror)
        ) from error
    handler.lost = _StandardError(file)
    return handler


class _StandardError:
    """Where lines go that the file has no room for; the first time it says why."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._told = False

    def __call__(self, line: str, error: OSError) -> None:
        if sys.stderr is None:
            return
        with suppress(OSError):
            if not self._told:
                print(f"the log file {self._file} cannot be written: {error.strerror}", file=sys.stderr)
                self._told = True
            print(line, file=sys.stderr, flush=True)
