"""A JSON object as the body of a request: whole, or in pieces where it holds a long text.

A file of 10 MB stands in its request as a text of 14 million characters. Made whole, JSON text and bytes
would be two more copies of it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

from msgspec.json import Encoder

from bridge.upstream.transport import Pieces

LONG_TEXT = 65_536  # characters
ORDINARY = frozenset({int, float, bool, type(None), list, dict})  # the check for LongText takes its time
Progress = Callable[[int], None]


@runtime_checkable
class LongText(Protocol):
    """A text that is made piece by piece when it is sent."""

    def pieces(self) -> Iterator[str]:
        """The text from its beginning, each time anew."""
        ...


_quick = Encoder().encode
_TEXT = frozenset({str})
_DELETE = b"\x7f"  # the one ASCII character that only json escapes


class JsonBody:
    """Writes bodies, characters beyond ASCII escaped. ``comma`` and ``colon`` stand between the parts."""

    def __init__(self, comma: str, colon: str) -> None:
        self._colon = colon
        self._comma = comma
        self._compact = (comma, colon) == (",", ":")
        self._encode = _encoder(comma, colon)

    def of(self, values: Mapping[str, Any]) -> bytes | Pieces:
        """The body for an object. Long texts may be values of its own, not deeper in it."""
        if _may_be_long(values) and any(_is_long(value) for value in values.values()):
            return self.in_pieces(values)
        if self._compact and _TEXT.issuperset(map(type, values.values())):  # as nearly always
            try:
                quick = _quick(values)
            except UnicodeEncodeError:  # half a surrogate pair, which json escapes
                quick = _DELETE
            if quick.isascii() and _DELETE not in quick:
                return quick
        return self._encode(dict(values)).encode("ascii")

    def in_pieces(self, values: Mapping[str, Any], progress: Progress | None = None) -> Pieces:
        """The same, always in pieces; ``progress`` is called with the bytes that have left so far."""
        length = sum(len(piece) for piece in self._texts(values))
        return Pieces(_sent(self._texts(values), progress), length)

    def _texts(self, values: Mapping[str, Any]) -> Iterator[str]:
        before = "{"
        for name, value in values.items():
            yield f"{before}{self._encode(name)}{self._colon}"
            before = self._comma
            if not _is_long(value):
                yield self._encode(value)
                continue
            yield '"'
            for piece in _slices(value) if isinstance(value, str) else value.pieces():
                yield self._encode(piece)[1:-1]  # escapes stand for one character each: pieces can be joined
            yield '"'
        yield "}" if values else "{}"


def _encoder(comma: str, colon: str) -> Callable[[Any], str]:
    """What writes a value as JSON, as JSONEncoder does. That one makes itself a writer in C for each text;
    this is one for all.
    """
    ordinary = json.JSONEncoder(separators=(comma, colon))
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:  # a Python without it
        return ordinary.encode
    escape = json.encoder.encode_basestring_ascii
    write = make(None, ordinary.default, escape, None, colon, comma, False, False, True)
    join = "".join
    return lambda value: join(write(value, 0))


def _may_be_long(values: Mapping[str, Any]) -> bool:
    """False where no value is a long text, found out quickly: lists and objects count their items here."""
    try:
        return max(map(len, values.values()), default=0) > LONG_TEXT
    except TypeError:  # numbers, and what is no text yet
        return True


def _is_long(value: object) -> bool:
    if isinstance(value, str):
        return len(value) > LONG_TEXT
    return type(value) not in ORDINARY and isinstance(value, LongText)


def _slices(text: str) -> Iterator[str]:
    return (text[start : start + LONG_TEXT] for start in range(0, len(text), LONG_TEXT))


async def _sent(texts: Iterator[str], progress: Progress | None) -> AsyncIterator[bytes]:
    """The texts as bytes, short ones together."""
    gone, waiting, length = 0, list[str](), 0
    for text in texts:
        waiting.append(text)
        length += len(text)
        if length >= LONG_TEXT:
            yield "".join(waiting).encode("ascii")
            gone += length
            waiting, length = [], 0
            if progress is not None:
                progress(gone)
    yield "".join(waiting).encode("ascii")
    if progress is not None:
        progress(gone + length)
