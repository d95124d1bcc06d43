"""Which programs run, and which of them have loaded a DLL, as far as the system tells this user."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PureWindowsPath

import psutil

from bridge.installing.names import DLL


def program_files() -> Iterator[tuple[Path, str]]:
    """The programs that run: file, and how people call the process. Those of others may be missing."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if file := process.exe():
                yield Path(file), f"{Path(file).name} (process {process.pid})"


def loaded_copies() -> Iterator[tuple[Path, str]]:
    """Every cshis.dll that a program has loaded, wherever it lies, and which program that is."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            for mapped in process.memory_maps(grouped=True):
                if PureWindowsPath(mapped.path).name.lower() == DLL:
                    yield Path(mapped.path), f"{process.name()} (process {process.pid})"


def users_of(dll: Path) -> list[str]:
    """The programs that have loaded a file or, where the system does not tell, those of its folder."""
    known = {who for file, who in loaded_copies() if _same(file, dll)}
    beside = {who for file, who in program_files() if _same(file.parent, dll.parent)}
    return sorted(known or beside)


def _same(one: Path, other: Path) -> bool:
    return os.path.normcase(one) == os.path.normcase(other)
