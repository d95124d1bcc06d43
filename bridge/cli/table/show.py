"""``cshis-bridge table show``."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.bhyt.document import lookup_lines
from bridge.bhyt.model import Lookup, LookupFamily
from bridge.cli.lazy_group import did_you_mean
from bridge.cli.names import function_names
from bridge.cli.table.reading import directory_option, read_table
from bridge.table.document.console import heading, request_lines
from bridge.table.document.row import row_lines
from bridge.table.document.services import service_lines
from bridge.table.model.console import ConsoleRequest
from bridge.table.model.rows import Table
from bridge.table.model.service import Service
from bridge.words import tr


@click.command()
@click.argument("name", shell_complete=function_names)
@directory_option
def show(name: str, directory: Path | None) -> None:
    """Shows the row of a function, of a path or of a console's request.

    NAME is a function, an HTTP path, or a request of the console's own (initialise, sign_hc). Its requests,
    its record with offsets, where each fact comes from.
    """
    loaded, family = read_table(directory)
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
        known = sorted(row for family in families for row in family)
        raise click.UsageError(
            tr(
                "there is no row {name}.{meant} Known: {known}",
                name=name,
                meant=did_you_mean(name, known),
                known=", ".join(known),
            )
        )
    described = [list(row_lines(loaded, match)) for match in matches]
    described += [_describe_service(service) for service in services]
    described += [_describe_lookup(found_in, lookup) for found_in, lookup in lookups]
    described += [_describe_requests(loaded, requests)] if requests else []
    for line in described[0]:
        click.echo(line)


def _names_of(service: Service) -> set[str]:
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


def _describe_service(service: Service) -> list[str]:
    return [f"{service.name}  VPN  {service.title}  (passes through)", *service_lines(service)]
