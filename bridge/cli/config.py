"""``cshis-bridge config``: what can be set."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.config.page import settings_page


@click.group()
def config() -> None:
    """Tells what can be set, with defaults, units and meaning."""


@config.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def docs(output: Path | None) -> None:
    """Prints the page that documents every setting (docs/operate/settings.md)."""
    page = settings_page()
    if output is None:
        click.echo(page, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror}") from error
