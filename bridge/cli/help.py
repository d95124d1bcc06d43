"""``cshis-bridge help``: the help of a command, by its name."""

from __future__ import annotations

import click


@click.command("help")
@click.argument("command", nargs=-1)
@click.pass_context
def help_(context: click.Context, command: tuple[str, ...]) -> None:
    """Shows the help of a command.

    The same as --help behind it: cshis-bridge help journal pending.
    """
    here = context.find_root()
    for name in command:
        group = here.command
        if not isinstance(group, click.Group):
            break
        _, found, _ = group.resolve_command(here, [name])
        if found is not None:
            here = found.context_class(found, info_name=name, parent=here)
    click.echo(here.get_help())
