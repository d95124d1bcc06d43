"""``cshis-bridge status``: what runs, where, since when, and what waits for a person."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from bridge.cli.running_bridge import Finding, Where, find
from bridge.cli.streams import json_text
from bridge.doctor.the_bridge import Health, health_of, places
from bridge.errors import BridgeError
from bridge.records.journal import JOURNAL_NAME
from bridge.records.journal_view import JournalView
from bridge.records.pending import pending_changes
from bridge.serving.owners import owner_of_data_dir
from bridge.table.default import default_table
from bridge.words import reason, tr
from bridge.words.moments import moment_of

NOT_RUNNING, UNUSABLE = 1, 2


@click.command()
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings file (TOML)."
)
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Of the running bridge.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def status(config: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """Says what runs, where, since when, and what is pending.

    Times are Taiwan's. It asks the bridge alone. Of console and cloud tells: cshis-bridge doctor

    Exit code 0: a bridge serves calls, 1: none runs, or it cannot serve, 2: it cannot be told.
    """
    try:
        where = find(Finding(config, data_dir))
    except BridgeError as error:
        click.echo(tr("Error: {error}", error=reason(error)), err=True)
        sys.exit(UNUSABLE)
    owner = None if where.running is None else owner_of_data_dir(where.settings.data_dir)
    health = health_of(where.settings, owner)
    pending = _pending(where)
    if as_json:
        click.echo(json_text(_as_json(where, health, pending), indent=2))
    else:
        for line in _lines(where, health, pending):
            click.echo(line)
    sys.exit(NOT_RUNNING if health is None or health.get("status") == "unavailable" else 0)


def _pending(where: Where) -> int | None:
    """How many changes wait for a person; None where there is no journal yet."""
    try:
        view = JournalView(where.settings.data_dir / JOURNAL_NAME)
        changes = pending_changes(view.unclear(), default_table().title_of)
    except BridgeError:
        return None
    return sum(1 for change in changes if change.needs_a_person)


def _lines(where: Where, health: Health | None, pending: int | None) -> Iterator[str]:
    if health is None:
        yield tr("no bridge answers")
        if where.running is not None:
            yield tr("{bridge} has the data directory", bridge=where.running.told())
    else:
        yield tr(
            "the bridge runs: version {version}, process {pid}, since {since}",
            version=health.get("version"),
            pid=health.get("pid"),
            since=moment_of(health.get("since")),
        )
        yield from _reasons(health)
        for place in places(where.settings):
            yield tr("{use}: {address}", use=place.use, address=f"{place.host}:{place.port}")
    yield tr("console: {url}", url=where.settings.console.url)
    yield tr("cloud: {url}", url=where.settings.cloud.url)
    yield tr("data directory: {directory}", directory=where.settings.data_dir)
    yield from _waiting(pending)


def _reasons(health: Health) -> Iterator[str]:
    if health.get("status") == "ok":
        return
    reasons = health.get("reasons")
    why = "; ".join(map(str, reasons)) if isinstance(reasons, list) else tr("it does not say why")
    if health.get("status") == "unavailable":
        yield tr("it cannot serve calls: {why}", why=why)
    else:
        yield tr("it serves calls, with a fault: {why}", why=why)


def _waiting(pending: int | None) -> Iterator[str]:
    if pending is None:
        yield tr("no journal yet")
    elif pending == 0:
        yield tr("nothing is pending: every change ended clearly")
    else:
        yield tr("{count} changes wait for a person; see: cshis-bridge journal pending", count=pending)


def _as_json(where: Where, health: Health | None, pending: int | None) -> dict[str, Any]:
    return {
        "running": health is not None,
        "health": health,
        "doors": {place.name: f"{place.host}:{place.port}" for place in places(where.settings)},
        "console": where.settings.console.url,
        "cloud": where.settings.cloud.url,
        "data_dir": str(where.settings.data_dir),
        "pending": pending,
    }
