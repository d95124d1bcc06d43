"""``cshis-bridge serve-bhyt``: the lookups of Viet Nam and the way through to the portal alone."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import click

from bridge.cli.serve import noted_in, warn_of_open_secrets
from bridge.config import GatewaySettings, Settings, chosen_places, load_settings, settings_file
from bridge.errors import BridgeError, ConfigError
from bridge.gateway.supervisor import serve_workers
from bridge.serving.logs import start_log
from bridge.serving.one_owner import Taken
from bridge.words import reason, said


class _Already(click.ClickException):
    """Another process has the data directory."""

    exit_code = 3


@click.command("serve-bhyt")
@click.option("--port", type=int, help="[default: bhyt.gateway.port of the settings, 5072]")
@click.option("--workers", type=int, help="[default: bhyt.gateway.workers of the settings, 2]")
@click.option(
    "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Journals and counts of the workers."
)
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings file (TOML)."
)
@click.option(
    "--log-level",
    type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"], case_sensitive=False),
    help="[default: log.level of the settings, INFO]",
)
def serve_bhyt(
    port: int | None, workers: int | None, data_dir: Path | None, config: Path | None, log_level: str | None
) -> None:
    """Starts a gateway to Viet Nam's portal, on several workers.

    It answers lookups. What it does not answer itself goes to the portal as it is. No card reader and no
    console is needed or touched.

    When all workers listen, one line of JSON on stdout says where. SIGTERM or Ctrl-C ends them, SIGHUP
    replaces them one after the other. Exit code 3: another process has the data directory.
    """
    directory, config = chosen_places(data_dir, config)
    given = {name: value for name, value in (("port", port), ("workers", workers)) if value is not None}
    try:
        settings = _settings(config, directory, given)
        chosen = settings.log if log_level is None else settings.log.model_copy(update={"level": log_level})
        settings = settings.model_copy(update={"log": chosen})
        file = start_log(chosen, directory)
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        warn_of_open_secrets(settings_file(config, directory), settings)
        with noted_in(file):
            serve_workers(settings, lambda line: print(json.dumps(line), flush=True))
    except BridgeError as error:
        raise (_Already if isinstance(error, Taken) else click.ClickException)(reason(error)) from error


def _settings(config: Path | None, directory: Path, given: dict[str, Any]) -> Settings:
    """The settings with what the command line says. Raises ConfigError."""
    settings = load_settings(config, data_dir=directory)
    if not settings.bhyt.enabled:
        raise ConfigError(
            said("nothing of Viet Nam is configured: set bhyt.serve, bhyt.accounts or bhyt.officers")
        )
    values = settings.bhyt.gateway.model_dump(exclude={"store"}) | given
    try:
        gateway = GatewaySettings.model_validate({**values, "store": settings.bhyt.gateway.store})
    except ValueError as error:
        raise ConfigError(said("--port or --workers: {error}", error=error)) from error
    return settings.model_copy(update={"bhyt": settings.bhyt.model_copy(update={"gateway": gateway})})
