"""Puts cshis.dll, or the recorder, into the folder of a Windows program: all of it or nothing."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from bridge.config import load_settings
from bridge.errors import ConfigError
from bridge.installing.copies import FOLDERS, dll_in, is_boot_folder
from bridge.installing.ini import INI, bridge_ini_windows, sections_of
from bridge.installing.libraries import how_to_get, library_folder
from bridge.installing.names import BEFORE_BRIDGE, DLL, ORIGINAL, RECORDER, RECORDER_INI
from bridge.installing.pe import NotExecutable, read_executable
from bridge.installing.processes import users_of
from bridge.installing.programs import dll_machine, kind
from bridge.installing.read_only import without_mark
from bridge.installing.stamps import recorder_digest, table_digest
from bridge.installing.transaction import PlacingRefused, Wanted, place, placed_digest, stood_before, undo
from bridge.words import said, text_of

if sys.platform == "win32":
    from bridge.windows.writable import check_writable

IN_USE = (32, 33, 1224)  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_USER_MAPPED_FILE
BOOT_FOLDER_WARNING = said(
    "at each start of the machine, scripts of hospitals copy the DLL of this folder "
    "over that of every program and of Windows' own folder, also over an original that "
    "another setting needs, and without cshis-bridge.ini"
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be placed, and where.

    ``program``: the one that loads the DLL, where the folder has several or it lies elsewhere. ``config``: a
    settings file, None for the usual settings. ``dll_dir``: where win32 and win64 lie, None for those that
    came with the bridge. ``boot_folder``: it may be the folder from which scripts copy.
    """

    folder: Path
    program: Path | None = None
    config: Path | None = None
    dll_dir: Path | None = None
    recorder: bool = False
    compare: bool = False
    boot_folder: bool = False


def install(request: Request) -> list[str]:
    """Place what was asked for. Out: one line for each thing done, none where everything is in place. Raises
    PlacingRefused, with what to do.
    """
    target = _target(request.folder)
    try:
        _check_boot_folder(request)
        _check_free(target)
        if request.recorder:
            return place(_recorder_files(target, request), BEFORE_BRIDGE)
        _check_no_recorder(target)
        return place(_files(target, request), BEFORE_BRIDGE)
    except ConfigError as error:
        raise PlacingRefused(text_of(error)) from error
    except OSError as error:
        raise PlacingRefused(explain(error, target)) from error


def renew(folder: Path, dll_dir: Path | None = None) -> list[str]:
    """Put the DLL that this version brings in place of the one that was placed before; nothing else changes.
    Raises PlacingRefused.
    """
    target = _target(folder)
    try:
        if placed_digest(target) is None:
            raise PlacingRefused(said("{target} was not put there by install-dll", target=target))
        content = target.read_bytes() if target.is_file() else b""
        below = [RECORDER] if recorder_digest(content) is not None else []
        if not below and table_digest(content) is None:
            raise PlacingRefused(
                said(
                    "{target} is not the bridge's any more: an update of the program, or a script, has "
                    "put another back; run install-dll for that folder",
                    target=target,
                )
            )
        machine = _machine_of_dll(target)
        new = _built(Path(dll_dir or library_folder(), FOLDERS[machine], *below, DLL), machine)
        if new == content:
            return []
        _check_free(target)
        return place([Wanted(target, new, 0o755)], BEFORE_BRIDGE)
    except OSError as error:
        raise PlacingRefused(explain(error, target)) from error


def take_back(folder: Path) -> list[str]:
    """Restore what was there before. Out: one line for each thing done, none where nothing is placed. Raises
    PlacingRefused.
    """
    target = _target(folder)
    try:
        _check_free(target)
        return undo(target)
    except OSError as error:
        raise PlacingRefused(explain(error, target)) from error


def explain(error: OSError, target: Path) -> str:
    """What stopped it and what to do about it."""
    name = error.filename or target
    if getattr(error, "winerror", None) in IN_USE:
        users = ", ".join(users_of(Path(name)))
        return f"{name} is in use: end the programs that have loaded it, then try again" + (
            f" ({users})" if users else ""
        )
    if isinstance(error, PermissionError):
        return (
            f"{name}: not permitted; the file is read-only, or this needs an administrator's command prompt"
        )
    return f"{name}: {error.strerror}"


def _target(folder: Path) -> Path:
    folder = folder.absolute()
    try:
        return dll_in(folder) or folder / DLL
    except OSError as error:
        raise PlacingRefused(said("{folder}: {strerror}", folder=folder, strerror=error.strerror)) from error


def _check_boot_folder(request: Request) -> None:
    if not is_boot_folder(request.folder.absolute()):
        return
    if request.recorder:
        raise PlacingRefused(
            said(
                "no recorder for {folder}: {boot_folder_warning}; a recorder without the original "
                "beside it answers no call",
                folder=request.folder,
                boot_folder_warning=BOOT_FOLDER_WARNING,
            )
        )
    if not request.boot_folder:
        raise PlacingRefused(
            said(
                "{folder}: {boot_folder_warning}. Where that is wanted, say --allow-nhi-lib",
                folder=request.folder,
                boot_folder_warning=BOOT_FOLDER_WARNING,
            )
        )


def _check_free(target: Path) -> None:
    """Windows lets nobody write to a DLL that a program has loaded: found out before anything is changed."""
    if not target.is_file():
        return
    if sys.platform == "win32":
        with without_mark(target):
            check_writable(target)
        return
    with target.open("r+b"):
        pass


def _files(target: Path, request: Request) -> list[Wanted]:
    machine = dll_machine(target.parent, request.program, _machine_before(target))
    content = _built((request.dll_dir or library_folder()) / FOLDERS[machine] / DLL, machine)
    ini = bridge_ini_windows(load_settings(request.config).channel) + sections_of(target.with_name(INI))
    keep = not _brought_by_others(target)
    return [Wanted(target, content, 0o755, keep=keep), Wanted(target.with_name(INI), ini, 0o644)]


def _brought_by_others(target: Path) -> bool:
    """Whether scripts have copied one of ours there: that is no original."""
    if placed_digest(target) is not None or not target.is_file():
        return False
    return table_digest(target.read_bytes()) is not None


def _recorder_files(target: Path, request: Request) -> list[Wanted]:
    """The recorder and, for a comparison, its settings and the bridge's address."""
    _check_official(target)
    machine = dll_machine(target.parent, request.program, _machine_before(target))
    content = _built((request.dll_dir or library_folder()) / FOLDERS[machine] / RECORDER / DLL, machine)
    files = [Wanted(target, content, 0o755, kept_as=ORIGINAL)]
    if request.compare:
        ini = bridge_ini_windows(load_settings(request.config).channel)
        files.append(Wanted(target.with_name(RECORDER_INI), b"mode=compare\r\n", 0o644))
        files.append(Wanted(target.with_name(INI), ini, 0o644))
    return files


def _check_official(target: Path) -> None:
    """A recorder wants an official DLL behind it: the one that is there, or that it stands before already."""
    if not target.is_file():
        raise PlacingRefused(
            said(
                "there is no {dll} in {parent}: the recorder goes before the official one",
                dll=DLL,
                parent=target.parent,
            )
        )
    content = target.read_bytes()
    if table_digest(content) is not None:
        raise PlacingRefused(
            said(
                "{target} is the bridge's own: --undo brings the official one back, which is to be recorded",
                target=target,
            )
        )
    if recorder_digest(content) is not None and stood_before(target) == target:
        raise PlacingRefused(
            said("{target} is a recorder already, and no record says who put it there", target=target)
        )
    if _machine_before(target) is None:
        raise PlacingRefused(said("{target} is no DLL of 32 or 64 bits", target=target))


def _check_no_recorder(target: Path) -> None:
    if target.is_file() and recorder_digest(target.read_bytes()) is not None:
        raise PlacingRefused(said("{target} is the recorder: take it back with --undo first", target=target))


def _machine_before(target: Path) -> str | None:
    """For which machine the DLL is that stood there first; None also for a file that is no DLL."""
    before = stood_before(target)
    try:
        return None if before is None else _machine_of_dll(before)
    except PlacingRefused:
        return None


def _built(dll: Path, machine: str) -> bytes:
    """The bytes of the built DLL. Raises PlacingRefused when it is missing or not for that machine."""
    if not dll.is_file():
        raise PlacingRefused(
            said(
                "{dll} does not exist: {how_to_get}, or name its folder with --dll-dir",
                dll=dll,
                how_to_get=how_to_get(dll),
            )
        )
    made_for = _machine_of_dll(dll)
    if made_for != machine:
        raise PlacingRefused(
            said(
                "{dll} is {kind}, and the program needs a {kind_2} DLL",
                dll=dll,
                kind=kind(made_for),
                kind_2=kind(machine),
            )
        )
    return dll.read_bytes()


def _machine_of_dll(dll: Path) -> str:
    try:
        with dll.open("rb") as file:
            executable = read_executable(file)
    except NotExecutable as error:
        raise PlacingRefused(
            said("{dll} is no DLL of 32 or 64 bits: {error}", dll=dll, error=error)
        ) from error
    if not executable.is_dll:
        raise PlacingRefused(said("{dll} is a program, not a DLL", dll=dll))
    return executable.machine
