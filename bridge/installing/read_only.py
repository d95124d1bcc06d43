"""The mark "read-only" that Windows keeps with a file: one that has it is neither replaced nor deleted,
whoever asks. Elsewhere the folder decides, and nothing is done here.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def take_off(path: Path) -> bool:
    """Take the mark off a file. Out: whether there is one that had it. Raises OSError."""
    if sys.platform != "win32" or not os.path.lexists(path) or path.lstat().st_mode & stat.S_IWRITE:
        return False
    path.chmod(stat.S_IREAD | stat.S_IWRITE)
    return True


def put_on(path: Path) -> None:
    """Give a file the mark. Raises OSError."""
    path.chmod(stat.S_IREAD)


@contextmanager
def without_mark(path: Path) -> Iterator[None]:
    """Inside, the file has no mark; afterwards it is as it was. Raises OSError."""
    had = take_off(path)
    try:
        yield
    finally:
        if had:
            put_on(path)
