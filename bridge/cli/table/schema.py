"""``cshis-bridge table schema``."""

from __future__ import annotations

import json

import click

from bridge.table.schema import console_schema, row_schema


@click.command()
@click.option(
    "--console", is_flag=True, help="The schema of console.yaml instead (mappings/console.schema.json)."
)
def schema(console: bool) -> None:
    """Prints the JSON schema of a function file, for editors.

    That is mappings/schema.json.
    """
    click.echo(json.dumps(console_schema() if console else row_schema(), ensure_ascii=False, indent=2))
