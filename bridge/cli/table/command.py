"""``cshis-bridge table``: check the mapping table, show its rows, document and measure it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from bridge.bhyt.document import chapter, lookup_lines
from bridge.bhyt.loader import load_lookups
from bridge.bhyt.model import Lookup, LookupFamily
from bridge.cli.table.openapi import check_openapi
from bridge.cli.table.showing import row_lines
from bridge.errors import TableError
from bridge.table.document.codes_page import codes_page
from bridge.table.document.console import heading, request_lines
from bridge.table.document.coverage import as_json, as_lines
from bridge.table.document.coverage import coverage as measure
from bridge.table.document.functions import functions_page
from bridge.table.document.services import service_lines
from bridge.table.loader import default_directory, load_table
from bridge.table.model.console import ConsoleRequest
from bridge.table.model.rows import Table
from bridge.table.model.service import Service as CentreService
from bridge.table.openapi.compare import Service
from bridge.table.schema import row_schema

directory_option = click.option(
    "--mappings",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Another directory of mapping files.  [default: the project's own]",
)


@click.group()
def table() -> None:
    """Looks at the mapping table: which function becomes which requests."""


@table.command()
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
) -> None:  # fmt: skip
    """Checks the table: names, widths, ordinals, statuses, provenance.

    Exit code 1 and one line per fault when it is not sound. With --openapi the rows are compared with the
    document: exit code 1 when a difference would break calls or lose a value.
    """
    if openapi is None and write:
        raise click.UsageError("--write goes with --openapi")
    loaded, lookups = _load(directory)
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
        check_openapi(loaded, openapi, service, ca_file, directory, write)


@table.command()
@click.option("--json", "as_json_", is_flag=True, help="Print JSON, with every function.")
@directory_option
def coverage(as_json_: bool, directory: Path | None) -> None:
    """Counts what is confirmed, comes from a working program, or is assumed."""
    loaded, lookups = _load(directory)
    report = measure(loaded, [chapter(lookups)])
    if as_json_:
        click.echo(json.dumps(as_json(report), indent=2))
        return
    for line in as_lines(report):
        click.echo(line)


@table.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option(
    "--page",
    "wanted",
    type=click.Choice(["functions", "codes"]),
    default="functions",
    show_default=True,
    help="Every function, or every code.",
)
@directory_option
def docs(output: Path | None, wanted: str, directory: Path | None) -> None:
    """Prints the page that documents every function (docs/reference/functions.md), or every code
    (docs/reference/codes.md).
    """
    loaded, lookups = _load(directory)
    try:
        page = codes_page(loaded) if wanted == "codes" else functions_page(loaded, [chapter(lookups)])
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if output is None:
        click.echo(page, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror}") from error


@table.command()
def schema() -> None:
    """Prints the JSON schema of a function file, for editors (mappings/schema.json)."""
    click.echo(json.dumps(row_schema(), ensure_ascii=False, indent=2))


@table.command()
@click.argument("name")
@directory_option
def show(name: str, directory: Path | None) -> None:
    """Shows the row of a function or HTTP path, or a request of the console's own (initialise, sign_hc).

    Its requests, its record with offsets, where each fact comes from.
    """
    loaded, family = _load(directory)
    wanted = {route.path: route.function for route in loaded.routes}.get(name, name)
    matches = [f for key, f in loaded.functions.items() if key.lower() == wanted.lower()]
    services = [s for s in loaded.services.values() if name.lower() in _names_of(s)]
    lookups = _lookups(family, name.lower())
    requests = _console_requests(loaded, name.lower())
    if not matches and not services and not lookups and not requests:
        families = (
            dict(loaded.console.named()),
            loaded.functions,
            loaded.services,
            family.lookups if family is not None else {},
        )
        known = ", ".join(sorted(row for family in families for row in family))
        raise click.ClickException(f"there is no row {name}; known: {known}")
    described = [list(row_lines(loaded, match)) for match in matches]
    described += [_describe_service(service) for service in services]
    described += [_describe_lookup(found_in, lookup) for found_in, lookup in lookups]
    described += [_describe_requests(loaded, requests)] if requests else []
    for line in described[0]:
        click.echo(line)


def _names_of(service: CentreService) -> set[str]:
    return {service.name.lower(), *(path.lower() for path in service.served_at)}


def _lookups(family: LookupFamily | None, name: str) -> list[tuple[LookupFamily, Lookup]]:
    """Those of this name, path or last part of a path, in lower case."""
    if family is None:
        return []
    return [(family, lookup) for lookup in family.lookups.values() if name in _spellings(lookup)]


def _spellings(lookup: Lookup) -> set[str]:
    paths = [path.lower() for path in lookup.paths]
    return {lookup.name.lower(), *paths, *(path.rsplit("/", 1)[-1] for path in paths)}


def _describe_lookup(family: LookupFamily, lookup: Lookup) -> list[str]:
    return [f"{lookup.name}  BHYT  (card lookup, Viet Nam)", *lookup_lines(family, lookup)]


def _console_requests(loaded: Table, name: str) -> dict[str, ConsoleRequest]:
    """Those of this name or path, in lower case."""
    return {
        key: request
        for key, request in loaded.console.named()
        if name in (key, heading(key), request.path.lower(), request.console.lower())
    }


def _describe_requests(loaded: Table, requests: dict[str, ConsoleRequest]) -> list[str]:
    lines: list[str] = []
    for name, request in requests.items():
        lines += [f"{name}  {request.console}  (console)", *request_lines(loaded.console, request)]
    return lines


def _describe_service(service: CentreService) -> list[str]:
    return [f"{service.name}  VPN  {service.title}  (passes through)", *service_lines(service)]


def _load(directory: Path | None) -> tuple[Table, LookupFamily | None]:
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
