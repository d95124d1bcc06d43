"""``cshis-bridge hpc``: practitioners' mobile credentials (醫事人員行動憑證), by the running bridge."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path

import click

from bridge.calls.call import NATIVE, Argument, LegacyCall, LegacyResult
from bridge.cli.lazy_group import Group
from bridge.cli.running_bridge import Finding, Where, find, finding_options, shared
from bridge.cli.through_bridge import by_channel
from bridge.codec.code_page import CodePage
from bridge.codec.eudc import read_eudc
from bridge.engine.compose import open_parts
from bridge.errors import BridgeError, TableError
from bridge.table.default import default_table
from bridge.table.model.arguments import TextArgument
from bridge.table.model.rows import Function, Table
from bridge.words import reason, tr

FROM_INPUT = "-"


@click.group(cls=Group)
def hpc() -> None:
    """Cards and credentials of practitioners (醫事人員)."""


@hpc.command(name="login-mobile")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@finding_options
@click.option("-v", "--verbose", is_flag=True, help="Log what happens on the way to stderr.")
def login_mobile(file: Path, finding: Finding, verbose: bool) -> None:
    """Logs a practitioner in by mobile credential (行動憑證).

    FILE, - for standard input, is the JSON object that the phone's app gives: idNo, birthday, cName, eName,
    hospitalId, medId, loginDateTime, signatureCertificate, signature. It is passed to the console as it is,
    once, and kept nowhere. Where a bridge runs, the practitioner is logged in in its session; without one the
    command's own session goes on when it ends, so that programs find the practitioner logged in. Exit code 0
    only where the console accepted it.
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, stream=sys.stderr)
    row = _row(default_table())
    try:
        where = find(finding)
        given = _credential(row, file, read_eudc(where.settings.text.eudc_list()))
        result = asyncio.run(_log_in(LegacyCall(row.name, given, NATIVE), where))
    except BridgeError as error:
        raise click.ClickException(reason(error)) from error
    if result.code != 0:
        meaning = default_table().statuses.meaning(result.code)
        raise click.ClickException(
            tr(
                "refused: {code} {meaning}; cshis-bridge explain {code} says what to do",
                code=result.code,
                meaning=meaning,
            )
        )
    click.echo(tr("The practitioner is logged in by mobile credential. 醫事人員行動憑證驗證成功。"))


def _row(table: Table) -> Function:
    """The row that logs in so: the one that sends the console's request for it."""
    wanted = table.console.requests.verify_mobile_practitioner.console
    for row in table.functions.values():
        if any(step.console == wanted for step in row.steps):
            return row
    raise TableError([f"no row sends {wanted}"])


def _credential(row: Function, file: Path, page: CodePage) -> dict[str, Argument]:
    """The arguments of the call. Ends the command, naming what is wrong; no value is ever shown."""
    given = _content(file)
    wanted = [argument for argument in row.arguments if isinstance(argument, TextArgument)]
    missing = [each.name for each in wanted if not each.blank and not str(given.get(each.name) or "").strip()]
    if missing:
        raise click.ClickException(tr("{file}: {names} is missing", file=file, names=", ".join(missing)))
    arguments: dict[str, Argument] = {}
    for each in wanted:
        value = given.get(each.name) or ""
        if not isinstance(value, str):
            raise click.ClickException(tr("{file}: {name} is no text", file=file, name=each.name))
        arguments[each.name] = _encoded(file, each, value, page)
    return arguments


def _encoded(file: Path, argument: TextArgument, value: str, page: CodePage) -> bytes:
    try:
        data = page.encode(value)
    except UnicodeEncodeError as error:
        place = error.start + 1
        raise click.ClickException(
            tr("{file}: {name}: character {place} is not in Big5", file=file, name=argument.name, place=place)
        ) from error
    if len(data) > argument.width:
        raise click.ClickException(
            tr(
                "{file}: {name} is longer than {width} bytes",
                file=file,
                name=argument.name,
                width=argument.width,
            )
        )
    return data


def _content(file: Path) -> dict[str, object]:
    try:
        text = sys.stdin.read() if str(file) == FROM_INPUT else file.read_text(encoding="utf-8-sig")
        content = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise click.ClickException(tr("{file}: no JSON can be read from it", file=file)) from error
    if not isinstance(content, dict):
        raise click.ClickException(tr("{file}: a JSON object is needed", file=file))
    return content


async def _log_in(call: LegacyCall, where: Where) -> LegacyResult:
    if where.running is not None:
        return await by_channel(default_table(), where.settings, call)
    async with open_parts(shared(where.settings)) as parts:
        result = await parts.engine.call(call)
        if result.code == 0:
            parts.reader.leave_open()
        return result
