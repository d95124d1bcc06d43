"""Finds the cshis.dll of this machine, by what is there: programs that run, what Windows knows of installed
ones, and folders.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bridge.installing.copies import Copy, is_boot_folder, is_official_folder, look_at
from bridge.installing.libraries import library_folder
from bridge.installing.names import DLL
from bridge.installing.processes import loaded_copies, program_files
from bridge.installing.programs import programs_in
from bridge.installing.registered import fixed_drives, installed_programs, windows_folders

USUAL = ("NHI", "vghtc", "Program Files (x86)", "Program Files")
"""Folders of a drive that are looked through wholly; of the others what lies near the top."""
NEVER = frozenset({"$recycle.bin", "system volume information", "windows", "winsxs", "node_modules", ".git"})
DEEPEST, NEAR_THE_TOP = 8, 3
SECONDS = 60.0


@dataclass(slots=True)
class Search:
    """What was found, by path. ``running``: programs that have a copy loaded, or run beside it, by the copy's
    path. ``unread``: files that could not be read, with the reason. ``unfinished``: the time was over before
    all folders were seen.
    """

    copies: list[Copy] = field(default_factory=list)
    running: dict[Path, list[str]] = field(default_factory=dict)
    unread: dict[Path, str] = field(default_factory=dict)
    unfinished: bool = False


def search(roots: Iterable[Path] = (), seconds: float = SECONDS) -> Search:
    """Look for copies.

    In: folders to look through wholly, none for the usual ones of all drives; how long to look at most.
    The DLLs that the bridge itself brings are left out.
    """
    found, until = Search(), time.monotonic() + seconds
    files: dict[str, Path] = {}
    running: dict[str, list[str]] = {}
    for file, who in _running():
        running.setdefault(_key(file), []).append(who)
        files.setdefault(_key(file), file)
    for folder in (*installed_programs(), *windows_folders()):
        for file in _here(folder):
            files.setdefault(_key(file), file)
    given = [(root, DEEPEST) for root in roots]
    for root, deepest in given or _usual_roots():
        for file in _below(root, deepest, until):
            files.setdefault(_key(file), file)
    found.unfinished = time.monotonic() >= until
    for key in sorted(files):
        _look(files[key], found)
        if key in running:
            found.running[files[key]] = sorted(set(running[key]))
    return found


def reason_to_leave(copy: Copy, running: Iterable[str] = ()) -> str | None:
    """Why a copy that was found is not replaced unless its folder is named; None where it is.

    In: the copy; the programs that have it loaded.
    """
    folder = copy.path.parent
    if copy.kind == "recorder":
        return "a recorder"
    if copy.machine is None:
        return "no DLL of 32 or 64 bits"
    if is_boot_folder(folder):
        return "scripts copy it over those of all programs"
    if is_official_folder(folder):
        return "of the official control software"
    if folder in windows_folders():
        return "Windows' own folder, for all programs"
    fitting = [each for each in programs_in(folder).values() if each.any_cpu or each.machine == copy.machine]
    if not fitting and not list(running):
        return "no program beside it that could load it, and none that runs has it loaded"
    return None


def _running() -> Iterator[tuple[Path, str]]:
    yield from ((file, who) for file, who in loaded_copies() if not _is_brought(file))
    for program, who in program_files():
        yield from ((file, who) for file in _here(program.parent))


def _usual_roots() -> Iterator[tuple[Path, int]]:
    """What is likely first: the time may not suffice for all."""
    drives = fixed_drives()
    for drive in drives:
        yield from ((drive / name, DEEPEST) for name in USUAL)
    yield from ((drive, NEAR_THE_TOP) for drive in drives)


def _here(folder: Path) -> Iterator[Path]:
    """The copy that lies in a folder itself."""
    file = folder / DLL
    with suppress(OSError):
        if sys.platform != "win32":
            yield from (path for path in folder.iterdir() if path.name.lower() == DLL and path.is_file())
        elif file.is_file() and not _is_brought(file):
            yield file


def _below(root: Path, deepest: int, until: float) -> Iterator[Path]:
    """Every copy in a folder and those in it, so many levels down; links are not followed."""
    waiting = [(root, 0)]
    while waiting and time.monotonic() < until:
        folder, level = waiting.pop()
        with suppress(OSError), os.scandir(folder) as inside:
            for entry in inside:
                if entry.name.lower() == DLL and entry.is_file():
                    if not _is_brought(Path(entry.path)):
                        yield Path(entry.path)
                elif level < deepest and entry.name.lower() not in NEVER and _is_own_folder(entry):
                    waiting.append((Path(entry.path), level + 1))


def _is_own_folder(entry: os.DirEntry[str]) -> bool:
    junction = getattr(entry, "is_junction", None)  # Python 3.12
    return entry.is_dir(follow_symlinks=False) and not (junction is not None and junction())


def _is_brought(file: Path) -> bool:
    """Whether it is one that the bridge brings: of this installation, or of another one, such as a portable
    folder.
    """
    return library_folder() in file.parents or "native_libraries" in (part.lower() for part in file.parts)


def _look(file: Path, found: Search) -> None:
    try:
        found.copies.append(look_at(file))
    except FileNotFoundError:
        return
    except OSError as error:
        found.unread[file] = error.strerror or str(error)


def _key(file: Path) -> str:
    return os.path.normcase(file)
