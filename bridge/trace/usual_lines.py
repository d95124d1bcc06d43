"""The lines that a trace is full of - calls, and answers of a bridge - decoded in C.

Whatever this does not take, of any kind, is left to :mod:`bridge.trace.parsing`, which says what is wrong
with it. What it takes, it takes as that does (``tests/unit/trace/test_parsing.py`` compares them), but for
times with a small t or z, as RFC 3339 allows them, and a seventh digit of a second, which is rounded.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from msgspec import UNSET, DecodeError, Meta, Raw, Struct, UnsetType, field
from msgspec.json import Decoder

from bridge.trace.format import Answer, BridgeAnswer, Number, TracedCall

_Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_Microseconds = Annotated[float, Meta(ge=0, lt=1e12)]
_CALL, _ANSWER = b'{"call"', b'{"answer"'
_Values = dict[str, bytes | Number]


class _Answer(Struct, gc=False):
    answer: _Whole
    code: _Whole
    us: _Microseconds = 0.0
    out: _Values = {}
    trace: Raw | UnsetType = UNSET
    note: Raw | UnsetType = UNSET
    function: Raw | UnsetType = UNSET


class _Call(Struct, gc=False):
    call: _Whole
    time: datetime
    function: str
    code: _Whole
    thread: _Whole = 0
    door: str = "native"
    given: _Values = field(name="in", default={})
    us: _Microseconds = 0.0
    out: _Values = {}
    trace: Raw | UnsetType = UNSET
    note: Raw | UnsetType = UNSET


_call = Decoder(_Call).decode
_answer = Decoder(_Answer).decode


def usual_line(data: bytes, number: int, process: int) -> TracedCall | BridgeAnswer | None:
    """A line as a value, None where it is not of the usual form. ``number``: its place in
    the file; ``process``: of the program.
    """
    try:
        if data.startswith(_CALL):
            line = _call(data)
            return _traced(line, number, process) if line.trace is UNSET is line.note else None
        if data.startswith(_ANSWER):
            answer = _answer(data)
            if answer.trace is UNSET is answer.note and answer.function is UNSET:
                return BridgeAnswer(answer.answer, Answer(answer.code, answer.us, answer.out))
    except (DecodeError, RecursionError):
        pass
    return None


def _traced(line: _Call, number: int, process: int) -> TracedCall:
    at = line.time
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    answer = Answer(line.code, line.us, line.out)
    # by place: by name it would take twice as long, and a hospital's trace has millions
    return TracedCall(
        line.call, at, line.thread, line.function, line.given, answer, line.door, None, process, number
    )
