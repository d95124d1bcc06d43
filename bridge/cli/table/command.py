"""``cshis-bridge table``: check the mapping table, show its rows, document and measure it."""

from __future__ import annotations

import click

from bridge.cli.lazy_group import LazyGroup

SENTENCES = {
    "check": "Checks the table: names, widths, ordinals, statuses, provenance.",
    "coverage": "Counts what is confirmed, seen in a program, or assumed.",
    "docs": "Prints the page of every function, or of every code.",
    "schema": "Prints the JSON schema of a function file, for editors.",
    "show": "Shows the row of a function, of a path or of a console's request.",
}


def _command(name: str) -> click.Command | None:
    match name:
        case "check":
            from bridge.cli.table.check import check as found
        case "coverage":
            from bridge.cli.table.coverage import coverage as found
        case "docs":
            from bridge.cli.table.docs import docs as found
        case "schema":
            from bridge.cli.table.schema import schema as found
        case "show":
            from bridge.cli.table.show import show as found
        case _:
            return None
    return found


@click.group(cls=LazyGroup, sentences=SENTENCES, find=_command)
def table() -> None:
    """Looks at the mapping table: which function asks what.

    It is what the bridge works by: mappings/README.md tells how a row is written.
    """
