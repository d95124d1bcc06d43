"""``cshis-bridge install-dll``: puts the DLL into the folder of a Windows program, and takes it back.

With ``--recorder`` it is the recorder that goes there, and the official DLL that was there goes behind it.
"""

from __future__ import annotations

from pathlib import Path

import click

from bridge.config import load_settings
from bridge.errors import ConfigError
from bridge.installing.ini import INI, bridge_ini_windows
from bridge.installing.libraries import how_to_get, library_folder
from bridge.installing.names import DLL, ORIGINAL, RECORDER_INI
from bridge.installing.pe import X64, X86, NotExecutable, read_executable
from bridge.installing.programs import dll_machine, kind
from bridge.installing.stamps import recorder_digest, table_digest
from bridge.installing.transaction import PlacingRefused, Wanted, place, stood_before, undo

FOLDERS = {X86: "win32", X64: "win64"}
BACKUP = ".before-bridge"
RECORDER = "recorder"  # the folder below win32 and win64
IN_USE = (32, 33)  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION


@click.command("install-dll")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--dll-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where win32/cshis.dll and win64/cshis.dll lie.  [default: those that came with cshis-bridge]",
)
@click.option(
    "--program",
    type=click.Path(path_type=Path),
    metavar="NAME.exe",
    help="The program that loads the DLL, where DIR has several or it is elsewhere (full path).",
)
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings file (TOML)."
)
@click.option("--recorder", is_flag=True, help=f"Put the recorder before the official DLL ({ORIGINAL}).")
@click.option("--compare", is_flag=True, help="With --recorder: put reads to the bridge, too.")
@click.option("--undo", "take_back", is_flag=True, help="Restore what was there before, or remove the DLL.")
def install_dll(
    folder: Path,
    dll_dir: Path | None,
    program: Path | None,
    config: Path | None,
    recorder: bool,
    compare: bool,
    take_back: bool,
) -> None:
    """Puts cshis.dll into the folder of a hospital program.

    DIR is the folder of a program for Windows. Of the 32-bit and the 64-bit DLL it takes the one that the
    programs there need. Beside it goes cshis-bridge.ini with the bridge's address (settings channel.host,
    channel.port, channel.token_file). A file that was there is kept with the ending .before-bridge. Doing it
    again changes nothing.

    With --recorder the official cshis.dll of DIR is renamed cshis_original.dll and the recorder takes its
    place: every call goes through and is written to a trace (docs/migrate/recorder.md).
    """
    target = folder.absolute() / DLL
    built = dll_dir or library_folder()
    if compare and not recorder:
        raise click.UsageError("--compare goes with --recorder")
    try:
        target = _existing(target) or target
        _check_free(target)
        if take_back:
            done = undo(target)
        elif recorder:
            done = place(_recorder_files(target, built, program, config, compare), BACKUP)
        else:
            _check_no_recorder(target)
            done = place(_files(target, built, program, config), BACKUP)
    except (PlacingRefused, ConfigError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(_explain(error, target)) from error
    for line in done or ["nothing to undo" if take_back else "in place already"]:
        click.echo(line)


def _existing(target: Path) -> Path | None:
    """The DLL however it is written: on a drive of another system CSHIS.DLL would stay beside cshis.dll."""
    return next((path for path in sorted(target.parent.iterdir()) if path.name.lower() == DLL), None)


def _check_free(target: Path) -> None:
    """Windows lets nobody write to a DLL that a program has loaded: found out before anything is changed."""
    if target.is_file():
        with target.open("r+b"):
            pass


def _files(target: Path, dll_dir: Path, program: Path | None, config: Path | None) -> list[Wanted]:
    machine = dll_machine(target.parent, program, _machine_before(target))
    content = _built(dll_dir / FOLDERS[machine] / DLL, machine)
    ini = bridge_ini_windows(load_settings(config).channel)
    return [Wanted(target, content, 0o755), Wanted(target.with_name(INI), ini, 0o644)]


def _recorder_files(
    target: Path, dll_dir: Path, program: Path | None, config: Path | None, compare: bool
) -> list[Wanted]:
    """The recorder and, for a comparison, its settings and the bridge's address."""
    _check_official(target)
    machine = dll_machine(target.parent, program, _machine_before(target))
    content = _built(dll_dir / FOLDERS[machine] / RECORDER / DLL, machine)
    files = [Wanted(target, content, 0o755, kept_as=ORIGINAL)]
    if compare:
        ini = bridge_ini_windows(load_settings(config).channel)
        files.append(Wanted(target.with_name(RECORDER_INI), b"mode=compare\r\n", 0o644))
        files.append(Wanted(target.with_name(INI), ini, 0o644))
    return files


def _check_official(target: Path) -> None:
    """A recorder wants an official DLL behind it: the one that is there, or that it stands before already."""
    if not target.is_file():
        raise PlacingRefused(
            f"there is no {DLL} in {target.parent}: the recorder goes before the official one"
        )
    content = target.read_bytes()
    if table_digest(content) is not None:
        raise PlacingRefused(
            f"{target} is the bridge's own: --undo brings the official one back, which is to be recorded"
        )
    if recorder_digest(content) is not None and stood_before(target) == target:
        raise PlacingRefused(f"{target} is a recorder already, and no record says who put it there")
    if _machine_before(target) is None:
        raise PlacingRefused(f"{target} is no DLL of 32 or 64 bits")


def _check_no_recorder(target: Path) -> None:
    if target.is_file() and recorder_digest(target.read_bytes()) is not None:
        raise PlacingRefused(f"{target} is the recorder: take it back with --undo first")


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
        raise PlacingRefused(f"{dll} does not exist: {how_to_get(dll)}, or name its folder with --dll-dir")
    made_for = _machine_of_dll(dll)
    if made_for != machine:
        raise PlacingRefused(f"{dll} is {kind(made_for)}, and the program needs a {kind(machine)} DLL")
    return dll.read_bytes()


def _machine_of_dll(dll: Path) -> str:
    try:
        with dll.open("rb") as file:
            executable = read_executable(file)
    except NotExecutable as error:
        raise PlacingRefused(f"{dll} is no DLL of 32 or 64 bits: {error}") from error
    if not executable.is_dll:
        raise PlacingRefused(f"{dll} is a program, not a DLL")
    return executable.machine


def _explain(error: OSError, target: Path) -> str:
    """What stopped it and what to do about it."""
    name = error.filename or target
    if getattr(error, "winerror", None) in IN_USE:
        return f"{name} is in use: end the programs that have loaded it, then try again"
    if isinstance(error, PermissionError):
        return (
            f"{name}: not permitted; the file is read-only, or this needs an administrator's command prompt"
        )
    return f"{name}: {error.strerror}"
