"""Finds out for which machine a DLL must be made, from the programs in its folder."""

from __future__ import annotations

import platform
from pathlib import Path

from bridge.installing.pe import ARM64, X64, X86, Executable, NotExecutable, read_executable
from bridge.installing.transaction import PlacingRefused
from bridge.words import said

BITS = {X86: "32-bit", X64: "64-bit"}
CHOOSE = said("name the one that loads cshis.dll with --program")


def dll_machine(folder: Path, program: Path | None, dll_before: str | None) -> str:
    """The machine of the programs that will load the DLL: :data:`X86` or :data:`X64`.

    In: their folder; one of them (a name in the folder, or a full path), None to look at all .exe files
    there; the machine of the DLL they loaded so far, if known, which also decides for .NET programs of any
    CPU, and where no program is named and those there are of several kinds, or none. Raises PlacingRefused
    when the answer is not clear or there is no DLL for it; OSError when a file cannot be read.
    """
    found = {folder / program: _read(folder / program)} if program else programs_in(folder)
    machines = {path: _runs_as(executable, dll_before) for path, executable in found.items()}
    if program is None and dll_before in BITS and (not machines or dll_before in machines.values()):
        return dll_before
    if not machines:
        raise PlacingRefused(
            said(
                "{folder} has no program for Windows: {choose} (a full path if it is elsewhere)",
                folder=folder,
                choose=CHOOSE,
            )
        )
    if len(set(machines.values())) > 1:
        listed = ", ".join(f"{path.name} ({kind(machine)})" for path, machine in machines.items())
        raise PlacingRefused(
            said(
                "the programs in {folder} are of several kinds: {choose}: {listed}",
                folder=folder,
                choose=CHOOSE,
                listed=listed,
            )
        )
    path, machine = next(iter(machines.items()))
    if machine not in BITS:
        note = "; its 32-bit or x64 edition can be served" if machine == ARM64 else ""
        raise PlacingRefused(
            said(
                "{path} is made for {machine}: there is no cshis.dll for that{note}",
                path=path,
                machine=machine,
                note=note,
            )
        )
    if dll_before is not None and dll_before != machine:
        raise PlacingRefused(
            said(
                "{path} is {kind}, but the cshis.dll in {folder} {kind_2}: {choose}, or move that DLL away",
                path=path,
                kind=kind(machine),
                folder=folder,
                kind_2=kind(dll_before),
                choose=CHOOSE,
            )
        )
    return machine


def kind(machine: str) -> str:
    """How people call it: 32-bit, 64-bit, or the machine's name."""
    return BITS.get(machine, machine)


def programs_in(folder: Path) -> dict[Path, Executable]:
    """The .exe files of a folder that are programs of 32 or 64 bits, by name."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() == ".exe" and path.is_file():
            try:
                found[path] = _open(path)
            except NotExecutable:
                continue  # a program for DOS, or something that only is called so
    return found


def _read(path: Path) -> Executable:
    if not path.is_file():
        raise PlacingRefused(said("there is no program {path}", path=path))
    try:
        return _open(path)
    except NotExecutable as error:
        raise PlacingRefused(
            said("{path} is no program of 32 or 64 bits: {error}", path=path, error=error)
        ) from error


def _open(path: Path) -> Executable:
    with path.open("rb") as file:
        return read_executable(file)


def _runs_as(executable: Executable, dll_before: str | None) -> str:
    if not executable.any_cpu:
        return executable.machine
    return dll_before or (X86 if platform.machine() == "x86" else X64)
