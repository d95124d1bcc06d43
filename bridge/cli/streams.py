"""Text for people and programs on standard output and error: whatever characters these can carry, and nothing
that steers a terminal, whoever wrote the text.
"""

from __future__ import annotations

import codecs
import io
import json
import os
import secrets
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from bridge.plain_text import plain

# Stands in our own codes for colours, where others' text cannot have it: nobody knows it before it is used.
_OURS = f"\x1b[{secrets.randbelow(10**18):018};"
_CODE = "\x1b["


def styled(text: str, *, bold: bool = False, fg: str | None = None) -> str:
    """The text, bold or in a colour, as a terminal shows it through :class:`PlainStream`; click takes the
    codes away where there is no terminal. Without any where the user wants none (https://no-color.org).
    """
    if os.environ.get("NO_COLOR"):
        return plain(text)
    return click.style(plain(text), bold=bold or None, fg=fg).replace(_CODE, _OURS)


class PlainStream:
    """A stream through which only plain text goes (:mod:`bridge.plain_text`), and our own colours. Its bytes
    cannot be had.
    """

    def __init__(self, raw: io.TextIOBase) -> None:
        self.raw = raw

    def write(self, text: str) -> int:
        """Write it. Out: how many characters it had."""
        self.raw.write(_CODE.join(map(plain, text.split(_OURS))))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name in ("buffer", "detach", "reconfigure"):  # a way around
            raise AttributeError(name)
        return getattr(self.raw, name)


@contextmanager
def plain_streams() -> Iterator[None]:
    """Standard output and error carry plain text only, until the end of the with statement."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _plain(sys.stdout), _plain(sys.stderr)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _plain(stream: Any) -> Any:
    return stream if stream is None or isinstance(stream, PlainStream) else PlainStream(stream)


def unguarded(stream: Any) -> Any:
    """The stream itself, for our own bars, which move a terminal's cursor, and for data that a program reads.
    No text of others may go there as it is.
    """
    return stream.raw if isinstance(stream, PlainStream) else stream


def carry_all_characters() -> None:
    """Let standard output and error carry every character: no name becomes a ?, and none ends a command.

    On Windows, output into a file or another program goes out in UTF-8 and not by the ANSI code page (950,
    1252), unless PYTHONIOENCODING asks for something; a console shows whatever its font has, by whatever code
    page. Elsewhere the system's own encoding counts. What that cannot carry stands as \\u5803.
    """
    for stream in (sys.stdout, sys.stderr):  # None under pythonw
        if isinstance(stream, io.TextIOWrapper):
            encoding = "utf-8" if _is_ours_to_choose(stream) else None
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _is_ours_to_choose(stream: io.TextIOWrapper) -> bool:
    return os.name == "nt" and not os.environ.get("PYTHONIOENCODING") and not stream.isatty()


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON for standard output.

    Characters stand as they are where output is UTF-8; elsewhere as escapes, so that none becomes a ?.
    """
    return json.dumps(value, ensure_ascii=not _is_utf8(), indent=indent)


def _is_utf8() -> bool:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    return codecs.lookup(encoding).name == "utf-8"
