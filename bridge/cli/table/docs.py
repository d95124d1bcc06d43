"""``cshis-bridge table docs``."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.bhyt.document import chapter
from bridge.cli.table.reading import directory_option, read_table
from bridge.table.document.functions import functions_page


@click.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@directory_option
def docs(output: Path | None, directory: Path | None) -> None:
    """Prints the page that documents every function (docs/reference/functions.md)."""
    loaded, lookups = read_table(directory)
    page = functions_page(loaded, [chapter(lookups)])
    if output is None:
        click.echo(page, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror}") from error
