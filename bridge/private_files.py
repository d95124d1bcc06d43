"""Files and directories that only the user of the bridge can read, whatever the umask says.

On Windows an access list takes the place of the mode (0600, 0700): the user, Windows itself and its
administrators. What is said of modes here holds for it as well.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from bridge.errors import ConfigError
from bridge.windows.rights import (
    ADMINISTRATORS,
    SYSTEM,
    Rights,
    is_strange,
    open_to_all,
    open_to_anybody,
    others,
)

if sys.platform == "win32":
    from bridge.windows.security import (
        is_disk_file,
        make_folder,
        name_of,
        open_file,
        own_list,
        rights_of,
        set_list,
        user_sid,
    )
from bridge.words import said

log = logging.getLogger(__name__)

OTHERS = 0o077  # every right of group and others
GRANTED = 0o640  # the most that the mode of a token may allow
ROOT = 0
FOLDERS = ("certificate", "sim")  # of a data directory


def private_directory(directory: Path) -> None:
    """Make the data directory for its user alone (mode 0700), or make sure of one that is there.

    One that others could enter is closed to them, with a line in the log. Raises ConfigError when it cannot
    be made or written, when it belongs to another user, or when something in it does: a link that another
    user has laid there could lead the bridge's writing elsewhere; and when its path is no Unicode text.
    """
    _check_path(directory)
    try:
        make_private_folder(directory)
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


def _check_path(directory: Path) -> None:
    """Settings and log are UTF-8: the path of a folder that an older system named in Big5 cannot stand there.
    Raises ConfigError.
    """
    path = os.fspath(directory.absolute())
    try:
        path.encode("utf-8")
    except UnicodeEncodeError as error:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        raise ConfigError(
            said(
                "the path of data_dir {directory} is not UTF-8, and settings and log could not hold it: "
                "rename the folder, or give the bridge another: --data-dir, or CSHIS_BRIDGE_DATA_DIR",
                directory=shown,
            )
        ) from error


def _close(directory: Path) -> None:
    """Take the rights of others. Raises OSError and ConfigError."""
    if sys.platform == "win32":
        _close_on_windows(directory)
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
    _refuse_strange_entries(directory)


def _refuse_strange_entries(directory: Path) -> None:
    for found in strange_entries(directory):
        raise ConfigError(
            said(
                "{found} belongs to another user ({owner_name}); look at it and delete it",
                found=found,
                owner_name=owner_name(found),
            )
        )


if sys.platform == "win32":

    def _close_on_windows(directory: Path) -> None:
        own = (user_sid(),)
        rights = rights_of(directory)
        if is_strange(rights.owner, own):
            raise ConfigError(
                said(
                    "data_dir {directory} belongs to another user ({name_of}); give the bridge one of "
                    "its own: --data-dir, or CSHIS_BRIDGE_DATA_DIR",
                    directory=directory,
                    name_of=name_of(rights.owner),
                )
            )
        if open_before := others(rights, own):
            set_list(directory, own_list(folder=True))
            names = ", ".join(map(name_of, open_before))
            log.warning("data_dir %s was open to %s; now only its owner can enter it", directory, names)
            if others(rights_of(directory), own):
                log.warning("the disk of data_dir %s keeps no rights: it stays open to others", directory)
        _refuse_strange_entries(directory)


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its user can enter (mode 0700), and those above it as usual; one that is there
    stays as it is. Raises OSError.
    """
    if sys.platform == "win32":
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            make_folder(folder, own_list(folder=True))
        except FileExistsError:
            if not folder.is_dir():
                raise
    else:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def entries(directory: Path) -> Iterator[Path]:
    """Everything in a data directory and in the folders that the bridge makes there. Raises OSError."""
    yield from directory.iterdir()
    for name in FOLDERS:
        folder = directory / name
        if folder.is_dir():
            yield from folder.iterdir()


def strange_entries(directory: Path) -> Iterator[Path]:
    """What belongs to somebody else than the data directory and the system. Raises OSError."""
    if sys.platform == "win32":
        own = (rights_of(directory).owner, user_sid())
        yield from (found for found in entries(directory) if is_strange(rights_of(found).owner, own))
    else:
        known = (directory.stat().st_uid, ROOT)
        yield from (found for found in entries(directory) if found.lstat().st_uid not in known)


def owner_name(file: Path) -> str:
    """Whose a file is, a link itself: a name on Windows, else a number. Raises OSError."""
    if sys.platform == "win32":
        return name_of(rights_of(file).owner)
    return f"number {file.lstat().st_uid}"


def write_private(file: Path, text: str) -> None:
    """Put a UTF-8 text file (mode 0600) in place in one step; a link of that name is replaced, not followed.

    Raises OSError.
    """
    write_private_pieces(file, (text,))


def write_private_pieces(file: Path, pieces: Iterable[str], errors: str = "strict") -> None:
    """The same of a text that comes in pieces: nothing is in place before the last has come. ``errors``: what
    becomes of characters that UTF-8 cannot hold, as for :func:`open`.

    Raises OSError, and whatever the pieces raise.
    """
    new = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        with open(create_private(new), "w", encoding="utf-8", errors=errors) as stream:
            stream.writelines(pieces)
        new.replace(file)
    finally:
        with suppress(OSError):  # on a read-only disk it would hide why nothing was written
            new.unlink(missing_ok=True)


def create_private(file: Path) -> int:
    """Make a new file (mode 0600) to write to. Out: a descriptor; bytes go as they are. Raises OSError,
    FileExistsError among them.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    if sys.platform == "win32":
        return open_file(file, flags, own_list(folder=False))
    return os.open(file, flags, 0o600)


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
        descriptor = _opened(file, flags | os.O_CREAT)
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


def _opened(file: Path, flags: int) -> int:
    """Open it without following a link."""
    if sys.platform == "win32":
        return open_file(file, flags, own_list(folder=False))
    return os.open(file, flags | os.O_NOFOLLOW, 0o600)


def is_foreign(file: int | Path) -> bool:
    """Whether an open file belongs to another user, or a file or folder of that name, which may be a link
    itself. Raises OSError.
    """
    if sys.platform == "win32":
        return is_strange(rights_of(file).owner, (user_sid(),))
    status = os.fstat(file) if isinstance(file, int) else file.lstat()
    return status.st_uid != os.geteuid()


def _own(descriptor: int, file: Path) -> None:
    """Take the rights of others; a device, such as /dev/null, stays as it is. Raises PermissionError."""
    if sys.platform == "win32":
        if is_disk_file(descriptor):
            _own_on_windows(rights_of(descriptor), file)
        return
    status = os.fstat(descriptor)
    if stat.S_ISCHR(status.st_mode):
        return
    if is_foreign(descriptor):
        raise PermissionError(errno.EPERM, f"it belongs to another user (number {status.st_uid})", str(file))
    if status.st_mode & OTHERS:
        os.fchmod(descriptor, 0o600)


if sys.platform == "win32":

    def _own_on_windows(rights: Rights, file: Path) -> None:
        own = (user_sid(),)
        if is_strange(rights.owner, own):
            raise PermissionError(
                errno.EPERM, f"it belongs to another user ({name_of(rights.owner)})", str(file)
            )
        if others(rights, own):
            set_list(file, own_list(folder=False))


def strangers(file: Path) -> tuple[str, ...]:
    """Who may read or write a file or folder beside its owner: names of users and groups. Windows and its
    administrators are not counted, nor is this user. Raises OSError.
    """
    if sys.platform == "win32":
        return tuple(map(name_of, _others_of(file)))
    mode = file.stat().st_mode
    return tuple(
        name for name, bits in (("its group", 0o070), ("every user of this machine", 0o007)) if mode & bits
    )


if sys.platform == "win32":

    def _others_of(file: Path) -> tuple[str, ...]:
        rights = rights_of(file)
        return others(rights, (user_sid(), rights.owner))


def check_secret_file(file: Path, setting: str) -> None:
    """Raises ConfigError when every user of the machine may read or write a file of the settings. A group
    may: administrators share keys so.
    """
    try:
        too_open = _every_user_may_read(file)
    except OSError as error:
        raise ConfigError(
            said(
                "{setting} {file} cannot be read: {strerror}",
                setting=setting,
                file=file,
                strerror=error.strerror,
            )
        ) from error
    if too_open:
        raise ConfigError(
            said(
                "{setting} {file} may be read by every user; {how_to_close}",
                setting=setting,
                file=file,
                how_to_close=how_to_close(file),
            )
        )


def check_token_file(file: Path) -> None:
    """Raises ConfigError when others may read the token, or its group may write it. Its group may read it; on
    Windows people whom somebody has named may, and those who are logged on at this machine, not everybody who
    comes by the network.
    """
    try:
        if sys.platform == "win32":
            too_open = open_to_anybody(_others_of(file))
        else:
            too_open = bool(stat.S_IMODE(file.stat().st_mode) & ~GRANTED)
    except OSError as error:
        raise ConfigError(
            said("channel.token_file {file} cannot be read: {strerror}", file=file, strerror=error.strerror)
        ) from error
    if too_open:
        further = "" if sys.platform == "win32" else " (640: its group may read it, too)"
        raise ConfigError(
            said(
                "channel.token_file {file} is open to others; {how_to_close}{further}",
                file=file,
                how_to_close=how_to_close(file),
                further=further,
            )
        )


def how_to_close(file: Path) -> str:
    """What a person does to take a file from everybody else."""
    if sys.platform != "win32":
        return f"chmod 600 {file}"
    own = f'/grant:r "%USERNAME%":F *{SYSTEM}:F *{ADMINISTRATORS}:F'
    return f'as its owner: icacls "{file}" /inheritance:r {own}'


def _every_user_may_read(file: Path) -> bool:
    if sys.platform == "win32":
        return open_to_all(_others_of(file))
    return bool(stat.S_IMODE(file.stat().st_mode) & 0o007)


def may_be_read_by_others(file: Path) -> bool:
    """Whether the rights of a file let group or others read it. Never raises."""
    try:
        if sys.platform == "win32":
            return bool(_others_of(file))
        return bool(file.stat().st_mode & 0o044)
    except OSError:
        return False
