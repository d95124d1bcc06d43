"""``cshis-bridge stop``: ends the bridge that runs, cleanly."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bridge.config import chosen_data_dir
from bridge.serving.everyones import end_all
from bridge.serving.one_owner import Holder
from bridge.serving.owners import owner_of_data_dir
from bridge.serving.stop_event import ask_to_stop, end_at_once
from bridge.this_python import installation_folder
from bridge.tray.leftover import close_icon
from bridge.words import tr

LOOK_AGAIN = 0.1  # seconds
LAST_PATIENCE = 5.0


@click.command()
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Of the bridge that runs.")
@click.option(
    "--wait",
    type=click.FloatRange(0, 600),
    default=30.0,
    show_default=True,
    help="Seconds until it has ended.",
)
@click.option("--force", is_flag=True, help="Then end at once one that hangs; the journal bears that.")
@click.option(
    "--everyone",
    is_flag=True,
    help="On Windows: every program of this installation, in all sessions, at once where it does not end by "
    "itself. The installer does it before an upgrade.",
)
def stop(data_dir: Path | None, wait: float, force: bool, everyone: bool) -> None:
    """Ends the bridge that runs.

    Calls under way are finished, and the session at the console is closed. Nothing happens where none runs.
    """
    if everyone:
        _end_everyones(wait)
        return
    directory = data_dir or chosen_data_dir()
    holder = owner_of_data_dir(directory)
    if holder is None:
        close_icon(directory)
        click.echo(tr("no bridge runs with {directory}", directory=directory))
        return
    if holder.pid < 1:  # a signal to process 0 would end whoever calls this command
        raise click.ClickException(
            tr(
                "{bridge} has {directory}, and does not say which process it is",
                bridge=holder.told(),
                directory=directory,
            )
        )
    with _told(holder):
        ask_to_stop(holder.pid)
    if _ended(directory, holder, wait):
        click.echo(tr("process {pid} has ended", pid=holder.pid))
        return
    if force:
        with _told(holder):
            end_at_once(holder.pid)
        if _ended(directory, holder, LAST_PATIENCE):
            click.echo(tr("process {pid} did not end when asked, and was ended at once", pid=holder.pid))
            return
    raise click.ClickException(
        tr(
            "{bridge} was asked to end, and still runs after {seconds:g} s",
            bridge=holder.told(),
            seconds=wait,
        )
    )


@contextmanager
def _told(holder: Holder) -> Iterator[None]:
    """Windows' faults become words for people."""
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise click.ClickException(
            tr("{bridge} cannot be ended: {why}", bridge=holder.told(), why=why)
        ) from error


def _end_everyones(wait: float) -> None:
    folder = installation_folder()
    if folder is None:
        raise click.ClickException(tr("--everyone is for an installation on Windows"))
    for line in end_all(folder, wait):
        click.echo(line)


def _ended(directory: Path, holder: Holder, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while (found := owner_of_data_dir(directory)) is not None and found.pid == holder.pid:
        if time.monotonic() >= until:
            return False
        time.sleep(LOOK_AGAIN)
    return True
