"""Names that a shell completes: functions and their arguments."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from bridge.table.default import default_table
from bridge.table.model.arguments import (
    BlockArgument,
    CountArgument,
    FileArgument,
    ScalarArgument,
    TextArgument,
    TextInOutArgument,
)
from bridge.table.model.rows import Function

_IN = (BlockArgument, CountArgument, FileArgument, ScalarArgument, TextArgument, TextInOutArgument)


def in_arguments(function: Function) -> list[str]:
    """The names of what a caller gives."""
    return [argument.name for argument in function.arguments if isinstance(argument, _IN)]


def function_names(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Functions, in whatever letter case they are begun, with their Chinese names."""
    return [
        CompletionItem(name, help=row.title)
        for name, row in default_table().functions.items()
        if name.lower().startswith(incomplete.lower())
    ]


def argument_names(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """What the function on the command line still lacks, as ``ARG=``."""
    function = default_table().functions.get(str(context.params.get("name")))
    if function is None or "=" in incomplete:
        return []
    given = {str(item).partition("=")[0] for item in context.params.get("arguments") or ()}
    return [
        CompletionItem(f"{name}=")
        for name in in_arguments(function)
        if name not in given and name.lower().startswith(incomplete.lower())
    ]


def scenario_names(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Scenarios, for commands that import the simulators only where they are wanted."""
    from bridge.cli.sim.names import scenario_names as found

    return found(context, parameter, incomplete)
