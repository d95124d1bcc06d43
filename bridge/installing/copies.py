"""What a cshis.dll is that lies somewhere: whose, for which programs, of which version."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from bridge.installing.libraries import library_folder
from bridge.installing.names import BEFORE_BRIDGE, DLL, ORIGINAL, RECORDER
from bridge.installing.pe import X64, X86, NotExecutable, read_executable
from bridge.installing.stamps import recorder_digest, table_digest
from bridge.installing.transaction import PlacingRefused, placed_digest, stood_before
from bridge.installing.version import product_version

Kind = Literal["bridge", "recorder", "other"]
FOLDERS = {X86: "win32", X64: "win64"}
BOOT_FOLDER = ("nhi", "lib")
NHI = "nhi"
SHOWN_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Copy:
    """A cshis.dll.

    ``machine``: as of pe.py, None where it is no DLL. ``version``: its ProductVersion. ``kind``: the bridge's
    own, a recorder of ours, or somebody else's, such as the official one. ``current``: the very file that
    this version of the bridge brings. ``placed``: install-dll has put it there, and it was not changed since.
    ``original``: where what stood there before is kept.
    """

    path: Path
    sha256: str
    machine: str | None
    version: str | None
    kind: Kind
    current: bool
    placed: bool
    original: Path | None

    @property
    def is_ours(self) -> bool:
        return self.kind != "other"


def look_at(path: Path) -> Copy:
    """In: the file. Raises OSError where it cannot be read."""
    content = path.read_bytes()
    machine, kind, digest = _machine(path), _kind(content), hashlib.sha256(content).hexdigest()
    return Copy(
        path=path,
        sha256=digest,
        machine=machine,
        version=product_version(content),
        kind=kind,
        current=kind != "other" and digest == _brought(machine, kind),
        placed=_placed(path) == digest,
        original=_original(path),
    )


def dll_in(folder: Path) -> Path | None:
    """The DLL of a folder however its name is written: on a drive of another system CSHIS.DLL would stay
    beside cshis.dll. Raises OSError.
    """
    return next((path for path in sorted(folder.iterdir()) if path.name.lower() == DLL), None)


def is_boot_folder(folder: PurePath) -> bool:
    r"""Whether scripts of hospitals copy the DLL from this folder over those of all programs at each start of
    the machine: ``C:\NHI\LIB``.
    """
    return tuple(part.lower() for part in folder.parts[-2:]) == BOOT_FOLDER


def is_official_folder(folder: PurePath) -> bool:
    r"""Whether it belongs to the official control software: all below ``C:\NHI``."""
    return NHI in (part.lower() for part in folder.parts[1:2])


def _machine(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            found = read_executable(file)
    except NotExecutable:
        return None
    return found.machine if found.is_dll else None


def _kind(content: bytes) -> Kind:
    if recorder_digest(content) is not None:
        return "recorder"
    return "bridge" if table_digest(content) is not None else "other"


def _brought(machine: str | None, kind: Kind) -> str | None:
    """The SHA-256 of the DLL of this kind that came with the bridge."""
    folder = library_folder() / FOLDERS.get(machine or "", "none")
    file = folder / RECORDER / DLL if kind == "recorder" else folder / DLL
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None


def _placed(path: Path) -> str | None:
    try:
        return placed_digest(path)
    except (PlacingRefused, OSError):
        return None


def _original(path: Path) -> Path | None:
    """By the record; without one, by the names that install-dll gives."""
    try:
        kept = stood_before(path)
    except (PlacingRefused, OSError):
        kept = None
    usual = (path.with_name(path.name + BEFORE_BRIDGE), path.with_name(ORIGINAL))
    if kept is not None and kept != path:
        return kept
    return next((file for file in usual if file.is_file()), None)
