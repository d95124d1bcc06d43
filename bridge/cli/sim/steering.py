"""What the commands ``cshis-bridge sim ...`` share: the simulator they steer."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bridge.config import chosen_data_dir
from bridge.sim.control.remote import Remote
from bridge.sim.errors import ControlError
from bridge.words import reason

DATA_DIR = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="The data directory the simulator was started with.",
)


def steering(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command its ``remote`` argument and the option --data-dir; a refusal becomes a text on stderr
    (one line, or one for each fault of a scenario) and exit code 1.
    """

    @DATA_DIR
    @click.pass_context
    @functools.wraps(command)
    def run(context: click.Context, /, data_dir: Path | None, **arguments: Any) -> None:
        chosen = data_dir or context.obj or chosen_data_dir()
        try:
            command(Remote(chosen), **arguments)
        except ControlError as problem:
            raise click.ClickException(reason(problem)) from None

    return run
