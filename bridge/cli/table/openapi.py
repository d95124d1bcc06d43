"""The part of ``cshis-bridge table check`` that compares the table with an OpenAPI document."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import yaml

from bridge.errors import ConfigError, HttpFault, UpstreamError
from bridge.table.default import default_directory
from bridge.table.model.rows import Table
from bridge.table.openapi.compare import Service, compare
from bridge.table.openapi.confirm import confirm_file, function_files
from bridge.table.openapi.document import Document, NotOpenApi
from bridge.table.openapi.result import Comparison
from bridge.upstream.fetch import fetch
from bridge.upstream.transport import HTTP_OK
from bridge.words import tr

SECONDS = 20
MOST_BYTES = 32 * 1024 * 1024


def check_openapi(
    table: Table, *, source: str, service: Service, ca_file: Path | None, directory: Path | None, write: bool
) -> None:
    """Compare, print, with ``write`` raise the provenance of what is confirmed.

    In: a file name or URL, which upstream it describes, the CA file for an https URL, the mapping directory
    (None: the project's own). Ends the program with 1 when a difference would break calls. Raises
    ClickException where the document cannot be read.
    """
    try:
        document = Document(_parsed(source, _read(source, ca_file)))
        result = compare(table, document, service)
    except NotOpenApi as error:
        raise click.ClickException(f"{source}: {error}") from error
    _print(result, document.title, service)
    if write:
        _write(table, result, document.title or source, directory or default_directory())
    if result.breaks:
        sys.exit(1)


def _print(result: Comparison, title: str, service: Service) -> None:
    for difference in result.differences:
        click.echo(str(difference))
    breaking = sum(difference.breaks for difference in result.differences)
    confirmed = sum(len(facts) for facts in result.confirmed.values())
    click.echo(
        tr(
            "{title}: {count} {service} requests compared, {confirmed} facts confirmed, {breaking} "
            "differences that break calls, {notes} notes",
            title=title,
            count=result.requests,
            service=service,
            confirmed=confirmed,
            breaking=breaking,
            notes=len(result.differences) - breaking,
        )
    )


def _write(table: Table, result: Comparison, source: str, directory: Path) -> None:
    for file in function_files(directory):
        try:
            text, times = confirm_file(
                file.read_text(encoding="utf-8"), table, result.confirmed, " ".join(source.split())
            )
            if times:
                file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise click.ClickException(f"{file}: {error.strerror}") from error
        if times:
            click.echo(tr("{file}: {count} provenances raised", file=file.name, count=times))


def _parsed(source: str, text: str) -> Any:
    """The document as plain values. JSON first: it is what Web APIs give, and YAML takes minutes for it."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise click.ClickException(
            tr("{file}: neither JSON nor YAML: {error}", file=source, error=" ".join(str(error).split()))
        ) from error


def _read(source: str, ca_file: Path | None) -> str:
    try:
        data = (
            _fetched(source, ca_file)
            if source.startswith(("http://", "https://"))
            else Path(source).read_bytes()
        )
    except UpstreamError as error:  # names the URL
        raise click.ClickException(str(error)) from error
    except ConfigError as error:
        raise click.ClickException(f"{source}: {error}") from error
    except OSError as error:
        raise click.ClickException(f"{source}: {error.strerror or error}") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{source}: not UTF-8") from error


def _fetched(url: str, ca_file: Path | None) -> bytes:
    answer = fetch(url, seconds=SECONDS, most_bytes=MOST_BYTES, ca_file=ca_file)
    if answer.status != HTTP_OK:
        raise HttpFault(url, answer.status)
    return answer.body
