"""``cshis-bridge clear-machine``: what the installer has done before its files go."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click

from bridge.cli.told import told_in
from bridge.installing.given import remove_machine_settings
from bridge.installing.machine_setup import clear_folders
from bridge.installing.user_data import data_folders, remove_data
from bridge.serving.certificate import AUTHORITY
from bridge.serving.everyones import end_all
from bridge.serving.trust import untrust
from bridge.this_python import installation_folder


@click.command("clear-machine")
@click.option("--log", type=click.Path(dir_okay=False, path_type=Path), help="Also write what is done here.")
@click.option(
    "--remove-data",
    "data_too",
    is_flag=True,
    help="Also the settings of the machine, and everybody's data folder with journal and settings.",
)
def clear_machine(log: Path | None, data_too: bool) -> None:
    """Takes back what set-up-machine has done for all users.

    It ends all bridges of this installation first. The installer runs it, as Windows itself, before its files
    go. A log stays only where something could not be taken back.
    """
    with told_in(log) as tell:
        if (folder := installation_folder()) is not None:
            for line in end_all(folder):
                tell(line)
        lines, well = clear_folders()
        for line in lines:
            tell(line)
        stores = sum(untrust(folder / "certificate" / AUTHORITY) for folder in data_folders())
        if stores:
            tell(f"the certificate is trusted no more ({stores} stores)")
        if data_too:
            well = _remove_everyones(tell) and well
    if well and log is not None:
        with suppress(OSError):
            log.unlink()


def _remove_everyones(tell: Callable[[str], None]) -> bool:
    """Out: whether nothing is left."""
    left = [remains for folder in data_folders() if (remains := remove_data(folder))]
    for remains in left:
        tell(f"FAILED: {remains}")
    remove_machine_settings()
    return not left
