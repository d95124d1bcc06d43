"""Lines of calls as recorders write them, many at once, split where their values begin and end, without
reading them.
"""

from __future__ import annotations

import re

# numbers have 32 bits, whatever their digits are; what is no such line is the last group
_LINE = re.compile(
    rb'(\{"call":(?:0|[1-9][0-9]{0,8}+),"time":")'
    rb"([12][0-9]{3}+-[0-9]{2}+-[0-9]{2}+T[0-9]{2}+)"
    rb'(:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}+Z","thread":(?:0|[1-9][0-9]{0,8}+),"door":"(?:native|vhc|vpn)",'
    rb'"function":"([A-Za-z_][A-Za-z0-9_]{0,63}+)","in":)'
    rb'(\{[^,]*+(?:,(?!"code":)[^,]*+)*+)'
    rb'(,"code":(-?[1-9][0-9]{0,8}+|0),"us":(?:0|[1-9][0-9]{0,10}+)\.[0-9],"out":)'
    rb"(\{[^\n]*)\}\n"
    rb"|([^\n]*+\n|[^\n]++)"
)
_ANY_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_NUMBER = slice(len(b'{"call":'), -len(b',"time":"'))


# what stands before date and hour (UTC), these, what stands before the values before the call, among it the
# function, these values, what stands before the values after it, among it the code, these values; then the
# whole line where it is no such line. A plain tuple: one with names takes as long as all the rest. The values
# are JSON objects once somebody has read them; until then, any bytes.
Line = tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes]


def split_lines(block: bytes, most: int) -> list[Line]:
    """The lines of a block, each of at most so many bytes: what is longer ends there."""
    if len(block) <= most:
        found: list[Line] = _LINE.findall(block)
        if len(found) == block.count(b"\n") + (not block.endswith(b"\n")):
            return found  # none has taken another one in
    return [
        (b"", b"", b"", b"", b"", b"", b"", b"", line[at : at + most])
        for line in _ANY_LINE.findall(block)
        for at in range(0, len(line), most)
    ]


def whole(line: Line) -> bytes:
    """The line as it stood in the file."""
    to_hour, hour, to_given, _, given, to_after, _, after, other = line
    return other or b"".join((to_hour, hour, to_given, given, to_after, after, b"}\n"))


def number_in(to_hour: bytes) -> int:
    """The number of a call."""
    return int(to_hour[_NUMBER])
