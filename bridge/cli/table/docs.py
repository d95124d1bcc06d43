"""``cshis-bridge table docs``."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.bhyt.document import chapter
from bridge.cli.table.reading import directory_option, read_table
from bridge.table.document.codes_page import codes_page
from bridge.table.document.functions import functions_page


@click.command()
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
    """Prints the page of every function, or of every code.

    That is docs/reference/functions.md or docs/reference/codes.md.
    """
    loaded, lookups = read_table(directory)
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
