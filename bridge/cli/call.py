"""``cshis-bridge call``: make one legacy call and print what came back, decoded."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import click

from bridge.calls.call import Argument, File, LegacyCall, LegacyResult, OutBuffer
from bridge.cli.streams import json_text
from bridge.codec.code_page import CodePage
from bridge.codec.eudc import read_eudc
from bridge.config import Settings, load_settings
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
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings file (TOML)."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.option("-v", "--verbose", is_flag=True, help="Log what happens on the way to stderr.")
def call(name: str, arguments: tuple[str, ...], config: Path | None, as_json: bool, verbose: bool) -> None:
    """Makes the legacy call NAME and prints its code, the meaning and the decoded record.

    Arguments carry their legacy names: cshis-bridge call csGetCardNo CardType=2. Blanks in data blocks count.
    Text is turned into code page 950. Out-buffers and lengths are provided by the command. Exit code 0 when
    the call returned 0 or a notice, else 1.
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, stream=sys.stderr)
    function = default_table().functions.get(name)
    if function is None:
        raise click.ClickException(f"there is no function {name}; see: cshis-bridge table check")
    try:
        settings = load_settings(config)
        page = read_eudc(settings.text.eudc_list())
        result = asyncio.run(_call(LegacyCall(name, _values(function, arguments, page)), settings))
    except BridgeError as error:
        raise click.ClickException(str(error)) from error
    _print(function, result, as_json, page)
    sys.exit(0 if default_table().succeeded(name, result.code) else 1)


async def _call(legacy_call: LegacyCall, settings: Settings) -> LegacyResult:
    shared = settings.reader.model_copy(update={"shared": True})  # a bridge may work at the same console
    async with open_engine(settings.model_copy(update={"reader": shared})) as engine:
        return await engine.call(legacy_call)


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
