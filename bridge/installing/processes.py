"""Which programs run, and which of them have loaded a DLL, as far as the system tells this user."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from bridge.installing.names import DLL

if sys.platform == "win32":
    from bridge.windows.processes import image_of, modules_of


def program_files() -> Iterator[tuple[Path, str]]:
    """The programs that run: file, and how people call the process. Those of others may be missing."""
    for pid in psutil.pids():
        if (file := _file_of(pid)) is not None:
            yield file, f"{file.name} (process {pid})"


def loaded_copies() -> Iterator[tuple[Path, str]]:
    """Every cshis.dll that a program has loaded, wherever it lies, and which program that is."""
    for pid in psutil.pids():
        for loaded in _loaded_by(pid):
            if loaded.name.lower() == DLL:
                program = _file_of(pid)
                yield loaded, f"{program.name if program else 'a program'} (process {pid})"


def users_of(dll: Path) -> list[str]:
    """The programs that have loaded a file or, where the system does not tell, those of its folder."""
    known = {who for file, who in loaded_copies() if _same(file, dll)}
    beside = {who for file, who in program_files() if _same(file.parent, dll.parent)}
    return sorted(known or beside)


def _same(one: Path, other: Path) -> bool:
    return os.path.normcase(one) == os.path.normcase(other)


def _file_of(pid: int) -> Path | None:
    if sys.platform == "win32":
        return image_of(pid)
    with suppress(psutil.Error, OSError):
        return Path(psutil.Process(pid).exe())
    return None


def _loaded_by(pid: int) -> list[Path]:
    if sys.platform == "win32":
        return modules_of(pid)
    with suppress(psutil.Error, OSError):
        return [Path(mapped.path) for mapped in psutil.Process(pid).memory_maps()]
    return []
