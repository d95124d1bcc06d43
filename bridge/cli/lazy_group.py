"""Groups of commands: whole sentences in their lists, help in the user's language, names that were meant; and
those whose commands are imported when they are asked for.
"""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import click

from bridge.words import ENGLISH, spoken, tr
from bridge.words.wrapping import columns, paragraphs, wrapped

LIKE = 0.6  # how much a name that was meant has in common with what was typed
MOST_MEANT = 3
_SENTENCE = re.compile(r".*?(?:\.(?=\s|$)|。)")


class WideFormatter(click.HelpFormatter):
    """Help whose lines fit where characters have two columns."""

    def write_text(self, text: str) -> None:
        """Paragraphs, indented as the section says."""
        indent = " " * self.current_indent
        self.write("\n\n".join("\n".join(self._lines(block, indent)) for block in paragraphs(text)) + "\n")

    def _lines(self, block: tuple[bool, str], indent: str) -> list[str]:
        raw, text = block
        if raw:
            return [f"{indent}{line}".rstrip() for line in text.splitlines()]
        return wrapped(text, self.width, indent, indent)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Terms and what they mean, in two columns."""
        listed = list(rows)
        wide = min(max(columns(term) for term, _ in listed), col_max) + col_spacing
        below = " " * (self.current_indent + wide)
        for term, meaning in listed:
            start = f"{'':>{self.current_indent}}{term}"
            room = columns(start) <= len(below) - col_spacing
            first, *further = wrapped(meaning, max(self.width, len(below) + 10), below, below)
            self.write(f"{start}{first[columns(start) :]}\n" if room else f"{start}\n{first}\n")
            self.write("".join(f"{line}\n" for line in further))


class WideContext(click.Context):
    """The context of a command whose help is in Chinese."""

    formatter_class = WideFormatter


class Group(click.Group):
    """A group of commands, as all groups of ``cshis-bridge`` are."""

    group_class = type

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name in the language in use, or None."""
        found = self.found(ctx, cmd_name)
        return found if found is None or spoken() == ENGLISH else translated(found)

    def found(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of this name as it is written, or None."""
        return super().get_command(ctx, name)

    def sentence_of(self, ctx: click.Context, name: str) -> str:
        """The one line that says what a command does."""
        found = self.get_command(ctx, name)
        return first_sentence(found.help or "") if found is not None else ""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """All commands, each with its whole sentence."""
        listed = [(name, self.sentence_of(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section(tr("Commands")):
            formatter.write_dl(listed)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it; of a name that there is not, which one may have been meant."""
        name = args[0]
        known = self.list_commands(ctx)
        if ctx.resilient_parsing or name.startswith("-") or name in known:
            return super().resolve_command(ctx, args)
        raise click.UsageError(
            tr("there is no command {name}.{meant}", name=name, meant=did_you_mean(name, known)), ctx
        )


class LazyGroup(Group):
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

    def found(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of this name as it is written, or None."""
        return self._find(name)

    def sentence_of(self, ctx: click.Context, name: str) -> str:
        """Without importing the command."""
        return tr(self.sentences[name])


def translated(command: click.Command) -> click.Command:
    """A command whose help is in the language in use; it does what the other does."""
    told = copy.copy(command)
    told.help = _help(command.help)
    told.epilog = _help(command.epilog)
    told.params = [_translated(each) for each in command.params]
    told.context_class = WideContext
    vars(told)["_help_option"] = None  # click keeps the one that it has made, with its text
    return told


def _translated(parameter: click.Parameter) -> click.Parameter:
    if not isinstance(parameter, click.Option) or parameter.help is None:
        return parameter
    told = copy.copy(parameter)
    told.help = tr(parameter.help)
    return told


def _help(text: str | None) -> str | None:
    if not text:
        return text
    told = [f"\b\n{tr(block)}" if raw else tr(block) for raw, block in help_blocks(text)]
    return "\n\n".join(told)


def help_blocks(text: str) -> Iterator[tuple[bool, str]]:
    """The paragraphs of a help text, each a text of the catalogue: whether its lines stay as they are, and
    the text, else on one line.
    """
    for raw, block in paragraphs(inspect.cleandoc(text)):
        yield raw, block if raw else " ".join(block.split())


def first_sentence(text: str) -> str:
    """The first sentence of a help text, on one line."""
    paragraph = " ".join(inspect.cleandoc(text).partition("\n\n")[0].split())
    match = _SENTENCE.match(paragraph)
    return match[0] if match else paragraph


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question which known name a word was meant for, after a blank; "" where nothing is like it."""
    import difflib  # of no use where every name is right

    names = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), names, MOST_MEANT, LIKE)
    meant = ", ".join(names[name] for name in close)
    return f" {tr('Did you mean: {names}?', names=meant)}" if meant else ""
