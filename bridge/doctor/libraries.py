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
from bridge.words import said

PREFIX = "library"
DEFAULT_BRIDGE = "127.0.0.1:5068"
NOT_OURS = said("The program talks past the bridge, to the control software of before 6.0.")


def check_program(folder: Path, channel: ChannelSettings, table: Table) -> Iterator[Finding]:
    """The cshis.dll in the folder of a hospital program for Windows."""
    install = f'cshis-bridge install-dll "{folder}"'
    dll = next((path for path in sorted(folder.iterdir()) if path.name.lower() == DLL), None)
    if dll is None:
        advice = said(
            "{install} puts it there, unless the program loads it from another folder: check that one.",
            install=install,
        )
        yield broken(
            PREFIX,
            said("there is no {dll} in {folder}", dll=DLL, folder=folder),
            said("The program finds no card functions."),
            advice,
        )
        return
    try:
        content = dll.read_bytes()
        with dll.open("rb") as file:
            executable = read_executable(file)
    except NotExecutable as error:
        yield broken(
            PREFIX,
            said("{dll} is no DLL: {error}", dll=dll, error=error),
            said("The program cannot load it."),
            said("Then: {install}", install=install),
        )
        return
    except OSError as error:
        yield unknown(PREFIX, said("{dll} cannot be read: {strerror}", dll=dll, strerror=error.strerror))
        return
    yield ok(PREFIX, said("{dll} is a {kind} DLL", dll=dll, kind=kind(executable.machine)))
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
            PREFIX,
            said("there is no {path}", path=path),
            said("Programs that load it need it: {install}. HTTP clients do not.", install=install),
        )
        return
    except OSError as error:
        yield unknown(PREFIX, said("{path} cannot be read: {strerror}", path=path, strerror=error.strerror))
        return
    machine = library_machine(content)
    if machine is None or not runs_on(machine, platform.machine()):
        what = said(
            "{path} is {value}",
            path=path,
            value=said("made for {machine}", machine=machine) if machine else said("no Linux library"),
        )
        yield broken(
            PREFIX,
            what,
            said("This machine is {machine}; no program can load it.", machine=platform.machine()),
            install,
        )
        return
    yield ok(PREFIX, said("{path} is made for {machine}, as this machine is", path=path, machine=machine))
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
            said("no program in {folder} to compare the bitness (位元) with", folder=folder),
            said("Where the program is elsewhere: a 32-bit one needs a 32-bit DLL."),
        )
    if not others:
        return ok(
            f"{PREFIX}.bitness", said("of the same bitness (位元) as {names}", names=", ".join(fitting))
        )
    name = others[0].partition(" (")[0]
    advice = said(
        'cshis-bridge install-dll "{folder}" --program "{name}" takes the right one for that program.',
        folder=folder,
        name=name,
    )
    if fitting:
        return warning(
            f"{PREFIX}.bitness",
            said(
                "the DLL fits {names}, but not {names_2}", names=", ".join(fitting), names_2=", ".join(others)
            ),
            said("If one of the others loads it, that fails with error 193."),
            advice,
        )
    return broken(
        f"{PREFIX}.bitness",
        said(
            "the DLL is {kind}, but the program is not: {names}",
            kind=kind(dll.machine),
            names=", ".join(others),
        ),
        said("The program cannot load it: error 193, or 'DLL not found'."),
        advice,
    )


def _ours(file: Path, content: bytes, table: Table, install: str) -> Finding:
    digest = table_digest(content)
    if digest is None:
        return broken(
            f"{PREFIX}.ours",
            said(
                "{file} is not the bridge's: an update of the hospital program may have put its own back",
                file=file,
            ),
            NOT_OURS,
            said(
                "{install} keeps it and puts the bridge's there; where it refuses because the file "
                "was changed, move that file away first.",
                install=install,
            ),
        )
    if digest != table.digest:
        return warning(
            f"{PREFIX}.table",
            said(
                "{file} was built from another table ({value}) than this bridge's ({value_2})",
                file=file,
                value=digest[:12],
                value_2=table.digest[:12],
            ),
            said("Functions that differ between the two are refused with -2."),
            said("make native or make native-windows, then: {install}", install=install)
            if is_checkout()
            else said("{install} again", install=install),
        )
    return ok(f"{PREFIX}.table", said("it is the bridge's own, built from this table"))


def _address(ini: Path, channel: ChannelSettings, install: str) -> Finding:
    """Whether the library looks for the bridge where it listens."""
    values = _read_ini(ini)
    if values is None:
        return unknown(f"{PREFIX}.address", said("{ini} cannot be read", ini=ini))
    given = os.environ.get("CSHIS_BRIDGE") or values.get("bridge", DEFAULT_BRIDGE)
    host = EVERYWHERE.get(channel.host, channel.host)
    wanted = f"{f'[{host}]' if ':' in host else host}:{channel.port}"
    if given.strip() != wanted:
        return broken(
            f"{PREFIX}.address",
            said(
                "the library looks for the bridge at {given}, the settings say {wanted}",
                given=given,
                wanted=wanted,
            ),
            said("Every call ends with 4000."),
            said(
                "{install} writes {ini} as the settings say; or correct its line bridge=",
                install=install,
                ini=INI,
            ),
        )
    token = channel.token_file
    if token is not None and values.get("token_file") != str(token.absolute()):
        return broken(
            f"{PREFIX}.address",
            said("{ini} does not name the token file {token}", ini=ini, token=token),
            said("The bridge refuses every call without the token."),
            said("{install} writes {ini} as the settings say.", install=install, ini=INI),
        )
    return ok(f"{PREFIX}.address", said("it looks for the bridge at {given}", given=given))


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
