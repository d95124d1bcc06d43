"""``cshis-bridge call``: make one legacy call and print what came back, decoded.

Through the bridge that runs it is one more program at the same reader, and its calls belong to the shell that
they are typed into: what one has brought about (an open port, a PIN) holds for the next. Without a bridge
each call begins and ends a session of its own.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import click

from bridge.calls.call import DOORS, NATIVE, Argument, Door, File, LegacyCall, LegacyResult, OutBuffer
from bridge.cli.lazy_group import did_you_mean
from bridge.cli.names import argument_names, function_names, in_arguments
from bridge.cli.running_bridge import Finding, Where, find, finding_options, shared
from bridge.cli.streams import json_text
from bridge.cli.through_bridge import by_channel, by_http, has_route
from bridge.codec.code_page import CodePage
from bridge.codec.eudc import read_eudc
from bridge.engine.compose import open_engine
from bridge.errors import BridgeError
from bridge.table.default import default_table
from bridge.table.document.drawing import draw_record
from bridge.table.model.arguments import (
    BlockArgument,
    CountArgument,
    FileArgument,
    RecordArgument,
    ScalarArgument,
    TextArgument,
    TextInOutArgument,
    TextSizedArgument,
)
from bridge.table.model.rows import Function
from bridge.words import reason, tr

LARGEST = 32_767


@click.command()
@click.argument("name", shell_complete=function_names)
@click.argument("arguments", nargs=-1, metavar="[ARG=VALUE]...", shell_complete=argument_names)
@finding_options
@click.option(
    "--door",
    type=click.Choice(list(DOORS)),
    help="Whose call: of a program with the library (native), of a client of the VHC SDK, for whom the card "
    "is the virtual one (vhc), of VPN signatures (vpn).  [default: native, or the one that has the function]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.option("-v", "--verbose", is_flag=True, help="Log what happens on the way to stderr.")
def call(
    name: str, arguments: tuple[str, ...], finding: Finding, door: str | None, as_json: bool, verbose: bool
) -> None:
    """Makes one legacy call and prints code, meaning and record.

    NAME is the function's, ARG the legacy name of an argument. Blanks in data blocks count. Text is turned
    into code page 950. Out-buffers and lengths are provided by the command. Where a call fails, the reason
    stands on stderr. Exit code 0 when the call returned 0 or a notice, 1 when it failed, 2 when it could not
    be made as it was written.

    Where a bridge runs the call goes through it, and the calls of one shell are those of one program: after
    hpcVerifyHPCPIN the next one reads. Without a bridge each call has a session of its own.

    \b
    Examples:
      cshis-bridge call hisGetBasicData
      cshis-bridge call csGetCardNo CardType=2
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, stream=sys.stderr)
    known = default_table().functions
    function = known.get(name)
    if function is None:
        raise click.UsageError(
            tr(
                "there is no function {name}.{meant} See: cshis-bridge functions",
                name=name,
                meant=did_you_mean(name, known),
            )
        )
    try:
        where = find(finding)
        page = read_eudc(where.settings.text.eudc_list())
        made = LegacyCall(name, _values(function, arguments, page), _door(function, door))
        result = asyncio.run(_call(made, where, page))
    except BridgeError as error:
        raise click.ClickException(reason(error)) from error
    _print(function, result, as_json, page)
    succeeded = default_table().succeeded(name, result.code)
    if result.reason and not succeeded:
        click.echo(tr("reason: {reason}", reason=result.reason), err=True)
    sys.exit(0 if succeeded else 1)


def _door(function: Function, wanted: str | None) -> Door:
    """The door whose caller makes the call."""
    table = default_table()
    having = [name for name in DOORS if name == NATIVE.name or has_route(table, function.name, name)]
    if not (function.export or function.command):
        having.remove(NATIVE.name)
    if wanted is not None and wanted not in having:
        raise click.UsageError(
            tr("{name} is not offered there; --door {doors}", name=function.name, doors=", ".join(having))
        )
    return DOORS[wanted or having[0]]


async def _call(made: LegacyCall, where: Where, page: CodePage) -> LegacyResult:
    if where.running is None:
        async with open_engine(shared(where.settings)) as engine:
            return await engine.call(made)
    if made.door is NATIVE:
        return await by_channel(default_table(), where.settings, made)
    return await by_http(default_table(), where.settings, made, page)


def _values(function: Function, given: tuple[str, ...], page: CodePage) -> dict[str, Argument]:
    texts: dict[str, str] = {}
    for item in given:
        key, equals, text = item.partition("=")
        if not equals:
            raise click.UsageError(tr("{item}: write ARG=VALUE", item=item))
        texts[key] = text
    if wrong := [name for name in texts if name not in in_arguments(function)]:
        raise click.UsageError(
            tr(
                "{name} has no in-argument {wrong}; it has: {known}.{meant}",
                name=function.name,
                wrong=", ".join(wrong),
                known=", ".join(in_arguments(function)) or tr("none"),
                meant=did_you_mean(wrong[0], in_arguments(function)),
            )
        )
    values: dict[str, Argument] = {}
    for argument in function.arguments:
        match argument:
            case RecordArgument() | TextSizedArgument():
                values[argument.name] = OutBuffer(LARGEST)
            case FileArgument():
                values[argument.name] = _file(argument.name, texts.pop(argument.name, ""), page)
            case TextArgument() | BlockArgument() | TextInOutArgument():
                values[argument.name] = _encoded(argument.name, texts.pop(argument.name, ""), page)
            case ScalarArgument() | CountArgument():
                values[argument.name] = _number(argument.name, texts.pop(argument.name, None))
            case _:
                pass
    return values


def _encoded(name: str, text: str, page: CodePage) -> bytes:
    try:
        return page.encode(text)
    except UnicodeEncodeError as error:
        raise click.UsageError(
            tr("{name}: {character} is not in code page 950", name=name, character=error.object[error.start])
        ) from error


def _file(name: str, text: str, page: CodePage) -> File:
    """The file as the native library would read it."""
    path = Path(text)
    try:
        content = path.read_bytes() if path.is_file() else None
    except OSError:
        content = None
    return File(_encoded(name, text, page), content)


def _number(name: str, text: str | None) -> int:
    try:
        return int(text or "")
    except ValueError as error:
        raise click.UsageError(tr("{name}: a whole number is needed: {name}=1", name=name)) from error


def _print(function: Function, result: LegacyResult, as_json: bool, page: CodePage) -> None:
    table = default_table()
    meaning = "" if function.result is not None and result.code >= 0 else table.statuses.meaning(result.code)
    if as_json:
        outputs = {
            key: page.decode(value, errors="backslashreplace") if isinstance(value, bytes) else value
            for key, value in result.outputs.items()
        }
        click.echo(json_text({"code": result.code, "meaning": meaning, "outputs": outputs}))
        return
    click.echo(f"{function.name} -> {result.code} {meaning}".rstrip())
    for key, value in result.outputs.items():
        if not isinstance(value, bytes):
            click.echo(f"{key} = {value}")
            continue
        argument = function.argument(key)
        if not isinstance(argument, RecordArgument):
            click.echo(f"{key} = [{page.decode(value.rstrip(bytes(1)))}]")
            continue
        record = table.records_out[argument.record]
        click.echo(tr("{name} ({record}, {count} bytes)", name=key, record=argument.record, count=len(value)))
        for line in draw_record(record, table.records_out, value, len(value) // record.width, page):
            click.echo(line)
