"""Groups whose commands are imported when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """The help of such a group, and the start of one of its commands, does not wait for the others.

    ``sentences``: the first sentence of each command's own help, by its name (a test compares). ``find``
    imports the command of a name; None for a name that it does not know.
    """

    def __init__(
        self,
        *args: Any,
        sentences: Mapping[str, str],
        find: Callable[[str], click.Command | None],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sentences = sentences
        self._find = find

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return list(self.sentences)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """As click does it, from the sentences alone."""
        width = formatter.width - 6 - max(map(len, self.sentences))  # what click leaves beside the columns
        listed = (click.Command(name, help=sentence) for name, sentence in self.sentences.items())
        with formatter.section("Commands"):
            formatter.write_dl([(each.name or "", each.get_short_help_str(width)) for each in listed])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        return self._find(cmd_name)
