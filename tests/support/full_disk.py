"""Places where nothing more can be written: a tiny disk of its own, and a limit on the size of files."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

import pytest

MOUNTED = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"'


def on_a_small_disk(folder: Path, size: str) -> list[str]:
    """What goes before a command so that ``folder`` is a disk of that size for it, and for nobody else; it is
    gone when the command has ended. Skips the test where that is not permitted.
    """
    shell = ["sh", "-c", MOUNTED, "sh", size, str(folder)]
    namespace = ["unshare", "--mount", "--propagation", "private", *shell]
    try:
        tried = subprocess.run([*namespace, "true"], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no unshare here; it is part of util-linux")
    if tried.returncode != 0:
        pytest.skip(f"no disk can be mounted here, which root may do: {tried.stderr.strip()}")
    return namespace


def with_small_files(size: int) -> list[str]:
    """What goes before a command so that it cannot write files longer than ``size`` bytes."""
    return ["sh", "-c", f'ulimit -f {size // 512} && exec "$@"', "sh"]


class SmallDisk:
    """The disk of a running process, seen from outside its namespace."""

    def __init__(self, pid: int, folder: Path) -> None:
        self._folder = Path(f"/proc/{pid}/root") / folder.relative_to("/")
        self._filling = self._folder / "filling"

    def fill(self) -> None:
        """Until nothing more goes."""
        with self._filling.open("wb", buffering=0) as file:
            for size in (65_536, 4096, 512, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def clear(self) -> None:
        os.unlink(self._filling)

    @property
    def path(self) -> Path:
        return self._folder
