"""install-dll for several folders: each wholly or not at all, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from bridge.errors import ConfigError
from bridge.installing.copies import Copy, dll_in, is_boot_folder, look_at
from bridge.installing.dll import Request, install, renew, take_back
from bridge.installing.placed import Entry, entries, forget, remember
from bridge.installing.searching import Search, reason_to_leave, search
from bridge.installing.transaction import PlacingRefused, overwrite
from bridge.words import said, text_of

T = TypeVar("T")
GONE = said("the folder is not there any more")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a folder: what was done, a line each; or why nothing was."""

    folder: Path
    done: tuple[str, ...] = ()
    refused: str = ""


def install_all(requests: Iterable[Request], by_installer: bool = False) -> list[Outcome]:
    """Place the DLL in each folder, and note where. ``by_installer``: also note what failed."""
    return [_installed(request, by_installer) for request in requests]


def renew_all(dll_dir: Path | None = None, but: Collection[Path] = ()) -> list[Outcome]:
    """Put this version's DLL wherever one was placed before, without some folders; a folder that has gone is
    forgotten.
    """
    return [_renewed(entry, dll_dir) for entry in entries() if entry.folder not in but]


def undo_all(folders: Iterable[Path] = ()) -> list[Outcome]:
    """Restore what was there before: in these folders, else in all where a DLL was placed. After the folder
    that scripts copy from, also the copies that they have made.
    """
    outcomes: list[Outcome] = []
    for folder in list(folders) or [entry.folder for entry in entries()]:
        outcomes += _undone(folder)
    return outcomes


def chosen_folders(found: Search) -> tuple[list[Path], dict[Path, str]]:
    """Of what was found, the folders whose DLL is to be replaced; and for the others why it is not."""
    chosen, left = [], {}
    for copy in found.copies:
        try:
            reason = reason_to_leave(copy, found.running.get(copy.path, ()))
        except OSError as error:
            reason = error.strerror or str(error)
        if reason is None:
            chosen.append(copy.path.parent)
        else:
            left[copy.path] = reason
    return chosen, left


def _installed(request: Request, by_installer: bool) -> Outcome:
    folder = request.folder.absolute()
    entry = Entry(folder, asked_by_installer=by_installer or _asked_by_installer(folder))
    try:
        done = install(replace(request, folder=folder))
    except PlacingRefused as error:
        if by_installer:
            _note(remember, replace(entry, failed=text_of(error)))
        return Outcome(folder, refused=text_of(error))
    return Outcome(folder, (*done, *_note(remember, entry)))


def _renewed(entry: Entry, dll_dir: Path | None) -> Outcome:
    if not entry.folder.is_dir():
        return Outcome(entry.folder, (GONE, *_note(forget, entry.folder)))
    try:
        done = renew(entry.folder, dll_dir)
    except PlacingRefused as error:
        _note(remember, replace(entry, failed=text_of(error)))
        return Outcome(entry.folder, refused=text_of(error))
    return Outcome(entry.folder, (*done, *_note(remember, replace(entry, failed=""))))


def _undone(folder: Path) -> list[Outcome]:
    folder = folder.absolute()
    if not folder.is_dir():
        return [Outcome(folder, (GONE, *_note(forget, folder)))]
    try:
        ours = _boot_copy(folder)
        done = take_back(folder)
    except PlacingRefused as error:
        return [Outcome(folder, refused=text_of(error))]
    own = Outcome(folder, (*done, *_note(forget, folder)))
    return [own, *(_copies_undone(folder, ours) if ours is not None and done else ())]


def _boot_copy(folder: Path) -> Copy | None:
    """What lies in the folder that scripts copy from, where that is one of ours."""
    if not is_boot_folder(folder):
        return None
    try:
        file = dll_in(folder)
        copy = None if file is None else look_at(file)
    except OSError:
        return None
    return copy if copy is not None and copy.is_ours else None


def _copies_undone(folder: Path, ours: Copy) -> list[Outcome]:
    """Where scripts have copied our DLL, what they had copied before goes: that of their own folder."""
    outcomes = []
    original = ours.path.read_bytes() if ours.path.is_file() else None
    for copy in search().copies:
        if copy.sha256 != ours.sha256 or copy.placed or copy.path.parent == folder:
            continue
        if original is None:
            why = said(
                "{path} is a copy of the bridge's DLL, and {folder} had no other to restore: look at it",
                path=copy.path,
                folder=folder,
            )
            outcomes.append(Outcome(copy.path.parent, refused=why))
            continue
        try:
            overwrite(copy.path, original)
        except OSError as error:
            outcomes.append(Outcome(copy.path.parent, refused=f"{copy.path}: {error.strerror}"))
        else:
            outcomes.append(Outcome(copy.path.parent, (f"restored {copy.path} as in {folder}",)))
    return outcomes


def _asked_by_installer(folder: Path) -> bool:
    return any(entry.asked_by_installer for entry in entries() if entry.folder == folder)


def _note(write: Callable[[T], None], what: T) -> tuple[str, ...]:
    """Out: a line where it could not be noted; the DLL itself is in its place."""
    try:
        write(what)
    except (OSError, ConfigError) as error:
        return (f"not noted, so that --renew and --undo must name this folder: {error}",)
    return ()
