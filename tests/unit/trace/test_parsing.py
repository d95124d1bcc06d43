"""The two ways to read a line: the quick one never takes a line otherwise than the careful one."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import TraceError
from bridge.trace.format import BadPointer, Line, NamedFile, Number, TracedCall
from bridge.trace.parsing import parse_carefully, parse_line
from bridge.trace.usual_lines import usual_line

CALL: dict[str, Any] = {
    "call": 17, "time": "2026-11-25T08:00:01.123456Z", "thread": 812, "door": "native",
    "function": "csGetCardNo",
    "in": {"CardType": {"i16": 2, "i32": 1341849602}, "pBuffer": "ICA=", "iBufferLen": {"i16": 2}},
    "code": 0, "us": 184321.5, "out": {"pBuffer": "MTI=", "iBufferLen": {"i16": 2}},
}  # fmt: skip
ANSWER = {"answer": 17, "code": 4000, "us": 1, "out": {"pBuffer": "MTI="}}
numbers = st.integers(-(2**80), 2**80) | st.floats() | st.booleans()
odd_values = st.one_of(
    numbers,
    st.none(),
    st.text(max_size=8),
    st.binary(max_size=6).map(lambda data: base64.b64encode(data).decode()),
    st.sampled_from(
        ["unreadable", "", "QQ", "QR==", "Q===", " QQ==", "QQ==\n", "2026-01-01", "2026-01-01T00:00:00",
         "2026-01-01T00:00:00+08:00", "20260101T000000Z", "2026-01-01T24:00:00Z",
         "2026-06-30T23:59:60Z", "2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00.123456789Z"]
    ),
)  # fmt: skip
odd_objects = st.dictionaries(st.sampled_from(["i16", "i32", "file", "bytes", "new"]), odd_values, max_size=3)
odd = odd_values | odd_objects | st.dictionaries(st.text(max_size=3), odd_values | odd_objects, max_size=3)
names = st.sampled_from([*CALL, "trace", "note", "answer", "new"])


def outcome(read: Any, text: str) -> Line | str:
    try:
        found: Line = read(text, 7)
    except TraceError as error:
        return str(error)
    return found


def same(text: str) -> None:
    """A seventh digit of a second's fraction is rounded by one, cut off by the other: a microsecond."""
    careful, either = outcome(parse_carefully, text), outcome(parse_line, text)
    if isinstance(careful, TracedCall) and isinstance(either, TracedCall):
        assert abs(either.at - careful.at) <= timedelta(microseconds=1)
        either = either._replace(at=careful.at)
    assert repr(either) == repr(careful)
    assert type(either) is type(careful)


@given(st.sampled_from([CALL, ANSWER]), st.dictionaries(names, odd, max_size=2), st.booleans())
def test_a_line_that_a_hand_has_changed(
    line: dict[str, Any], changes: dict[str, Any], ascii_only: bool
) -> None:
    same(json.dumps({**line, **changes}, ensure_ascii=ascii_only, separators=(",", ":")))


@given(st.sampled_from([CALL, ANSWER]), st.sampled_from(["in", "out"]), st.text(max_size=3), odd)
def test_a_value_that_a_hand_has_changed(line: dict[str, Any], side: str, name: str, value: object) -> None:
    values = {**line.get(side, {}), name: value}
    same(json.dumps({**line, side: values}, separators=(",", ":")))


@given(st.sampled_from([CALL, ANSWER]), st.data())
def test_a_line_that_was_cut_or_has_a_strange_byte(line: dict[str, Any], data: st.DataObject) -> None:
    whole = json.dumps(line, separators=(",", ":"))
    place = data.draw(st.integers(0, len(whole)))
    same(whole[:place])
    strange = data.draw(st.sampled_from([*'\0\n\x7f{}[],:"\\9e-.', "\ud800"]))
    same(f"{whole[:place]}{strange}{whole[place:]}")
    same(whole + data.draw(st.sampled_from([" ", "\n", "{}", "\0", ",", "\ufeff"])))


def test_usual_lines_take_the_quick_way() -> None:
    text = json.dumps(CALL, separators=(",", ":")).encode()
    found = usual_line(text, 7, 9)
    assert isinstance(found, TracedCall)
    assert (found.process, found.line, found.given["CardType"]) == (9, 7, Number(2, 1341849602))
    assert usual_line(json.dumps(ANSWER, separators=(",", ":")).encode(), 7, 9) == parse_line(
        json.dumps(ANSWER)
    )


@pytest.mark.parametrize(
    ("value", "meant"),
    [(None, BadPointer(True)), ("unreadable", BadPointer(False)),
     ({"file": "QQ==", "bytes": None}, NamedFile(b"A")), ({"i16": 65535}, Number(-1)),
     ({"i16": -40000, "i32": 7}, Number(25536, 7))],
)  # fmt: skip
def test_rare_values_take_the_careful_way(value: object, meant: object) -> None:
    text = json.dumps({**CALL, "in": {"x": value}}, separators=(",", ":"))
    assert usual_line(text.encode(), 7, 9) is None
    found = parse_line(text)
    assert isinstance(found, TracedCall)
    assert found.given == {"x": meant}


def test_bytes_that_are_no_utf_8_are_replaced() -> None:
    text = json.dumps({**CALL, "function": "csX"}, separators=(",", ":")).encode().replace(b"csX", b"cs\xff")
    found = parse_line(text)
    assert isinstance(found, TracedCall)
    assert found.function == "cs\ufffd"
