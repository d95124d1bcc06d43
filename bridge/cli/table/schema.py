"""``cshis-bridge table schema``."""

from __future__ import annotations

import json

import click

from bridge.table.schema import row_schema


@click.command()
def schema() -> None:
    """Prints the JSON schema of a function file, for editors (mappings/schema.json)."""
    click.echo(json.dumps(row_schema(), ensure_ascii=False, indent=2))
