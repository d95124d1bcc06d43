"""``cshis-bridge install-dll``: puts the DLL into the folder of a Windows program, and takes it back."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.bridge_ini import INI, bridge_ini_windows
from bridge.cli.executable import X64, X86, NotExecutable, read_executable
from bridge.cli.placing import PlacingRefused, Wanted, place, stood_before, undo
from bridge.cli.programs import dll_machine, kind
from bridge.config import load_settings
from bridge.errors import ConfigError

DLL = "cshis.dll"
BUILT_IN = {X86: "win32", X64: "win64"}  # folders of `make native-windows`
BUILT = Path("build", "native")
BACKUP = ".before-bridge"
IN_USE = (32, 33)  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION


@click.command("install-dll")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--dll-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=BUILT,
    show_default=True,
    help="Where win32/cshis.dll and win64/cshis.dll lie.",
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
@click.option("--undo", "take_back", is_flag=True, help="Restore what was there before, or remove the DLL.")
def install_dll(
    folder: Path, dll_dir: Path, program: Path | None, config: Path | None, take_back: bool
) -> None:
    """Puts cshis.dll into DIR, the folder of a hospital program for Windows.

    Of the 32-bit and the 64-bit DLL it takes the one that the programs there need. Beside it goes
    cshis-bridge.ini with the bridge's address (settings channel.host, channel.port, channel.token_file). A
    file that was there is kept with the ending .before-bridge. Doing it again changes nothing.
    """
    target = folder.absolute() / DLL
    try:
        target = _existing(target) or target
        _check_free(target)
        done = undo(target) if take_back else place(_files(target, dll_dir, program, config), BACKUP)
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
    content = _built(dll_dir / BUILT_IN[machine] / DLL, machine)
    ini = bridge_ini_windows(load_settings(config).channel)
    return [Wanted(target, content, 0o755), Wanted(target.with_name(INI), ini, 0o644)]


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
            f"{dll} does not exist: build it with 'make native-windows', or name its folder with --dll-dir"
        )
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
