"""Lines of text for a screen on which a Chinese character has two columns and no blanks beside it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

_NOT_FIRST = "，。、；：！？）」』】》…％"  # never begin a line
_NOT_LAST = "（「『【《"  # never end one
_RAW = "\b"  # click's mark of a paragraph whose lines stay


@cache
def _words() -> re.Pattern[str]:
    """What may not be broken; made where a text is wrapped, since that takes longer than many a command."""
    return re.compile(rf"[{_NOT_LAST}]*(?:[^\s\u2e80-\uffef]+|[\u2e80-\uffef])[{_NOT_FIRST}]*|\s+")


def columns(text: str) -> int:
    """How many columns a text has on a screen."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def wrapped(text: str, width: int, first: str = "", further: str = "") -> list[str]:
    """The lines of one paragraph, each of at most ``width`` columns but for longer words. ``first`` and
    ``further`` are written before the first and every other line.
    """
    lines, line = [], first
    started = False
    for word in _words().findall(" ".join(text.split())):
        if started and columns(line) + columns(word.rstrip()) > width:
            lines.append(line.rstrip())
            line, started = further, False
        if started or not word.isspace():
            line += word
            started = True
    return [*lines, line.rstrip()]


def paragraphs(text: str) -> Iterator[tuple[bool, str]]:
    """The paragraphs of a help text: whether its lines stay as they are, and the text."""
    for block in filter(None, re.split(r"\n\s*\n", text.strip("\n"))):
        raw = block.strip(" ").startswith(_RAW)
        yield raw, block.partition("\n")[2] if raw else block
