"""The values of many calls that are written alike, each argument of all calls together."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec import DecodeError
from msgspec.json import Decoder

from bridge.trace.format import Number


class Doubt(Exception):
    """What was taken together has to be looked at one by one; what is alone, as a whole."""


_values = Decoder(dict[str, bytes | Number]).decode
_texts = Decoder(list[bytes]).decode


@dataclass(slots=True)
class Columns:
    """One side of so many calls. ``texts``: by argument, those of all calls, which have the same length.
    ``values``: of the first call; its numbers are those of all.
    """

    count: int
    values: Mapping[str, bytes | Number]
    texts: dict[str, list[bytes]]


def columns(sides: Sequence[bytes], names: frozenset[str]) -> Columns:
    """Sides of calls whose arguments are these, as they stand in lines. Raises Doubt: other values than bytes
    and numbers, no JSON, or not written alike.
    """
    if not sides:
        return Columns(0, {}, {})
    first = _decoded(sides[0])
    if not names.issuperset(first):
        raise Doubt
    texts = {name: [value] for name, value in first.items() if isinstance(value, bytes)}
    if sides.count(sides[0]) == len(sides):
        return Columns(len(sides), first, {name: value * len(sides) for name, value in texts.items()})
    if sides[0] != b"{%b}" % b",".join([written(name, value) for name, value in first.items()]):
        raise Doubt
    return Columns(len(sides), first, dict(zip(texts, _columns(sides), strict=True)))


def _columns(sides: Sequence[bytes]) -> Iterator[list[bytes]]:
    """The texts of sides, of which the first is written as recorders do."""
    parts = [side.split(b'"') for side in sides]  # what stands between quotation marks, and between these
    places = _text_places(parts[0])
    try:
        by_place = list(zip(*parts, strict=True))
    except ValueError:
        raise Doubt from None
    for place in places:
        yield _column(by_place[place])
        by_place[place] = ()
    if any(column and column.count(column[0]) < len(sides) for column in by_place):
        raise Doubt


def written(name: str, value: bytes | Number) -> bytes:
    """A value as recorders write it; of a number that has more than 32 bits, only the low 16."""
    if isinstance(value, bytes):
        return b'"%b":"%b"' % (name.encode(), b2a_base64(value, newline=False))
    low, wide = value.low, value.wide
    if wide is None:
        return b'"%b":{"i16":%d}' % (name.encode(), low)
    wide = wide if -(2**31) <= wide < 2**32 else low
    return b'"%b":{"i16":%d,"i32":%d}' % (name.encode(), low, wide)


def looks(side: bytes) -> object:
    """What is the same for sides that are written alike, and is not for others."""
    parts: list[bytes | int] = list(side.split(b'"'))
    for place in _text_places(parts):
        parts[place] = len(parts[place])  # type: ignore[arg-type] # each place once
    return tuple(parts)


def _text_places(parts: Sequence[object]) -> list[int]:
    """Which parts are texts of an argument: what stands behind its name and a colon."""
    return [place for place in range(3, len(parts), 2) if parts[place - 1] == b":"]


def _decoded(side: bytes) -> dict[str, bytes | Number]:
    try:
        return _values(side)
    except (DecodeError, RecursionError):
        raise Doubt from None


def _column(texts: Sequence[bytes]) -> list[bytes]:
    """Texts as they stand in lines, between quotation marks, decoded; all of one length."""
    same = texts.count(texts[0])
    if same == len(texts) > 1:
        return _column(texts[:1]) * same
    together = b'","'.join(texts)
    if b"\\" in together:  # a quotation mark may stand behind it that ends no text
        raise Doubt
    try:
        found = _texts(b'["%b"]' % together)
    except DecodeError:
        raise Doubt from None
    if len(set(map(len, found))) > 1:
        raise Doubt
    return found
