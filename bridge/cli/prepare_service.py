"""``cshis-bridge prepare-service``: what the installer runs once the service is there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from bridge.errors import BridgeError, ConfigError
from bridge.installing.service import service_folder
from bridge.words import reason, said, tr

if sys.platform == "win32":
    from bridge.config import load_settings
    from bridge.installing.given import given
    from bridge.installing.service import account_of_service, prepare
    from bridge.serving.machine_trust import trust_for_machine
    from bridge.windows.rights import INTERACTIVE


@click.command("prepare-service")
@click.option("--account", help="The account that the service runs as.  [default: as Windows has it]")
@click.option(
    "--readers",
    help="Whose programs may use the cards: a group, by name or SID.  [default: as before, at first S-1-5-4, "
    "whoever is logged on]",
)
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Where its data lie.")
def prepare_service(account: str | None, readers: str | None, data_dir: Path | None) -> None:
    """Makes folder, token and certificate of the service, with their rights.

    The whole machine then trusts that certificate (facade.trust). It also says what follows a crash. The
    installer runs it; again by hand, as administrator, where account or readers are to change.
    """
    folder = data_dir or service_folder(os.environ)
    try:
        if sys.platform == "win32":
            account = account or account_of_service()
            readers = readers or given().service_readers or INTERACTIVE
            user = prepare(folder, account, readers)
        else:
            raise ConfigError(said("this is for Windows; elsewhere systemd does it"))
    except ConfigError as error:
        raise click.ClickException(reason(error)) from error
    except OSError as error:
        why = error.strerror or error
        raise click.ClickException(tr("the service cannot be set up: {why}", why=why)) from error
    click.echo(
        tr(
            "the service of {account} has {folder}; {readers} may read its token",
            account=account,
            folder=folder,
            readers=readers,
        )
    )
    if sys.platform == "win32":
        _trust(folder, user)


if sys.platform == "win32":

    def _trust(folder: Path, user: str) -> None:
        """That it is not trusted keeps no service from its work."""
        try:
            facade = load_settings(None, data_dir=folder).facade
            if facade.trust == "off" or facade.certificate_file is not None:
                return
            if trust_for_machine(folder / "certificate", user):
                click.echo(tr("this machine trusts the new certificate of the service: start it anew"))
        except BridgeError as error:
            click.echo(tr("its certificate is not trusted: {why}", why=reason(error)), err=True)
        except OSError as error:
            why = error.strerror or error
            click.echo(tr("its certificate is not trusted: {why}", why=why), err=True)
