"""The values of many calls that are written alike, each argument of all calls together."""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec import DecodeError
from msgspec.json import Decoder

from bridge.trace.format import Number


class Doubt(Exception):
    """What was taken together has to be looked at one by one; what is alone, as a whole."""


_values = Decoder(dict[str, bytes | Number]).decode
_texts = Decoder(list[bytes]).decode
_WIDE = re.compile(rb":(-?[1-9][0-9]{0,9}|0)(\}[},]?)")


@dataclass(slots=True)
class Columns:
    """One side of so many calls. ``texts``: by argument, those of all calls, which have the same length.
    ``values``: of the first call; its numbers are those of all, but for their upper halves where these stand
    in ``wide``: 32 bits of each, as they are written.
    """

    count: int
    values: Mapping[str, bytes | Number]
    texts: Mapping[str, Sequence[bytes]]
    wide: Mapping[str, Sequence[bytes]]


def columns(sides: Sequence[bytes], names: frozenset[str]) -> Columns:
    """Sides of calls whose arguments are these, as they stand in lines. Raises Doubt: other values than bytes
    and numbers, no JSON, or not written alike.
    """
    if not sides:
        return Columns(0, {}, {}, {})
    first = _decoded(sides[0])
    if not names.issuperset(first):
        raise Doubt
    texts = [name for name, value in first.items() if isinstance(value, bytes)]
    if sides.count(sides[0]) == len(sides):
        same = {name: [value] * len(sides) for name, value in first.items() if isinstance(value, bytes)}
        return Columns(len(sides), first, same, {})
    if sides[0] != b"{%b}" % b",".join([written(name, value) for name, value in first.items()]):
        raise Doubt
    # what stands between quotation marks, and between these
    parts = [side.split(b'"') for side in sides]
    places = _text_places(parts[0])
    try:
        by_place = list(zip(*parts, strict=True))
    except ValueError:
        raise Doubt from None
    decoded = {name: _column(by_place[place]) for name, place in zip(texts, places, strict=True)}
    differing = [
        place
        for place in set(range(len(by_place))).difference(places)
        if by_place[place].count(by_place[place][0]) < len(sides)
    ]
    if not all(by_place[place - 1][0] == b"i32" for place in differing):
        raise Doubt
    # each behind its argument's name and the lower half
    wide = {by_place[place - 5][0].decode(): _wide(by_place[place]) for place in differing}
    return Columns(len(sides), first, decoded, wide)


def _wide(parts: Sequence[bytes]) -> list[bytes]:
    """Numbers of 32 bits with what stands around them; what programs leave in their upper halves differs.
    Raises Doubt for anything else.
    """
    found = [_WIDE.fullmatch(part) for part in parts]
    numbers = [match[1] for match in found if match is not None]
    ends = {match[2] for match in found if match is not None}
    if len(numbers) < len(found) or len(ends) > 1:
        raise Doubt
    if not all(-(2**31) <= number < 2**32 for number in map(int, numbers)):
        raise Doubt
    return numbers


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
    parts = side.split(b'"')
    texts = set(_text_places(parts))
    return tuple(
        len(part) if place in texts or parts[place - 1] == b"i32" else part
        for place, part in enumerate(parts)
    )


def _text_places(parts: Sequence[bytes]) -> list[int]:
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
    try:  # a quotation mark that ends no text, since a backslash stands before it, is no base64 either
        found = _texts(b'["%b"]' % b'","'.join(texts))
    except DecodeError:
        raise Doubt from None
    if len(set(map(len, found))) > 1:
        raise Doubt
    return found
