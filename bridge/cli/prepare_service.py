"""``cshis-bridge prepare-service``: what the installer runs once the service is there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from bridge.errors import ConfigError
from bridge.installing.service import ACCOUNT, service_folder
from bridge.windows.rights import INTERACTIVE
from bridge.words import reason, said, tr

if sys.platform == "win32":
    from bridge.installing.service import prepare


@click.command("prepare-service")
@click.option("--account", default=ACCOUNT, show_default=True, help="The account that the service runs as.")
@click.option(
    "--readers",
    default=INTERACTIVE,
    show_default=True,
    help="Whose programs may use the cards: a group, by name or SID. S-1-5-4: whoever is logged on.",
)
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Where its data lie.")
def prepare_service(account: str, readers: str, data_dir: Path | None) -> None:
    """Makes folder and token of the service, with their rights.

    It also says what follows a crash. The installer runs it; again by hand, as administrator, where account
    or readers are to change.
    """
    folder = data_dir or service_folder(os.environ)
    try:
        if sys.platform == "win32":
            prepare(folder, account, readers)
        else:
            raise ConfigError(said("this is for Windows; elsewhere systemd does it"))
    except ConfigError as error:
        raise click.ClickException(reason(error)) from error
    except OSError as error:
        raise click.ClickException(f"the service cannot be set up: {error.strerror or error}") from error
    click.echo(
        tr(
            "the service of {account} has {folder}; {readers} may read its token",
            account=account,
            folder=folder,
            readers=readers,
        )
    )
