"""``cshis-bridge console readers|use-reader|detect``: PC/SC readers (讀卡機)."""

from __future__ import annotations

import click

from bridge.cli.console.asking import as_json_option, at_console, finding_console, open_session, whose
from bridge.cli.running_bridge import Finding, Where
from bridge.cli.streams import json_text
from bridge.console_settings.client import SettingsClient
from bridge.words import tr

LIST = "cshis-bridge console readers"


@click.command()
@as_json_option
@finding_console
def readers(as_json: bool, finding: Finding) -> None:
    """Lists the PC/SC readers (讀卡機) of the machine.

    Readers of the insurance (健保讀卡機) on a COM port are no PC/SC readers; `cshis-bridge doctor` lists the
    ports.
    """

    async def work(client: SettingsClient, _: Where) -> None:
        found, default = await client.readers(), await client.default_reader()
        if as_json:
            click.echo(json_text([{"reader": each, "default": each == default} for each in found], 2))
            return
        for each in found:
            click.echo(f"{each}  {tr('default (預設)')}" if each == default else each)
        if not found:
            click.echo(
                tr("The console sees no PC/SC reader (沒有 PCSC 讀卡機). Plug one in, and see its driver.")
            )
        if not default:
            click.echo(
                tr(
                    "No reader is the default (沒有預設讀卡機). To choose: cshis-bridge console "
                    "use-reader NAME"
                )
            )
        elif default not in found:
            click.echo(tr("The default (預設) is {name}, which is not plugged in.", name=default))

    at_console(finding, work)


@click.command(name="use-reader")
@click.argument("name", required=False)
@click.option("--none", "forget", is_flag=True, help="No reader is the default any more (清除預設).")
@finding_console
def use_reader(name: str | None, forget: bool, finding: Finding) -> None:
    """Makes the reader NAME the default.

    NAME is written as `cshis-bridge console readers` shows it.
    """
    if bool(name) == forget:
        raise click.UsageError(tr("either NAME or --none is needed"))

    async def work(client: SettingsClient, where: Where) -> None:
        before = await client.default_reader()
        if name:
            known = await client.readers()
            if name not in known:
                raise click.ClickException(
                    tr(
                        "there is no reader {name} 沒有此讀卡機; there are: {listed}. Nothing was changed",
                        name=name,
                        listed=", ".join(known) or tr("none"),
                    )
                )
            await client.use_reader(name)
            click.echo(
                tr(
                    "The default reader is now 預設讀卡機: {name} (before: {before}).",
                    name=name,
                    before=before or tr("none"),
                )
            )
        else:
            await client.forget_reader()
            click.echo(
                tr(
                    "No reader is the default any more 已清除預設讀卡機 (before: {before}).",
                    before=before or tr("none"),
                )
            )
        await _say_of_session(client, where)

    at_console(finding, work, changes=LIST)


@click.command()
@click.option("--in-use", is_flag=True, help="Also while a session is open.")
@finding_console
def detect(in_use: bool, finding: Finding) -> None:
    """Makes the reader (讀卡機) with a card in it the default.

    Put a health card or a practitioner's card into it first. The console's documentation asks not to do this
    while a session is open.
    """

    async def work(client: SettingsClient, where: Where) -> None:
        session = await open_session(client)
        if session is not None and not in_use:
            raise click.ClickException(
                tr(
                    "{session}. The console wants no detection meanwhile (連接中請勿自動檢測). Nothing was "
                    "changed. End the programs and the bridge first, choose the reader by use-reader, or "
                    "say --in-use",
                    session=whose(where, session),
                )
            )
        found = await client.detect_reader()
        click.echo(tr("The default reader is now 預設讀卡機: {name}.", name=found))
        await _say_of_session(client, where)

    at_console(finding, work, changes=LIST)


async def _say_of_session(client: SettingsClient, where: Where) -> None:
    session = await open_session(client)
    if session is not None:
        click.echo(
            tr(
                "Note: {session}. Whether it takes up the new reader, the console's documentation does not "
                "say; the next session does.",
                session=whose(where, session),
            )
        )
