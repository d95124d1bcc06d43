"""``cshis-bridge install-library``: puts the library where programs of the official Linux software look."""

from __future__ import annotations

import platform
from pathlib import Path

import click

from bridge.config import load_settings
from bridge.errors import ConfigError
from bridge.installing.elf import library_machine, runs_on
from bridge.installing.ini import INI, bridge_ini, sections_of
from bridge.installing.libraries import how_to_get, linux_library
from bridge.installing.names import OFFICIAL_PATH
from bridge.installing.transaction import PlacingRefused, Wanted, place, stood_before, undo
from bridge.words import reason, said, shown, tr


@click.command("install-library")
@click.option(
    "--path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=OFFICIAL_PATH,
    show_default=True,
    help="Where programs look for it.",
)
@click.option(
    "--library",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The library.  [default: the one that came with cshis-bridge]",
)
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings file (TOML)."
)
@click.option(
    "--undo", "take_back", is_flag=True, help="Restore what was there before, or remove the library."
)
def install_library(path: Path, library: Path | None, config: Path | None, take_back: bool) -> None:
    """Puts the Linux library where programs look for it.

    It takes the place of the official one. Beside it goes cshis-bridge.ini with the bridge's address
    (settings channel.host, channel.port). A file that was there is kept with the ending .before-cshis-bridge.
    Doing it again changes nothing.
    """
    target = path.absolute()
    try:
        done = undo(target) if take_back else place(_files(target, library or linux_library(), config))
    except PermissionError as error:
        raise click.ClickException(
            tr("{file}: not permitted; run it as its owner (root)", file=error.filename)
        ) from error
    except (PlacingRefused, ConfigError) as error:
        raise click.ClickException(reason(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or target}: {error.strerror}") from error
    for line in done or [said("nothing to undo") if take_back else said("in place already")]:
        click.echo(shown(line))


def _files(target: Path, library: Path, config: Path | None) -> list[Wanted]:
    content = _checked(library, target)
    ini = bridge_ini(load_settings(config).channel).encode() + sections_of(target.with_name(INI))
    return [Wanted(target, content, 0o755), Wanted(target.with_name(INI), ini, 0o644)]


def _checked(library: Path, target: Path) -> bytes:
    """The library's bytes. Raises PlacingRefused when programs here could not load it."""
    if not library.is_file():
        raise PlacingRefused(
            said(
                "{file} does not exist: {how}, or name it with --library",
                file=library,
                how=how_to_get(library),
            )
        )
    content = library.read_bytes()
    made_for = library_machine(content)
    if made_for is None:
        raise PlacingRefused(said("{file} is no Linux library", file=library))
    if not runs_on(made_for, platform.machine()):
        raise PlacingRefused(
            said(
                "{file} is made for {kind}, this machine is {machine}",
                file=library,
                kind=made_for,
                machine=platform.machine(),
            )
        )
    before = _machine_before(target)
    if before not in (None, made_for):
        raise PlacingRefused(
            said(
                "{file} is made for {kind}, but {target} for {before}: programs need that",
                file=library,
                kind=made_for,
                target=target,
                before=before,
            )
        )
    return content


def _machine_before(target: Path) -> str | None:
    """For which machine the library is that stood there first."""
    first = stood_before(target)
    return None if first is None else library_machine(first.read_bytes())
