"""The line of a call as recorders write it, split where its values begin and end, without reading them."""

from __future__ import annotations

import re
from typing import NamedTuple

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


class Split(NamedTuple):
    """A line as it stands. ``hour``: date and hour (UTC); ``given``, ``after``: values before and after the
    call, JSON objects once :func:`values_of` has read them; until then, any bytes. ``to_hour``, ``to_given``,
    ``to_after``: what stands before these, from the one before on.
    """

    to_hour: bytes
    hour: bytes
    to_given: bytes
    given: bytes
    to_after: bytes
    after: bytes
    number: bytes
    function: bytes
    code: bytes


def split_line(line: bytes) -> Split | None:
    """None: another line, or one that is written in another way."""
    head = _HEAD.match(line)
    if head is None:
        return None
    start = head.end()
    middle = _MIDDLE.match(line, line.find(_CODE, start))
    if middle is None or line[-2:] != b"}\n":
        return None
    end, rest = middle.span()
    hour, hour_end = head.span(2)
    number, function = head.group(1, 3)
    return Split(
        line[:hour],
        line[hour:hour_end],
        line[hour_end:start],
        line[start:end],
        line[end:rest],
        line[rest:-2],
        number,
        function,
        middle[1],
    )


_values = Decoder(dict[str, bytes | Number]).decode


def values_of(side: bytes) -> dict[str, bytes | Number] | None:
    """The values of one side of a call. None: other ones than bytes and numbers, or no JSON."""
    try:
        return _values(side)
    except (DecodeError, RecursionError):
        return None
