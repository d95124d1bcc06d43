"""``cshis-bridge console sam``: cloud SAMs (雲端安全模組)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from bridge.cli.console.asking import (
    as_json_option,
    at_console,
    device_of,
    finding_console,
    open_session,
    whose,
)
from bridge.cli.console.session import with_session
from bridge.cli.lazy_group import Group
from bridge.cli.running_bridge import Finding, Where, finding_options
from bridge.cli.streams import json_text
from bridge.config import ReaderSettings
from bridge.console_settings.client import ImportedSam, SettingsClient
from bridge.words import tr

SAM_ID = re.compile(r"[0-9A-Za-z]{12}")
HOSPITAL_ID = re.compile(r"[0-9A-Za-z]{10}")
MOST_BYTES = 1024 * 1024  # of a SAM's file: far more than a key and its certificates take
LIST = "cshis-bridge console sam list"


@click.group(cls=Group)
def sam() -> None:
    """Cloud SAMs (雲端安全模組) of the console."""


@sam.command(name="list")
@as_json_option
@finding_console
def list_sams(as_json: bool, finding: Finding) -> None:
    """Lists the cloud SAMs that were imported, and which one is in use.

    In use is the one that the open session works with.
    """

    async def work(client: SettingsClient, _: Where) -> None:
        found = await client.sams()
        session = await open_session(client)
        in_use = device_of(session) if session is not None else ""
        if as_json:
            click.echo(json_text([{"sam_id": each, "in_use": each == in_use} for each in found], 2))
            return
        for each in found:
            click.echo(f"{each}  {tr('in use (使用中)')}" if each == in_use else each)
        if not found:
            click.echo(
                tr(
                    "The console has no cloud SAM (沒有雲端安全模組). To import one: cshis-bridge console "
                    "sam import FILE --sam-id ID --hospital-id ID"
                )
            )

    at_console(finding, work)


@sam.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sam-id", required=True, metavar="ID", help="安全模組編號, 12 characters")
@click.option("--hospital-id", required=True, metavar="ID", help="醫事機構代碼, 10 characters")
@finding_options
def import_sam(file: Path, sam_id: str, hospital_id: str, finding: Finding) -> None:
    """Imports a cloud SAM from its file.

    FILE is the SAM's file as the insurer gave it, which must not have been used before. It is sent to the
    console and kept nowhere. The console imports only while a session is open: where none is, one is begun
    for it, through the bridge where one runs.
    """
    _check("--sam-id", sam_id, SAM_ID, 12)
    _check("--hospital-id", hospital_id, HOSPITAL_ID, 10)
    content = _content(file)

    async def work(client: SettingsClient, where: Where) -> None:
        if sam_id in await client.sams():
            raise click.ClickException(
                tr("{name} is imported already 已在清單; nothing was sent", name=sam_id)
            )
        before = await open_session(client)
        imported = await with_session(client, where, lambda: client.import_sam(sam_id, hospital_id, content))
        for line in _imported(imported):
            click.echo(line)
        if before is not None:
            click.echo(tr("Note: {session}. It keeps the device that it has.", session=whose(where, before)))

    at_console(finding, work, changes=LIST)


@sam.command(name="remove")
@click.argument("sam_id", metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--in-use", is_flag=True, help="Also the SAM that the open session works with.")
@finding_console
def remove_sam(sam_id: str, yes: bool, in_use: bool, finding: Finding) -> None:
    """Takes the cloud SAM ID off the console's list.

    To have it back needs a file of it that was not used before (尚未使用過的 SAM 檔案).
    """
    _check("ID", sam_id, SAM_ID, 12)

    async def work(client: SettingsClient, where: Where) -> None:
        known = await client.sams()
        if sam_id not in known:
            raise click.ClickException(
                tr(
                    "{name} is not on the list 不在清單: {listed}. Nothing was changed",
                    name=sam_id,
                    listed=", ".join(known) or tr("none"),
                )
            )
        session = await open_session(client)
        used = session is not None and device_of(session) == sam_id
        if used and session is not None and not in_use:
            raise click.ClickException(
                tr(
                    "{session}. Without its SAM programs at work would fail. Nothing was changed. End the "
                    "programs and the bridge first, or say --in-use",
                    session=whose(where, session),
                )
            )
        if not yes:
            click.confirm(
                tr("Remove the cloud SAM {name}? Only an unused file of it brings it back", name=sam_id),
                abort=True,
            )
        await client.remove_sam(sam_id)
        click.echo(tr("Removed 已移除: cloud SAM {name}.", name=sam_id))
        if used:
            click.echo(
                tr(
                    "Note: the open session works with it; calls may fail until a program opens another "
                    "device."
                )
            )
        for line in _named_in(where.settings.reader, sam_id):
            click.echo(tr("Note: the bridge's settings still name it: {setting}.", setting=line))

    at_console(finding, work, changes=LIST)


def _check(name: str, value: str, form: re.Pattern[str], length: int) -> None:
    if form.fullmatch(value) is None:
        raise click.ClickException(
            tr("{name}: {length} characters are needed, digits or letters", name=name, length=length)
        )


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise click.ClickException(
            tr("{file} cannot be read: {why}", file=file, why=error.strerror)
        ) from error
    if not content:
        raise click.ClickException(tr("{file} is empty", file=file))
    if len(content) > MOST_BYTES:
        raise click.ClickException(tr("{file} is larger than 1 MiB: is it the file of a SAM?", file=file))
    return content


def _imported(sam: ImportedSam) -> Iterator[str]:
    yield tr(
        "Imported 已匯入: cloud SAM {name} of hospital {hospital}.",
        name=sam.sam_id,
        hospital=f"{sam.hospital_id} {sam.hospital_name}".rstrip(),
    )
    port = re.fullmatch(r"COM([1-9][0-9]{0,2})", sam.port)
    if port is not None:
        number = int(port[1]) - 1
        yield tr(
            "Its virtual port is {port}. For programs that open port number {number}, write into the "
            "bridge's settings, "
            'under [reader.devices]: {number} = "{name}"',
            port=sam.port,
            number=number,
            name=sam.sam_id,
        )


def _named_in(settings: ReaderSettings, sam_id: str) -> Iterator[str]:
    """The settings that name a device."""
    if settings.default_device == sam_id:
        yield "reader.default_device"
    yield from (f"reader.devices.{number}" for number, device in settings.devices.items() if device == sam_id)
