"""``cshis-bridge console origins``: hosts whose web pages may call the console."""

from __future__ import annotations

import re

import click

from bridge.cli.console.asking import as_json_option, at_console, finding_console, open_session, whose
from bridge.cli.lazy_group import Group
from bridge.cli.running_bridge import Finding, Where
from bridge.cli.streams import json_text
from bridge.console_settings.client import SettingsClient
from bridge.words import tr

LIST = "cshis-bridge console origins list"
# A host as the console lists them: no scheme, no port, no path; * for any part of it.
HOST = re.compile(r"(?=.{1,253}$)[0-9A-Za-z*]([0-9A-Za-z*_-]*[0-9A-Za-z*])?(\.[0-9A-Za-z*_-]+)*")


@click.group(cls=Group)
def origins() -> None:
    """Hosts whose web pages may call the console (允許呼叫主機名稱).

    That is about pages that call the console itself, without the bridge. Those that may call the bridge stand
    in its setting facade.allowed_origins.
    """


@origins.command(name="list")
@as_json_option
@finding_console
def list_origins(as_json: bool, finding: Finding) -> None:
    """Lists the hosts."""

    async def work(client: SettingsClient, _: Where) -> None:
        found = await client.origins()
        if as_json:
            click.echo(json_text(found, 2))
            return
        for each in found:
            click.echo(each)
        if not found:
            click.echo(tr("No host is allowed (沒有允許呼叫主機名稱)."))

    at_console(finding, work)


@origins.command()
@click.argument("host")
@finding_console
def add(host: str, finding: Finding) -> None:
    """Allows the web pages of HOST, such as medvpn.nhi.gov.tw."""
    if HOST.fullmatch(host) is None:
        raise click.ClickException(
            tr("{host} is no name of a host: write it without https:// and without a port", host=host)
        )

    async def work(client: SettingsClient, where: Where) -> None:
        if host in await client.origins():
            click.echo(tr("{host} is allowed already 已在清單. Nothing was changed.", host=host))
            return
        await client.add_origin(host)
        click.echo(tr("Allowed 已新增: {host}.", host=host))
        await _say_restart(client, where)

    at_console(finding, work, changes=LIST)


@origins.command()
@click.argument("host")
@finding_console
def remove(host: str, finding: Finding) -> None:
    """No longer allows the web pages of HOST."""

    async def work(client: SettingsClient, where: Where) -> None:
        known = await client.origins()
        if host not in known:
            raise click.ClickException(
                tr(
                    "{name} is not on the list 不在清單: {listed}. Nothing was changed",
                    name=host,
                    listed=", ".join(known) or tr("none"),
                )
            )
        await client.remove_origin(host)
        click.echo(tr("Removed 已移除: {name}.", name=host))
        await _say_restart(client, where)

    at_console(finding, work, changes=LIST)


async def _say_restart(client: SettingsClient, where: Where) -> None:
    """The console heeds it after a restart, which a bridge at work notices."""
    click.echo(tr("The console heeds it after a restart (變更後需重啟主控台)."))
    session = await open_session(client)
    if session is not None:
        click.echo(
            tr(
                "Note: {session}. A restart ends it. A bridge begins anew by itself at the next call, but "
                "PINs have to be typed and QR codes scanned again: restart while nobody is at the desk.",
                session=whose(where, session),
            )
        )
