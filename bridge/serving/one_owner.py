"""One owner at a time: locks on files that the system takes back when their process ends, however it ends.

The file stays when its owner has gone. What stands in it is for people, and counts only while it is locked.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from bridge.errors import ConfigError
from bridge.private_files import is_foreign, open_private
from bridge.words import Said, said
from bridge.words.moments import moment_of

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

PATIENCE = 0.5  # seconds; whoever looks holds the lock for a moment, too
LOOK_AGAIN = 0.02
PLACE = 0x7FFF_0000  # of the byte that Windows locks: behind what is read
MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock. ``pid``: 0 where it is not known. ``since``: ISO 8601 with its offset, "" likewise.
    ``settings``: the file with the settings it works by, as other commands take it.
    """

    pid: int = 0
    since: str = ""
    settings: str = ""

    @property
    def began(self) -> float:
        """``since`` in seconds since 1970, 0 where it is not known."""
        try:
            return datetime.fromisoformat(self.since).timestamp()
        except ValueError:
            return 0.0

    def told(self) -> Said:
        """Who that is, for people."""
        if not self.pid:
            return said("another bridge")
        return said(
            "another bridge (process {pid}, since {since})", pid=self.pid, since=moment_of(self.since)
        )

    def __str__(self) -> str:
        return self.told()


class Taken(ConfigError):
    """Another bridge holds the lock; the message says which, and what to do."""


class Lock:
    """A lock that this process holds, until :meth:`release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Let the next one have it. A second time changes nothing."""
        if self._descriptor >= 0:
            _unlock(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1


def take(file: Path, settings: Path) -> Lock | Holder:
    """Take the lock of a file, which is made (mode 0600) where it is not there, in a folder that is.

    In: ``settings``, what the lock says of the settings in use. Out: the lock, or who holds it. Raises
    OSError where the file cannot be opened. That nothing can be written into it (a full disk) is no fault:
    the lock then does not say whose it is.
    """
    descriptor = open_private(file)
    until = time.monotonic() + PATIENCE
    while not _try(descriptor):
        if time.monotonic() >= until:
            found = _read(descriptor)
            os.close(descriptor)
            return found
        time.sleep(LOOK_AGAIN)
    holder = Holder(os.getpid(), datetime.now().astimezone().isoformat(timespec="seconds"), str(settings))
    _write(descriptor, holder)
    return Lock(descriptor)


def holder_of(file: Path) -> Holder | None:
    """Who holds the lock of a file; None where nobody does, or nobody can tell. A file of another user is not
    believed.
    """
    try:
        descriptor = os.open(file, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    try:
        if is_foreign(descriptor):
            return None
        if _try(descriptor):
            _unlock(descriptor)
            return None
        return _read(descriptor)
    finally:
        os.close(descriptor)


def _write(descriptor: int, holder: Holder) -> None:
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps(asdict(holder)).encode("ascii"))
    except OSError:  # a full disk: it is locked all the same
        return


def _read(descriptor: int) -> Holder:
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        found = json.loads(os.read(descriptor, MOST_BYTES))
        return Holder(int(found["pid"]), str(found["since"]), str(found["settings"]))
    except (OSError, ValueError, TypeError, KeyError):
        return Holder()


if sys.platform == "win32":

    def _try(descriptor: int) -> bool:
        os.lseek(descriptor, PLACE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(descriptor, 0, os.SEEK_SET)
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, PLACE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:

    def _try(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
