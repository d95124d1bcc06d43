"""``cshis-bridge table check``."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.table.openapi import check_openapi
from bridge.cli.table.reading import directory_option, read_table
from bridge.table.default import default_directory
from bridge.table.openapi.compare import Service
from bridge.words import tr


@click.command()
@click.option(
    "--openapi", metavar="FILE|URL", help="Compare with this OpenAPI 3 document of the console or cloud."
)
@click.option(
    "--service",
    type=click.Choice(["cloud", "console"]),
    default="cloud",
    show_default=True,
    help="What the document describes.",
)
@click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificates (PEM) that verify an https URL.  [default: the system's]",
)
@click.option("--write", is_flag=True, help="Turn 'provenance: assumed' into 'openapi ...' where confirmed.")
@directory_option
def check(
    openapi: str | None, service: Service, ca_file: Path | None, write: bool, directory: Path | None
) -> None:
    """Checks the table: names, widths, ordinals, statuses, provenance.

    Exit code 1 and one line per fault when it is not sound. With --openapi the rows are compared with the
    document: exit code 1 when a difference would break calls or lose a value.
    """
    if openapi is None and write:
        raise click.UsageError(tr("--write goes with --openapi"))
    loaded, lookups = read_table(directory)
    exported = list(loaded.exported())
    supported = [function for function in exported if function.status != "unsupported"]
    click.echo(f"{directory or default_directory()}: sound")
    click.echo(f"  {len(exported)} exported functions, {len(supported)} of them supported")
    click.echo(f"  {len(loaded.records_out)} out-records, {len(loaded.records_in)} in-records")
    click.echo(f"  {sum(len(entries) for entries in loaded.statuses.sources.values())} statuses")
    click.echo(f"  {len(loaded.routes)} HTTP routes")
    click.echo(f"  {sum(1 for _ in loaded.console.named())} requests of the console's own")
    if lookups is not None:
        click.echo(f"  {len(lookups.lookups)} card lookups on {len(lookups.paths)} HTTP paths")
    click.echo(f"  digest {loaded.digest}")
    if openapi is not None:
        check_openapi(
            loaded, source=openapi, service=service, ca_file=ca_file, directory=directory, write=write
        )
