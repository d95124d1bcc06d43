"""``cshis-bridge console log``: the console's record of the requests that it has answered (API 執行記錄)."""

from __future__ import annotations

import click

from bridge.cli.console.asking import as_json_option, at_console, finding_console, status_meaning
from bridge.cli.running_bridge import Finding, Where
from bridge.cli.streams import json_text
from bridge.console_settings.client import AnsweredCall, SettingsClient
from bridge.table.default import default_table
from bridge.words import tr
from bridge.words.moments import moment_of

USUAL, MOST = 100, 10_000


@click.command()
@click.option("--skip", type=click.IntRange(0), default=0, help="Without so many of the newest.")
@click.option("--take", type=click.IntRange(1, MOST), default=USUAL, show_default=True, help="So many.")
@click.option("--failed", is_flag=True, help="Of these only those that did not succeed.")
@click.option("--clear", is_flag=True, help="Clears the record (清除) instead of showing it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json_option
@finding_console
def log(skip: int, take: int, failed: bool, clear: bool, yes: bool, as_json: bool, finding: Finding) -> None:
    """Shows what the console has answered (API 執行記錄).

    Newest first, in Taiwan's time: time, status, path, and what the status means. They are the requests of
    everybody at this console, other programs than the bridge among them.
    """

    async def show(client: SettingsClient, _: Where) -> None:
        calls = [each for each in await client.calls(skip, take) if each.status != 0 or not failed]
        if as_json:
            click.echo(
                json_text([{"at": each.at, "status": each.status, "path": each.path} for each in calls], 2)
            )
            return
        for each in calls:
            click.echo(_line(each))
        if not calls:
            click.echo(
                tr("The record has no failed request.")
                if failed
                else tr("The record is empty (沒有執行記錄).")
            )

    async def forget(client: SettingsClient, _: Where) -> None:
        if not yes:
            click.confirm(tr("Clear the console's record? It cannot be had back"), abort=True)
        await client.forget_calls()
        click.echo(tr("The console's record is cleared 已清除."))

    at_console(finding, forget if clear else show, changes="cshis-bridge console log")


def _line(call: AnsweredCall) -> str:
    meaning = "" if call.status == 0 else status_meaning(default_table(), str(call.status)).partition(" ")[2]
    return f"{moment_of(call.at)}  {call.status:<4}  {call.path}  {meaning}".rstrip()
