"""``cshis-bridge table coverage``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bridge.bhyt.document import chapter
from bridge.cli.table.reading import directory_option, read_table
from bridge.table.document.coverage import as_json, as_lines
from bridge.table.document.coverage import coverage as measure


@click.command()
@click.option("--json", "as_json_", is_flag=True, help="Print JSON, with every function.")
@directory_option
def coverage(as_json_: bool, directory: Path | None) -> None:
    """Counts what is confirmed, seen in a program, or assumed."""
    loaded, lookups = read_table(directory)
    report = measure(loaded, [chapter(lookups)])
    if as_json_:
        click.echo(json.dumps(as_json(report), indent=2))
        return
    for line in as_lines(report):
        click.echo(line)
