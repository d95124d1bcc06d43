"""What the commands ``cshis-bridge table ...`` share: the table they look at."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bridge.bhyt.loader import load_lookups
from bridge.bhyt.model import LookupFamily
from bridge.errors import TableError
from bridge.table.loader import load_table
from bridge.table.model.rows import Table

directory_option = click.option(
    "--mappings",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Another directory of mapping files.  [default: the project's own]",
)


def read_table(directory: Path | None) -> tuple[Table, LookupFamily | None]:
    """The table, and the lookups beside it where there are some. Ends the command where either has faults."""
    faults: list[str] = []
    loaded, lookups = None, None
    try:
        loaded = load_table(directory)
    except TableError as error:
        faults += error.faults
    try:
        lookups = load_lookups(loaded.routes if loaded is not None else (), directory)
    except TableError as error:
        faults += (fault for fault in error.faults if fault not in faults)
    if loaded is None or faults:
        for fault in faults:
            click.echo(fault, err=True)
        click.echo(f"{len(faults)} fault(s)", err=True)
        sys.exit(1)
    return loaded, lookups
