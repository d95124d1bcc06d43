"""Who owns a data directory, and who works with a console: one bridge each."""

from __future__ import annotations

import logging
import re
import warnings
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import user_runtime_path

from bridge.errors import ConfigError
from bridge.private_files import private_directory
from bridge.serving.one_owner import Holder, Taken, holder_of, take
from bridge.words import said

log = logging.getLogger(__name__)

LOCK_FILE = "owner.lock"
RUNNING_FILE = (
    "running.toml"  # in the data directory: the settings in use, with the ports that the doors have
)
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_ODD = re.compile(r"[^0-9A-Za-z.-]+")


def own_data_dir(directory: Path) -> AbstractContextManager[object]:
    """The data directory is this process's alone until the end of the with statement. Raises Taken; raises
    ConfigError where the directory cannot be written.
    """
    try:
        found = take(directory / LOCK_FILE, directory / RUNNING_FILE)
    except OSError as error:
        raise ConfigError(
            said("data_dir {directory} cannot be written: {why}", directory=directory, why=error.strerror)
        ) from error
    if isinstance(found, Holder):
        raise Taken(
            said(
                "{bridge} has the data directory {directory}; end that one first, or give this one a "
                "directory of its own: --data-dir",
                bridge=found.told(),
                directory=directory,
            )
        )
    return found


def own_console(url: str, settings: Path) -> AbstractContextManager[object]:
    """No other bridge of this user works with the console at ``url`` until the end of the with statement.

    ``settings``: the file that others find this bridge by. Raises Taken. Where the system has no place for
    such a lock, there is none, with a line in the log.
    """
    try:
        file = _console_lock(url)
        private_directory(file.parent)
        found = take(file, settings)
    except (ConfigError, OSError) as error:
        log.warning("whether another bridge works with the console is not known: %s", error)
        return nullcontext()
    if isinstance(found, Holder):
        raise Taken(
            said(
                "{bridge} works with the console {url}; end that one first (both may, with "
                "console.several_bridges = true)",
                bridge=found.told(),
                url=url,
            )
        )
    return found


def owner_of_data_dir(directory: Path) -> Holder | None:
    """The bridge that runs with a data directory, None where none does."""
    return holder_of(directory / LOCK_FILE)


def owner_of_console(url: str) -> Holder | None:
    """The bridge of this user that works with the console at ``url``, None where none is known."""
    return holder_of(_console_lock(url))


def _console_lock(url: str) -> Path:
    """The file that stands for a console, however its address is written."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".").lower()
    name = "localhost" if host in THIS_MACHINE else _ODD.sub("_", host)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where the system has no such folder, one in /tmp is this user's
        folder = user_runtime_path("cshis-bridge", appauthor=False)
    return folder / f"console-{name}-{port}.lock"
