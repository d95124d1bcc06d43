"""``cshis-bridge config``: a file of settings to begin with, what is wrong in one, what can be set."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from bridge.cli.lazy_group import Group
from bridge.cli.named_files import unusable_files
from bridge.config import UnusableSettings, default_data_dir, load_settings, settings_file
from bridge.config.listing import SECRET, in_use
from bridge.config.page import settings_page
from bridge.config.template import settings_template
from bridge.errors import ConfigError
from bridge.private_files import write_private
from bridge.words import reason, shown, tr


@click.group(cls=Group)
def config() -> None:
    """Writes, checks and documents the settings."""


@config.command()
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Write to this file; - for standard output.  [default: config.toml of the data directory]",
)
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Of the bridge.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def init(output: Path | None, data_dir: Path | None, force: bool) -> None:
    """Writes a file with every setting, each as a comment.

    Every setting stands in it with its default and its meaning; remove the # of those that shall differ.

    \b
    Examples:
      cshis-bridge config init
      cshis-bridge config init --output - | less
    """
    text = settings_template()
    if output is not None and str(output) == "-":
        click.echo(text, nl=False)
        return
    file = output or (data_dir or default_data_dir()) / "config.toml"
    if file.exists() and not force:
        raise click.ClickException(tr("{file} exists; --force replaces it", file=file))
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(file, text)
    except OSError as error:
        raise click.ClickException(
            tr("{file} cannot be written: {why}", file=file, why=error.strerror)
        ) from error
    click.echo(tr("written: {file}", file=file))


@config.command()
@click.option("--config", "file", type=click.Path(path_type=Path), help="Settings file (TOML).")
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Of the bridge.")
def check(file: Path | None, data_dir: Path | None) -> None:
    """Says what is wrong in the settings, or where each comes from.

    Looked at are the environment, the file and Windows' registry, as serve would, and the files that they
    name: certificates, keys, the list of drawn characters. Exit code 0: all can be used; each setting
    that is not left at its default is listed with its value (secrets are not shown) and its place. 1:
    something cannot be used; each fault stands with its file, line and setting.
    """
    overrides = {} if data_dir is None else {"data_dir": data_dir}
    try:
        settings = load_settings(file, **overrides)
        listed = in_use(file, overrides)
    except ConfigError as error:
        _end_with(error.faults if isinstance(error, UnusableSettings) else [reason(error)])
    if faults := list(unusable_files(settings)):
        _end_with(faults)
    chosen = settings_file(file, settings.data_dir)
    if chosen is None:
        click.echo(tr("no settings file: every setting has its default"))
    else:
        click.echo(tr("the settings file {file} is valid", file=chosen))
    for name, value, place in listed:
        said = tr("(secret)") if value == SECRET else value
        click.echo(f"  {name} = {said}    {shown(place)}")


def _end_with(faults: Sequence[str]) -> NoReturn:
    for line in faults:
        click.echo(shown(line), err=True)
    sys.exit(1)


@config.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def docs(output: Path | None) -> None:
    """Prints the page that documents every setting.

    That is docs/operate/settings.md.
    """
    page = settings_page()
    if output is None:
        click.echo(page, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror}") from error
