"""``cshis-bridge desk``: opens the page of the running bridge, for this user alone."""

from __future__ import annotations

import asyncio
import sys
import webbrowser
from pathlib import Path

import click

from bridge.cli.running_bridge import Finding, find, https_door
from bridge.config import Settings
from bridge.desk.access import LINK_SECONDS, read_key
from bridge.errors import BridgeError
from bridge.serving.sockets import is_loopback
from bridge.words import reason, tr


@click.command()
@click.option("--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings file.")
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Of the running bridge.")
@click.option("--print", "only_print", is_flag=True, help="Print the link and open nothing.")
def desk(config: Path | None, data_dir: Path | None, only_print: bool) -> None:
    """Opens the page of the running bridge (操作頁面).

    It shows what happens, takes virtual cards, and says what to do. The link is good once, for two minutes,
    in a browser of this machine. Only the user who runs the bridge gets one. Where no browser can be opened,
    it is printed.
    """
    try:
        where = find(Finding(config, data_dir))
        if where.running is None:
            raise click.ClickException(tr("no bridge runs; start it: cshis-bridge serve"))
        link = asyncio.run(_link(where.settings))
    except BridgeError as error:
        raise click.ClickException(reason(error)) from error
    if only_print or not webbrowser.open(link):
        click.echo(link)
        click.echo(
            tr("good once, for {seconds:.0f} s, in a browser of this machine", seconds=LINK_SECONDS), err=True
        )
    sys.stdout.flush()


async def _link(settings: Settings) -> str:
    """A fresh link. Raises ConfigError, UpstreamError, DoorRefused."""
    key = read_key(settings.data_dir)
    async with https_door(settings) as door:
        token = str((await door.post("/desk/api/link", {"key": key}))["token"])
    named = [host for host in settings.facade.allowed_hosts if is_loopback(host.strip("[]"))]
    if not named:
        raise click.ClickException(tr("facade.allowed_hosts has no name of this machine, such as localhost"))
    return f"https://{named[0]}:{settings.facade.port}/desk#{token}"
