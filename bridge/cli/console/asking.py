"""What the commands ``cshis-bridge console ...`` share: which console is meant, how its answers are told."""

from __future__ import annotations

import asyncio
import functools
import logging
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click

from bridge.cli.running_bridge import Finding, Where, find
from bridge.console_settings.client import SettingsClient, open_settings
from bridge.errors import BridgeError, NeverSent, OutcomeUnknown, StatusError
from bridge.reader.console_client import ConsoleStatus
from bridge.table.default import default_table
from bridge.table.model.rows import Table
from bridge.words import ENGLISH, reason, spoken, tr

Work = Callable[[SettingsClient, Where], Awaitable[None]]
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")


def finding_console(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options by which it finds its console, as ``finding``."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)

    @click.option("--config", type=file, help="Settings file (TOML).")
    @click.option(
        "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Of the running bridge."
    )
    @functools.wraps(command)
    def run(config: Path | None, data_dir: Path | None, **further: Any) -> None:
        command(finding=Finding(config, data_dir), **further)

    return run


def at_console(finding: Finding, work: Work, *, changes: str = "") -> None:
    """Do something at the console. Ends the command where that fails, with a line that says what to do.

    ``changes``: the command that shows whether a change was made whose answer did not come.
    """
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    try:
        asyncio.run(_at_console(find(finding), work))
    except BridgeError as error:
        raise click.ClickException(said(default_table(), error, changes)) from error


async def _at_console(where: Where, work: Work) -> None:
    async with open_settings(where.settings.console, default_table().console) as client:
        await work(client, where)


def said(table: Table, error: BridgeError, changes: str = "") -> str:
    """A failure in words: what the console means by it, and what to do."""
    if isinstance(error, StatusError):
        return tr("the console refuses 主控台拒絕: {why}", why=_refusal(table, error))
    if isinstance(error, OutcomeUnknown) and changes:
        return tr("{error}. It may have been done all the same; see: {command}", error=error, command=changes)
    if isinstance(error, NeverSent):
        return tr(
            "nothing was sent: {error}. Does control software 6.0 (讀卡機控制軟體) run? See: cshis-bridge "
            "doctor",
            error=error,
        )
    return reason(error)


def _refusal(table: Table, error: StatusError) -> str:
    meaning = status_meaning(table, error.status)
    entry = table.statuses.sources[error.source].get(error.status)
    if table.texts is None or entry is None:
        return meaning
    do = table.texts.statuses[error.source][error.status].do or table.texts.codes[entry.legacy].do
    advice = table.texts.advice[do]
    return f"{meaning}\n  {advice.zh}" + (f"\n  {advice.en}" if spoken() == ENGLISH else "")


def status_meaning(table: Table, status: str) -> str:
    """A status of the console with what it means: "1611 沒有雲端安全模組編號 (There is no ...)"."""
    entry = table.statuses.sources["console"].get(status)
    if entry is None:
        return tr("{status}, which is not in its documentation", status=status)
    english = table.texts.status_english("console", status) if table.texts is not None else ""
    return f"{status} {entry.meaning}" + (f" ({english})" if english and spoken() == ENGLISH else "")


# --- a bridge at work ---------------------------------------------------------------------------------------


async def open_session(client: SettingsClient) -> ConsoleStatus | None:
    """What the console says of its session; None where none is open."""
    status = await client.console.status()
    return status if status.initialised is True else None


def device_of(session: ConsoleStatus) -> str:
    """The device of a session as the console names it; "" where it does not."""
    return session.device if isinstance(session.device, str) else ""


def whose(where: Where, session: ConsoleStatus) -> str:
    """Words for a session that is open: of which device, and which bridge may be working with it."""
    device = device_of(session)
    known = tr("a session is open (已初始化)")
    if device:
        known = tr("a session is open (已初始化) with device {device}", device=device)
    if where.running is None:
        return known
    if not where.running.pid:
        return tr("{known}, and a bridge works at this console", known=known)
    return tr(
        "{known}, and a bridge works at this console (process {pid})", known=known, pid=where.running.pid
    )
