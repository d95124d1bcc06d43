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

LARGEST = 32_767


@click.command()
@click.argument("name")
@click.argument("arguments", nargs=-1, metavar="[ARG=VALUE]...")
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
    """Makes the legacy call NAME and prints its code, the meaning and the decoded record.

    Arguments carry their legacy names: cshis-bridge call csGetCardNo CardType=2. Blanks in data blocks count.
    Text is turned into code page 950. Out-buffers and lengths are provided by the command. Exit code 0 when
    the call returned 0 or a notice, else 1.

    Where a bridge runs the call goes through it, and the calls of one shell are those of one program: after
    hpcVerifyHPCPIN the next one reads. Without a bridge each call has a session of its own.
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, stream=sys.stderr)
    function = default_table().functions.get(name)
    if function is None:
        raise click.ClickException(f"there is no function {name}; see: cshis-bridge table check")
    try:
        where = find(finding)
        page = read_eudc(where.settings.text.eudc_list())
        made = LegacyCall(name, _values(function, arguments, page), _door(function, door))
        result = asyncio.run(_call(made, where, page))
    except BridgeError as error:
        raise click.ClickException(str(error)) from error
    _print(function, result, as_json, page)
    sys.exit(0 if default_table().succeeded(name, result.code) else 1)


def _door(function: Function, wanted: str | None) -> Door:
    """The door whose caller makes the call."""
    table = default_table()
    having = [name for name in DOORS if name == NATIVE.name or has_route(table, function.name, name)]
    if not (function.export or function.command):
        having.remove(NATIVE.name)
    if wanted is not None and wanted not in having:
        raise click.ClickException(f"{function.name} is not offered there; --door {', '.join(having)}")
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
            raise click.ClickException(f"{item}: write ARG=VALUE")
        texts[key] = text
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
    if texts:
        known = ", ".join(values) or "none"
        raise click.ClickException(f"{function.name} has no in-argument {', '.join(texts)}; it has: {known}")
    return values


def _encoded(name: str, text: str, page: CodePage) -> bytes:
    try:
        return page.encode(text)
    except UnicodeEncodeError as error:
        raise click.ClickException(f"{name}: {error.object[error.start]} is not in code page 950") from error


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
        raise click.ClickException(f"{name}: a whole number is needed: {name}=1") from error


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
        click.echo(f"{key} ({argument.record}, {len(value)} bytes)")
        for line in draw_record(record, table.records_out, value, len(value) // record.width, page):
            click.echo(line)
