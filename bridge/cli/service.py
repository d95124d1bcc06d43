"""``cshis-bridge service``: the bridge as a service of Windows, which starts it before anybody logs on."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from bridge.errors import BridgeError
from bridge.installing.service import SERVICE, service_folder
from bridge.windows.service_control import Progress, as_service
from bridge.words import tr


@click.command()
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help=r"Certificate, journal, log.  [default: %ProgramData%\cshis-bridge]",
)
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings file (TOML)."
)
def service(data_dir: Path | None, config: Path | None) -> None:
    """Runs the bridge as a service of Windows.

    Windows itself starts this command: net start cshis-bridge. The installer sets the service up
    (START=service). Its log is cshis-bridge.log in the data directory, unless the settings name another file.
    """
    with as_service(SERVICE) as progress:
        if progress is None:
            raise click.ClickException(
                tr("only Windows starts this command: net start {service}", service=SERVICE)
            )
        sys.stdout = sys.stderr = None  # nobody reads them: the log goes to its file
        _run(progress, (data_dir or service_folder(os.environ)).absolute(), config)


def _run(progress: Progress, data_dir: Path, config: Path | None) -> NoReturn:
    # Windows gives a process 30 seconds to say that it is a service, and a disk may be slow: only now
    from bridge.app import Options
    from bridge.cli.serve import run_bridge

    options = Options(
        simulate=False,
        facade_port=None,
        legacy_http_port=None,
        channel_port=None,
        console_port=0,
        cloud_port=0,
        centre_port=None,
        portal_port=None,
        data_dir=data_dir,
        config=config,
        service=True,
    )
    try:
        run_bridge(
            options,
            {},
            ready=lambda _: progress.runs(),
            on_end=progress.on_stop,
            last=lambda: progress.ended(0),
        )
    except BridgeError as error:  # it stands in the log
        progress.ended(1)
        raise click.exceptions.Exit(1) from error
