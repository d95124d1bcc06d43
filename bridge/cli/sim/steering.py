"""What the commands ``cshis-bridge sim ...`` share: the simulator they steer."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

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
    """Give a command its ``remote`` argument and the option --data-dir; refusals are told."""

    @DATA_DIR
    @click.pass_context
    @functools.wraps(command)
    def run(context: click.Context, /, data_dir: Path | None, **arguments: Any) -> None:
        with refusals_told():
            command(remote_of(context, data_dir), **arguments)

    return run


def remote_of(context: click.Context, data_dir: Path | None) -> Remote:
    """The simulator of this data directory, or of the usual one."""
    from bridge.config import chosen_data_dir  # long to load, and not all commands steer in the end

    return Remote(data_dir or context.obj or chosen_data_dir())


@contextmanager
def refusals_told() -> Iterator[None]:
    """A refusal becomes a text on stderr (one line, or one for each fault of a scenario) and exit code 1."""
    try:
        yield
    except ControlError as problem:
        raise click.ClickException(reason(problem)) from None
