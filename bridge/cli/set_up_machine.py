"""``cshis-bridge set-up-machine``: what the installer has done when its files are in place."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.told import told_in
from bridge.installing.given import given
from bridge.installing.machine_setup import check_settings, set_up_folders


@click.command("set-up-machine")
@click.option("--log", type=click.Path(dir_okay=False, path_type=Path), help="Also write what is done here.")
def set_up_machine(log: Path | None) -> None:
    """Does for all users what the installer was asked for.

    It puts the DLL into folders of HIS, or renews it there. The installer runs it, as Windows itself, at each
    installation, upgrade and repair. Again by hand, as administrator, where a folder was in use: what is in
    place already is not touched.
    """
    with told_in(log) as tell:
        for line in (*check_settings(), *set_up_folders(given())):
            tell(line)
