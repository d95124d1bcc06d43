"""Frames of version 1, which had no hello and carried a token in each call: rewritten, so that the rest of
the bridge knows version 2 alone.
"""

from __future__ import annotations

from bridge.channel.frame import CALL_BEGIN, HEADER_BYTES, TIME_BYTES, Frame

VERSION_1 = 1
_REST = HEADER_BYTES + 32  # behind the token
_NO_LENGTH = bytes(4)
_CALL_BEGIN = CALL_BEGIN[:4] + VERSION_1.to_bytes(2, "little") + CALL_BEGIN[6:]


def as_version_2(call: Frame) -> Frame:
    """A whole call frame of version 1 as one of version 2 that says nothing of its time. What is too short
    stays so, and what is no call of version 1 as it is.
    """
    if call[:8] != _CALL_BEGIN:
        return call
    number = call[12:HEADER_BYTES]
    if len(call) < _REST:
        return CALL_BEGIN + _NO_LENGTH + number
    length = (TIME_BYTES + len(call) - _REST).to_bytes(4, "little")
    return b"".join((CALL_BEGIN, length, number, bytes(TIME_BYTES), call[_REST:]))


def as_version_1(reply: bytes) -> bytes:
    """A whole answer or refusal as a caller of version 1 reads it."""
    return reply[:4] + VERSION_1.to_bytes(2, "little") + reply[6:]
