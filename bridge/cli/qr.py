"""``cshis-bridge qr``: presents a patient's virtual card to the programs, by the running bridge."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

import click

from bridge.calls.call import Argument, LegacyCall, LegacyResult, OutBuffer
from bridge.calls.scanned import as_scanned
from bridge.cli.running_bridge import Finding, Where, find, finding_options
from bridge.cli.streams import json_text
from bridge.cli.through_bridge import by_channel
from bridge.errors import BridgeError
from bridge.table.default import default_table
from bridge.words import reason, said, shown, tr

FROM_INPUT = "-"
MOST_BYTES = 4096
MOST_FILE_NAME = 255
LARGEST = 32_767
OFF = said(
    'programs use no virtual cards here; [reader] cards = "either" in the settings switches that on, with '
    "the rules of docs/operate/virtual-cards.md"
)


@click.command()
@click.argument("code", metavar="[-|TEXT|FILE]", required=False)
@click.option(
    "--reader",
    default="",
    metavar="NAME",
    help="The reader it is for, such as COM1, where several are in use.",
)
@click.option("--status", is_flag=True, help="Print what is presented now, as JSON, without a person.")
@click.option("--withdraw", is_flag=True, help="Take the presented card out.")
@finding_options
@click.option("-v", "--verbose", is_flag=True, help="Log what happens on the way to stderr.")
def qr(code: str | None, reader: str, status: bool, withdraw: bool, finding: Finding, verbose: bool) -> None:
    """Presents the virtual card (虛擬健保卡) of a QR code.

    It is presented to the programs at a reader. The code comes from standard input (-: one line, as scanners
    type it), as TEXT, or from a FILE. Programs that know only the library then read that card, until its
    visit is made. A running bridge is needed, and the setting reader.cards = "either". Exit code 0 only where
    the console accepted the code.
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, stream=sys.stderr)
    if [code is not None, status, withdraw].count(True) != 1:
        raise click.UsageError(tr("one of: a code (-, TEXT or FILE), --status, --withdraw"))
    try:
        where = find(finding)
        _require_on(where)
        if status:
            click.echo(json_text(_status(where)))
        elif withdraw:
            _made("withdraw", {"reader": reader.encode()}, where)
            click.echo(tr("No virtual card is presented now. 目前未出示虛擬健保卡。"))
        else:
            given: dict[str, Argument] = {"QRCodeString": _content(code or ""), "reader": reader.encode()}
            _made("present", given, where)
            click.echo(tr("The virtual card is presented. 虛擬健保卡已出示，請於程式讀卡。"))
    except BridgeError as error:
        raise click.ClickException(reason(error)) from error


def _require_on(where: Where) -> None:
    if where.running is None:
        raise click.ClickException(
            tr("no bridge runs that could present a card; start it: cshis-bridge serve")
        )
    if where.settings.reader.cards != "either":
        raise click.ClickException(shown(OFF))


def _content(code: str) -> bytes:
    """The text of the QR code; it is never shown again."""
    text = code
    if code == FROM_INPUT:
        text = sys.stdin.readline(MOST_BYTES + 1)
    elif len(code) <= MOST_FILE_NAME and Path(code).is_file():
        try:
            with Path(code).open(encoding="utf-8-sig") as file:
                text = file.read(MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            raise click.ClickException(tr("the file cannot be read as a QR code's text")) from error
    text = as_scanned(text)
    if not text or len(text) > MOST_BYTES or not text.isascii() or not text.isprintable():
        raise click.ClickException(tr("that is no QR code of a virtual card"))
    return text.encode("ascii")


def _status(where: Where) -> dict[str, Any]:
    (reply,) = _made("tell_presented", {"reply": OutBuffer(LARGEST)}, where).outputs.values()
    if not isinstance(reply, bytes):
        raise TypeError("the reply is no text")
    found = json.loads(reply.rstrip(b"\0"))
    return dict(found)


def _made(operation: str, given: dict[str, Argument], where: Where) -> LegacyResult:
    """Make the call of the row that has this operation. Ends the command where it was refused."""
    table = default_table()
    row = table.row_of_operation(operation)
    result = asyncio.run(by_channel(table, where.settings, LegacyCall(row.name, given)))
    if result.code != 0:
        meaning = table.statuses.meaning(result.code)
        raise click.ClickException(
            tr(
                "refused: {code} {meaning}; cshis-bridge explain {code} says what to do",
                code=result.code,
                meaning=meaning,
            )
        )
    return result
