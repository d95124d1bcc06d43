"""Lines of a trace: values out and in again, and everything that a hand may have made of them."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import TraceError
from bridge.trace.format import (
    Answer,
    BadPointer,
    BridgeAnswer,
    Given,
    Header,
    Line,
    NamedFile,
    Note,
    Number,
    TracedCall,
    line_of,
    signed16,
)
from bridge.trace.parsing import parse_line

low = st.integers(-(2**15), 2**15 - 1)
wide = st.none() | st.integers(-(2**31), 2**31 - 1)
value: st.SearchStrategy[Given] = st.one_of(
    st.binary(max_size=80),
    st.builds(Number, low, wide),
    st.builds(NamedFile, st.binary(max_size=20), st.none() | st.integers(0, 10**9)),
    st.builds(BadPointer, st.booleans()),
)
values = st.dictionaries(st.text(max_size=12), value, max_size=5)
times = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
answers = st.builds(
    Answer, st.integers(-(2**31), 2**31 - 1), st.integers(0, 10**9).map(lambda n: n / 10), values
)
lines: st.SearchStrategy[Line] = st.one_of(
    st.builds(
        TracedCall,
        st.integers(1, 10**9),
        times,
        st.integers(0, 2**32),
        st.text(min_size=1),
        values,
        answers,
        door=st.sampled_from(["native", "vhc", "vpn"]),
        bridge=st.none(),
        line=st.just(7),
        process=st.just(9),
    ),
    st.builds(BridgeAnswer, st.integers(1, 10**9), answers),
    st.builds(
        Note,
        st.text(min_size=1),
        st.text(),
        st.integers(0, 10**6),
        st.none() | st.integers(1, 10**9),
        times,
        function=st.text(max_size=12),
    ),
    st.builds(Header, version=st.just(1), recorder=st.sampled_from(["dll", "bridge"]), started=times),
)


@given(lines)
def test_a_line_holds_its_value(line: Line) -> None:
    text = line_of(line)
    assert "\n" not in text
    assert parse_line(text, 7, 9) == line


def test_the_example_of_the_documentation() -> None:
    call = parse_line(
        '{"call":17,"time":"2026-11-25T08:00:01.123456Z","thread":812,"function":"csGetCardNo",'
        '"in":{"CardType":{"i16":2,"i32":1341849602},"pBuffer":"ICA=","iBufferLen":{"i16":2}},'
        '"code":0,"us":184321.0,"out":{"pBuffer":"MTI=","iBufferLen":{"i16":2}},"new":1}'
    )
    assert isinstance(call, TracedCall)
    assert call.given["CardType"] == Number(2, 1341849602)
    assert call.answer.after == {"pBuffer": b"12", "iBufferLen": Number(2)}
    assert call.at == datetime(2026, 11, 25, 8, 0, 1, 123456, UTC)
    assert call.ended == pytest.approx(call.at.timestamp() + 0.184321)


def test_an_exception_is_a_note_although_it_names_a_function() -> None:
    note = parse_line(
        '{"note":"exception","time":"2026-11-25T08:00:09.000000Z","calls":0,"call":3,'
        '"why":"0xC0000005 at x.dll+0x10","function":"csGetCardNo","in":{"pBuffer":"ICA="}}'
    )
    assert isinstance(note, Note)
    assert (note.kind, note.call, note.function) == ("exception", 3, "csGetCardNo")
    assert "ICA=" not in line_of(note), "what a call was given is a person's, and no one masks a note"


@pytest.mark.parametrize(("code", "read"), [(0, 0), (4000, 4000), (65536, 0), (65535, -1), (-1, -1)])
def test_programs_read_16_bits_of_a_code(code: int, read: int) -> None:
    assert Answer(code, 1.0).code16 == read == signed16(code)


CALL = {"call": 1, "time": "2026-01-01T00:00:00Z", "function": "f", "in": {}, "code": 0, "us": 1, "out": {}}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"call": "1"}, "call: no whole number"),
        ({"call": True}, "call: no whole number"),
        ({"call": 2**80}, "call: no whole number"),
        ({"time": None}, "time: no time"),
        ({"time": "yesterday"}, "time: no time"),
        ({"time": 5}, "time: no time"),
        ({"function": 3}, "function: no text"),
        ({"in": []}, "in: an object"),
        ({"in": {"a": "*"}}, "in.a: no base64"),
        ({"in": {"a": 5}}, "in.a: neither"),
        ({"in": {"a": {"i16": "x"}}}, "in.a: neither"),
        ({"in": {"a": {"i16": 1, "i32": 1.5}}}, "in.a.i32"),
        ({"in": {"a": {"file": "AA==", "bytes": -1}}}, "in.a.bytes"),
        ({"code": None}, "code: no whole number"),
        ({"us": -1}, "us: "),
        ({"us": "fast"}, "us: "),
        ({"us": 1e300}, "us: "),
    ],
)
def test_a_line_edited_by_hand_is_told_by_place(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(TraceError) as reported:
        parse_line(json.dumps({**CALL, **change}))
    assert str(reported.value).startswith(complaint)


@pytest.mark.parametrize("text", ["", "{", "[]", "5", "{}", "null", "[" * 100_000, '{"call":1}'])
def test_what_is_no_line_of_a_trace(text: str) -> None:
    with pytest.raises(TraceError):
        parse_line(text)


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with suppress(TraceError):
        parse_line(text)


def test_a_newer_format_is_refused() -> None:
    with pytest.raises(TraceError, match="version 2"):
        parse_line('{"trace":2}')
