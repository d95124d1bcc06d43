"""The line of a call as recorders write it, split where its values begin and end, without reading them."""

from __future__ import annotations

import re

from msgspec import DecodeError
from msgspec.json import Decoder

from bridge.trace.format import Number

_NUMBER = rb"(0|[1-9][0-9]{0,8})"  # of 32 bits, whatever its digits are
_HEAD = re.compile(
    rb'\{"call":' + _NUMBER + rb',"time":"([12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2})'
    rb':[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z","thread":(?:0|[1-9][0-9]{0,8}),"door":"(?:native|vhc|vpn)",'
    rb'"function":"([A-Za-z_][A-Za-z0-9_]{0,63})","in":(?=\{)'
)
_CODE = b',"code":'
_MIDDLE = re.compile(rb',"code":(-?[1-9][0-9]{0,8}|0),"us":(?:0|[1-9][0-9]{0,10})\.[0-9],"out":(?=\{)')


# what stands before date and hour (UTC), these, what stands before the values before the call, these, what
# stands before the values after it, these; then number, function and code once more
Split = tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes]


def split_line(line: bytes) -> Split | None:
    """A line as it stands. The values are JSON objects once :func:`values_of` has read them; until then, any
    bytes. None: another line, or one that is written in another way.
    """
    head = _HEAD.match(line)
    if head is None:
        return None
    start = head.end()
    middle = _MIDDLE.match(line, line.find(_CODE, start))
    if middle is None or line[-2:] != b"}\n":
        return None
    end, rest = middle.span()
    number, hour, function = head.groups()
    at = head.start(2)
    to_given, to_after = line[at + len(hour) : start], line[end:rest]
    # a plain tuple: one with names takes as long as all of the above
    return (line[:at], hour, to_given, line[start:end], to_after, line[rest:-2], number, function, middle[1])


_values = Decoder(dict[str, bytes | Number]).decode


def values_of(side: bytes) -> dict[str, bytes | Number] | None:
    """The values of one side of a call. None: other ones than bytes and numbers, or no JSON."""
    try:
        return _values(side)
    except (DecodeError, RecursionError):
        return None
