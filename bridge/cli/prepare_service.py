"""``cshis-bridge prepare-service``: what the installer runs once the service is there."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from bridge.cli.told import told_in
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
@click.option("--log", type=click.Path(dir_okay=False, path_type=Path), help="Also write what is done here.")
def prepare_service(
    account: str | None, readers: str | None, data_dir: Path | None, log: Path | None
) -> None:
    """Makes the service's folder, token and certificate.

    The whole machine then trusts that certificate (facade.trust). It also says what follows a crash. The
    installer runs it; again by hand, as administrator, where account or readers are to change.
    """
    folder = data_dir or service_folder(os.environ)
    with told_in(log) as tell:
        try:
            if sys.platform == "win32":
                _prepare(tell, folder, account, readers)
            else:
                raise ConfigError(said("this is for Windows; elsewhere systemd does it"))
        except ConfigError as error:
            tell(f"FAILED: {error}")
            raise click.ClickException(reason(error)) from error
        except OSError as error:
            why = error.strerror or error
            tell(f"FAILED: the service cannot be set up: {why}")
            raise click.ClickException(tr("the service cannot be set up: {why}", why=why)) from error


if sys.platform == "win32":

    def _prepare(tell: Callable[[str], None], folder: Path, account: str | None, readers: str | None) -> None:
        account = account or account_of_service()
        readers = readers or given().service_readers or INTERACTIVE
        user = prepare(folder, account, readers)
        tell(
            tr(
                "the service of {account} has {folder}; {readers} may read its token",
                account=account,
                folder=folder,
                readers=readers,
            )
        )
        try:
            facade = load_settings(None, data_dir=folder).facade
            wanted = facade.trust != "off" and facade.certificate_file is None
            if wanted and trust_for_machine(folder / "certificate", user):
                tell(tr("this machine trusts the new certificate of the service: start it anew"))
        except (BridgeError, OSError) as error:  # keeps no service from its work
            tell(f"FAILED: its certificate is not trusted: {error}")
