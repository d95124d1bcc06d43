"""Files and directories that only the user of the bridge can read, whatever the umask says.

On Windows rights come from the folder (the user's own profile), and nothing is checked here.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from bridge.errors import ConfigError
from bridge.words import said

log = logging.getLogger(__name__)

OTHERS = 0o077  # every right of group and others
ROOT = 0
USUAL_LINE_BYTES = 1_000
FOLDERS = ("certificate", "sim")  # of a data directory


def private_directory(directory: Path) -> None:
    """Make the data directory for its user alone (mode 0700), or make sure of one that is there.

    One that others could enter is closed to them, with a line in the log. Raises ConfigError when it cannot
    be made or written, when it belongs to another user, or when something in it does: a link that another
    user has laid there could lead the bridge's writing elsewhere.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _close(directory)
    except OSError as error:
        raise ConfigError(
            said("data_dir {directory} cannot be used: {why}", directory=directory, why=error.strerror)
        ) from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise ConfigError(
            said(
                "data_dir {directory} cannot be written, and certificate, journal and running.toml belong "
                "there: give the bridge the right to write, or another directory: --data-dir, or "
                "CSHIS_BRIDGE_DATA_DIR",
                directory=directory,
            )
        )


def _close(directory: Path) -> None:
    """Take the rights of others. Raises OSError and ConfigError."""
    if sys.platform == "win32":
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        status = os.fstat(descriptor)
        if status.st_uid != os.geteuid():
            raise ConfigError(
                said(
                    "data_dir {directory} belongs to another user (number {user}); give the bridge one of "
                    "its own: --data-dir, or CSHIS_BRIDGE_DATA_DIR",
                    directory=directory,
                    user=status.st_uid,
                )
            )
        if status.st_mode & OTHERS:
            os.fchmod(descriptor, 0o700)
            log.warning("data_dir %s was open to other users; now only its owner can enter it", directory)
    finally:
        os.close(descriptor)
    for found in entries(directory):
        owner = found.lstat().st_uid
        if owner not in (os.geteuid(), ROOT):
            raise ConfigError(
                said(
                    "{file} belongs to another user (number {user}); look at it and delete it",
                    file=found,
                    user=owner,
                )
            )


def entries(directory: Path) -> Iterator[Path]:
    """Everything in a data directory and in the folders that the bridge makes there. Raises OSError."""
    yield from directory.iterdir()
    for name in FOLDERS:
        folder = directory / name
        if folder.is_dir():
            yield from folder.iterdir()


def write_private(file: Path, text: str) -> None:
    """Put a UTF-8 text file (mode 0600) in place in one step; a link of that name is replaced, not followed.

    Raises OSError.
    """
    new = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            stream.write(text)
        new.replace(file)
    finally:
        with suppress(OSError):  # on a read-only disk it would hide why nothing was written
            new.unlink(missing_ok=True)


def touch_private(file: Path) -> None:
    """Make an empty file (mode 0600) where there is none, and take the rights of others from one that is
    there. Raises OSError, also for a link.
    """
    os.close(open_private(file))


def open_private(file: Path, flags: int = os.O_RDWR) -> int:
    """Open a file, and make it (mode 0600) where there is none; one that is there loses the rights of others.

    In: ``flags`` as those of :func:`os.open`. Out: a descriptor, which no program that is started inherits.
    Raises OSError, also for a link, and PermissionError for the file of another user: that user could read
    what is written to it.
    """
    try:
        descriptor = os.open(file, flags | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a symbolic link, which is not followed", str(file)) from error
        raise
    try:
        _own(descriptor, file)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_foreign(descriptor: int) -> bool:
    """Whether an open file belongs to another user."""
    return is_foreign_status(os.fstat(descriptor))


def is_foreign_status(status: os.stat_result) -> bool:
    """The same, of what the system says of a file or folder. Windows does not say it there."""
    if sys.platform == "win32":
        return False
    return status.st_uid != os.geteuid()


def _own(descriptor: int, file: Path) -> None:
    """Take the rights of others; a device, such as /dev/null, stays as it is. Raises PermissionError."""
    if sys.platform == "win32":
        return
    status = os.fstat(descriptor)
    if stat.S_ISCHR(status.st_mode):
        return
    if is_foreign(descriptor):
        raise PermissionError(errno.EPERM, f"it belongs to another user (number {status.st_uid})", str(file))
    if status.st_mode & OTHERS:
        os.fchmod(descriptor, 0o600)


def check_secret_file(file: Path, setting: str) -> None:
    """Raises ConfigError when every user of the machine may read or write a file of the settings. A group
    may: administrators share keys so.
    """
    try:
        mode = file.stat().st_mode
    except OSError as error:
        raise ConfigError(
            said("{setting} {file} cannot be read: {why}", setting=setting, file=file, why=error.strerror)
        ) from error
    if sys.platform != "win32" and stat.S_IMODE(mode) & 0o007:
        raise ConfigError(
            said("{setting} {file} may be read by every user; chmod 600 it", setting=setting, file=file)
        )


def may_be_read_by_others(file: Path) -> bool:
    """Whether the rights of a file let group or others read it. Never raises."""
    try:
        return sys.platform != "win32" and bool(file.stat().st_mode & 0o044)
    except OSError:
        return False


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
