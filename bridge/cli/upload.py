"""``cshis-bridge upload`` and ``upload-result``: visit records (就醫資料, format 2.0) by hand."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from bridge.calls.arguments import MOST_FILE_BYTES
from bridge.cli.running_bridge import DoorRefused, Finding, Where, find, finding_options, https_door, shared
from bridge.cli.streams import unguarded
from bridge.cli.through_bridge import RelayedUploads
from bridge.errors import BridgeError, StatusError, UpstreamError
from bridge.plain_text import plain
from bridge.relay.compose import open_uploads
from bridge.relay.uploads import Uploads
from bridge.table.default import default_table
from bridge.table.model.rows import Table
from bridge.table.model.service import Service
from bridge.words import reason, tr

TYPES = ("A1", "A2", "ZZ")
NOT_READY = "5002"
FAULT_BEHIND = 500  # HTTP status from which on the bridge has asked the centre, or tried to
ASK_SECONDS = 2.0
ResultT = TypeVar("ResultT")
Action = Callable[[Uploads | RelayedUploads, Table, str], Awaitable[ResultT]]


type_option = click.option(
    "--type",
    "kind",
    type=click.Choice(TYPES),
    help="A1 real, A2 pre-check (預檢), ZZ interface test.  [default: upload.type of the settings]",
)
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Log what happens on the way to stderr.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--records", type=click.IntRange(0, 999), help="Visit records in the file; needed for A1.")
@click.option("--orders", type=click.IntRange(0, 999), help="Orders in the file; needed for A1.")
@type_option
@finding_options
@verbose_option
def upload(
    file: Path, records: int | None, orders: int | None, kind: str | None, finding: Finding, verbose: bool
) -> None:
    """Uploads visit records (就醫資料) and prints their number.

    FILE has format 2.0 and at most 10 MB; the number is the execution number (執行編號). The SAM signs. Where
    a bridge runs it goes through that. The file is sent once: where the answer was lost, look for it with
    upload-result or in the journal before it is sent again. Exit code 0 only where the centre gave an
    execution number.

    \b
    Example:
      cshis-bridge upload records.xml --records 12 --orders 34
    """
    content = _content(file)

    async def send(uploads: Uploads | RelayedUploads, table: Table, configured: str) -> str:
        used = kind or configured
        if used == "A1" and (records is None or orders is None):
            raise click.UsageError(tr("type A1 needs --records and --orders"))
        counts = {"sMrecs": records, "sPrecs": orders}
        fields = {name: str(count) for name, count in counts.items() if count is not None}
        signed = await uploads.sign()
        with click.progressbar(length=100, label=plain(file.name), file=unguarded(sys.stderr)) as bar:
            whole = len(content) * 4 / 3 + 1

            def progress(sent: int) -> None:
                bar.update(min(100, int(100 * sent / whole)) - bar.pos)

            try:
                return await uploads.upload(
                    _service(table, "content"), signed, content, {"sType": used, **fields}, progress
                )
            except UpstreamError as error:
                raise click.ClickException(_perhaps_arrived(error, error.sent)) from error
            except DoorRefused as error:
                raise click.ClickException(_perhaps_arrived(error, error.status >= FAULT_BEHIND)) from error

    click.echo(_run(send, finding, verbose))


@click.command("upload-result")
@click.argument("code")
@type_option
@click.option(
    "--wait", type=click.FloatRange(0), default=60.0, show_default=True, help="Seconds to wait for it."
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file, not to stdout."
)
@finding_options
@verbose_option
def upload_result(
    code: str, kind: str | None, wait: float, output: Path | None, finding: Finding, verbose: bool
) -> None:
    """Prints the result of the check (檢核結果) of an upload.

    CODE is its execution number (執行編號). Asks again while it is not ready. Exit code 0 with the result, 2
    where it was not ready in time, else 1.
    """

    async def ask(uploads: Uploads | RelayedUploads, table: Table, configured: str) -> bytes:
        fields = {"sType": kind or configured, "sOpcode": code}
        signed = await uploads.sign()  # one hour long
        service = _service(table, "code")
        return await _until_ready(lambda: uploads.result(service, signed, fields), wait)

    result = _run(ask, finding, verbose)
    if output is None:
        shown = sys.stdout if sys.stdout.isatty() else unguarded(sys.stdout)
        click.echo(result.decode("utf-8", errors="replace"), file=shown)
        return
    try:
        output.write_bytes(result)
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror}") from error


def _perhaps_arrived(error: BridgeError, maybe: bool) -> str:
    if not maybe:
        return reason(error)
    return tr("{error}; the file may have arrived: do not send it again before you know", error=error)


async def _until_ready(ask: Callable[[], Awaitable[bytes]], wait: float) -> bytes:
    started = time.monotonic()
    screen = unguarded(sys.stderr)
    with click.progressbar(length=max(1, int(wait)), label=tr("waiting for the check"), file=screen) as bar:
        while True:
            try:
                return await ask()
            except StatusError as error:
                waited = time.monotonic() - started
                if error.status != NOT_READY or waited + ASK_SECONDS > wait:
                    raise
            await asyncio.sleep(ASK_SECONDS)
            bar.update(int(time.monotonic() - started) - bar.pos)


def _content(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > MOST_FILE_BYTES:
            raise click.ClickException(
                tr(
                    "{file} has {size} bytes, at most {most} (10 MB) are taken",
                    file=file,
                    size=size,
                    most=MOST_FILE_BYTES,
                )
            )
        content = file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    if not content:
        raise click.ClickException(tr("{file} is empty", file=file))
    return content


def _service(table: Table, wanted: str) -> Service:
    """The service that takes a file, or the one that gives a result: the table says which they are."""
    takes_file = wanted == "content"
    return next(
        service
        for service in table.services.values()
        if (service.field_with("content") is not None) == takes_file
    )


def _run(action: Action[ResultT], finding: Finding, verbose: bool) -> ResultT:
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, stream=sys.stderr)
    try:
        return asyncio.run(_with_uploads(action, find(finding)))
    except StatusError as error:
        if error.status == NOT_READY:
            click.echo(tr("the result of the check is not ready yet (5002); ask again later"), err=True)
            sys.exit(2)
        raise click.ClickException(reason(error)) from error
    except BridgeError as error:
        raise click.ClickException(reason(error)) from error


async def _with_uploads(action: Action[ResultT], where: Where) -> ResultT:
    settings = where.settings
    if where.running is not None:
        async with https_door(settings) as door:
            return await action(RelayedUploads(door), default_table(), settings.upload.type)
    async with open_uploads(shared(settings)) as (uploads, table):
        return await action(uploads, table, settings.upload.type)
