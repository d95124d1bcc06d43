"""The native library in its place: of the right bitness, ours, built from this table, and pointing here."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path

from bridge.config import ChannelSettings
from bridge.doctor.finding import Finding, broken, ok, unknown, warning
from bridge.doctor.recorders import check_recorder, compares
from bridge.installing.elf import library_machine, runs_on
from bridge.installing.ini import EVERYWHERE, INI, from_ansi
from bridge.installing.libraries import is_checkout
from bridge.installing.names import DLL, OFFICIAL_PATH
from bridge.installing.pe import Executable, NotExecutable, read_executable
from bridge.installing.programs import kind, programs_in
from bridge.installing.stamps import recorder_digest, table_digest
from bridge.table.model.rows import Table

PREFIX = "library"
DEFAULT_BRIDGE = "127.0.0.1:5068"
NOT_OURS = "The program talks past the bridge, to the control software of before 6.0."


def check_program(folder: Path, channel: ChannelSettings, table: Table) -> Iterator[Finding]:
    """The cshis.dll in the folder of a hospital program for Windows."""
    install = f'cshis-bridge install-dll "{folder}"'
    dll = next((path for path in sorted(folder.iterdir()) if path.name.lower() == DLL), None)
    if dll is None:
        advice = f"{install} puts it there, unless the program loads it from another folder: check that one."
        yield broken(PREFIX, f"there is no {DLL} in {folder}", "The program finds no card functions.", advice)
        return
    try:
        content = dll.read_bytes()
        with dll.open("rb") as file:
            executable = read_executable(file)
    except NotExecutable as error:
        yield broken(PREFIX, f"{dll} is no DLL: {error}", "The program cannot load it.", f"Then: {install}")
        return
    except OSError as error:
        yield unknown(PREFIX, f"{dll} cannot be read: {error.strerror}")
        return
    yield ok(PREFIX, f"{dll} is a {kind(executable.machine)} DLL")
    yield _bitness(folder, executable)
    if recorder_digest(content) is not None:
        yield from check_recorder(dll, executable, content, table)
        if compares(dll):
            yield _address(dll.with_name(INI), channel, f"{install} --recorder --compare")
        return
    origin = _ours(dll, content, table, install)
    yield origin
    if origin.status != "broken":
        yield _address(dll.with_name(INI), channel, install)


def check_linux(channel: ChannelSettings, table: Table, path: Path = OFFICIAL_PATH) -> Iterator[Finding]:
    """The library where programs on Linux load the official one from."""
    install = "cshis-bridge install-library"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        yield unknown(
            PREFIX, f"there is no {path}", f"Programs that load it need it: {install}. HTTP clients do not."
        )
        return
    except OSError as error:
        yield unknown(PREFIX, f"{path} cannot be read: {error.strerror}")
        return
    machine = library_machine(content)
    if machine is None or not runs_on(machine, platform.machine()):
        what = f"{path} is {f'made for {machine}' if machine else 'no Linux library'}"
        yield broken(PREFIX, what, f"This machine is {platform.machine()}; no program can load it.", install)
        return
    yield ok(PREFIX, f"{path} is made for {machine}, as this machine is")
    origin = _ours(path, content, table, install)
    yield origin
    if origin.status != "broken":
        yield _address(path.with_name(INI), channel, install)


def _bitness(folder: Path, dll: Executable) -> Finding:
    """A program loads only a DLL of its own bitness."""
    found = programs_in(folder)
    fitting = [
        path.name for path, program in found.items() if program.any_cpu or program.machine == dll.machine
    ]
    others = [
        f"{path.name} ({kind(program.machine)})"
        for path, program in found.items()
        if path.name not in fitting
    ]
    if not found:
        return unknown(
            f"{PREFIX}.bitness",
            f"no program in {folder} to compare the bitness (位元) with",
            "Where the program is elsewhere: a 32-bit one needs a 32-bit DLL.",
        )
    if not others:
        return ok(f"{PREFIX}.bitness", f"of the same bitness (位元) as {', '.join(fitting)}")
    name = others[0].partition(" (")[0]
    advice = f'cshis-bridge install-dll "{folder}" --program "{name}" takes the right one for that program.'
    if fitting:
        return warning(
            f"{PREFIX}.bitness",
            f"the DLL fits {', '.join(fitting)}, but not {', '.join(others)}",
            "If one of the others loads it, that fails with error 193.",
            advice,
        )
    return broken(
        f"{PREFIX}.bitness",
        f"the DLL is {kind(dll.machine)}, but the program is not: {', '.join(others)}",
        "The program cannot load it: error 193, or 'DLL not found'.",
        advice,
    )


def _ours(file: Path, content: bytes, table: Table, install: str) -> Finding:
    digest = table_digest(content)
    if digest is None:
        return broken(
            f"{PREFIX}.ours",
            f"{file} is not the bridge's: an update of the hospital program may have put its own back",
            NOT_OURS,
            f"{install} keeps it and puts the bridge's there; where it refuses because the file was changed, "
            "move that file away first.",
        )
    if digest != table.digest:
        return warning(
            f"{PREFIX}.table",
            f"{file} was built from another table ({digest[:12]}) than this bridge's ({table.digest[:12]})",
            "Functions that differ between the two are refused with -2.",
            f"make native or make native-windows, then: {install}" if is_checkout() else f"{install} again",
        )
    return ok(f"{PREFIX}.table", "it is the bridge's own, built from this table")


def _address(ini: Path, channel: ChannelSettings, install: str) -> Finding:
    """Whether the library looks for the bridge where it listens."""
    values = _read_ini(ini)
    if values is None:
        return unknown(f"{PREFIX}.address", f"{ini} cannot be read")
    given = os.environ.get("CSHIS_BRIDGE") or values.get("bridge", DEFAULT_BRIDGE)
    host = EVERYWHERE.get(channel.host, channel.host)
    wanted = f"{f'[{host}]' if ':' in host else host}:{channel.port}"
    if given.strip() != wanted:
        return broken(
            f"{PREFIX}.address",
            f"the library looks for the bridge at {given}, the settings say {wanted}",
            "Every call ends with 4000.",
            f"{install} writes {INI} as the settings say; or correct its line bridge=",
        )
    token = channel.token_file
    if token is not None and values.get("token_file") != str(token.absolute()):
        return broken(
            f"{PREFIX}.address",
            f"{ini} does not name the token file {token}",
            "The bridge refuses every call without the token.",
            f"{install} writes {INI} as the settings say.",
        )
    return ok(f"{PREFIX}.address", f"it looks for the bridge at {given}")


def _read_ini(ini: Path) -> dict[str, str] | None:
    """The values of the file; none where it is missing, None where it cannot be read."""
    try:
        lines = from_ansi(ini.read_bytes()).splitlines()
    except FileNotFoundError:
        return {}
    except OSError:
        return None
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {key.strip(): value.strip() for key, _, value in pairs}
