"""A folder for the time of one command, which may hold what a trace tells of people."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bridge.private_files import is_foreign
from bridge.serving.owners import LOCK_FILE, own_data_dir, owner_of_data_dir

SETTLED_SECONDS = 60.0  # a folder that is younger may belong to a command that is just beginning


@contextmanager
def private_folder(prefix: str) -> Iterator[Path]:
    """A new folder that only this user can enter, and that is gone afterwards. Those of earlier commands that
    were killed, so that they could not do that, are removed first. Raises OSError, ConfigError.
    """
    _clear(prefix)
    with tempfile.TemporaryDirectory(prefix=prefix) as name, own_data_dir(Path(name)):
        yield Path(name)


def _clear(prefix: str) -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with suppress(OSError):
            if _is_left_over(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_left_over(folder: Path) -> bool:
    """Whether it is a folder of this user whose command has ended. Raises OSError."""
    status = folder.lstat()
    if folder.is_symlink() or not folder.is_dir() or is_foreign(folder):
        return False
    settled = time.time() - status.st_mtime > SETTLED_SECONDS
    return settled and (folder / LOCK_FILE).is_file() and owner_of_data_dir(folder) is None
