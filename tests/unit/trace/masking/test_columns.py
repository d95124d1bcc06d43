"""Lines taken together: what is read of a column is what each of its lines says."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import DecodeError
from msgspec.json import decode

from bridge.trace.format import Number
from bridge.trace.masking.answered import Answered
from bridge.trace.masking.columns import Columns, Doubt, columns, looks, written
from bridge.trace.masking.split_lines import number_in, split_lines, whole

NAMES = frozenset("abc")
TEXTS = st.binary(min_size=4, max_size=4).map(b64encode)
NUMBERS = st.sampled_from([0, 1, -1, 72, 1520762952, 2**31, 2**32 - 1, -(2**31), 2**32, -(2**31) - 1])
TEMPLATES = [
    b'{"a":"%b","b":{"i16":72,"i32":%d},"c":"%b"}',
    b'{"b":{"i16":72,"i32":%d}}',
    b'{"a":"%b"}',
    b'{"a":"%b","b":{"i16":72}}',
    b'{"a" :"%b"}',
    b'{"a":"%b","a":"%b"}',
    b'{"b" :"QUFBQQ==","c":{"i16":1,"b":"%b"}}',
    b'{"c":{"i16":1,"x":"\\\\","i32":%d},"a":"%b"}',
    b'{"a":"%b","d":"%b"}',
    b'{"a":"%b","b":null}',
    b'{"a":"%b"',
    b"{}",
    b"[]",
]
EDITS = [(b"", b"")] * 6 + [
    (b"=", b""), (b"==", b"=\\"), (b"Q", b"\\u0051"), (b"=", b"-"), (b"72", b"73"), (b"72", b"072"),
    (b'"a"', b'"c"'), (b"i32", b"i3\\u0032"), (b"i32", b"i64"), (b"}", b"}}"), (b"}}", b"}"), (b"}}", b"},"),
    (b",", b", "),
]  # fmt: skip


@st.composite
def many_sides(draw: st.DrawFn) -> list[bytes]:
    """Sides of one template, some of them edited."""
    template = draw(st.sampled_from(TEMPLATES))
    sides = []
    for _ in range(draw(st.integers(1, 5))):
        slots = [draw(NUMBERS) if slot[:1] == b"d" else draw(TEXTS) for slot in template.split(b"%")[1:]]
        old, new = draw(st.sampled_from(EDITS))
        sides.append((template % tuple(slots)).replace(old, new, 1) if old else template % tuple(slots))
    return sides


def each_alone(sides: Sequence[bytes]) -> list[dict[str, bytes | Number]] | None:
    """What each of them says; None: one is none."""
    try:
        values = [decode(side, type=dict[str, bytes | Number]) for side in sides]
    except DecodeError:
        return None
    return values if all(NAMES.issuperset(each) for each in values) else None


def of_line(found: Columns, place: int) -> dict[str, bytes | Number]:
    """What the columns say of one of the lines."""
    values: dict[str, bytes | Number] = {}
    for name, value in found.values.items():
        if isinstance(value, bytes):
            values[name] = found.texts[name][place]
        else:
            wide = int(found.wide[name][place]) if name in found.wide else value.wide
            values[name] = Number(value.low, wide)
    return values


@settings(max_examples=600, deadline=None)
@given(many_sides())
def test_law_a_column_says_what_each_line_says(sides: list[bytes]) -> None:
    alone = each_alone(sides)
    try:
        found = columns(sides, NAMES)
    except Doubt:
        assert alone is None or len(sides) > 1  # what is alone is in doubt only where it is none
        return
    assert alone is not None
    assert [of_line(found, place) for place in range(found.count)] == alone
    assert [list(each) for each in (found.values, alone[0])] == [list(alone[0])] * 2  # in that order
    assert all(len({len(text) for text in texts}) == 1 for texts in found.texts.values())
    assert all(-(2**31) <= int(each) < 2**32 for numbers in found.wide.values() for each in numbers)


@given(st.lists(st.tuples(TEXTS, NUMBERS), min_size=2, max_size=5))
def test_what_programs_leave_in_upper_halves_takes_nothing_apart(values: list[tuple[bytes, int]]) -> None:
    sides = [
        b'{"a":"%b","b":{"i16":72,"i32":%d}}' % value for value in values if -(2**31) <= value[1] < 2**32
    ]
    if sides:
        found = columns(sides, NAMES)
        assert [of_line(found, place) for place in range(len(sides))] == each_alone(sides)
        assert len({looks(side) for side in sides if len(side) == len(sides[0])}) == 1


@pytest.mark.parametrize("wide", [2**32, -(2**31) - 1, 9_999_999_999])
def test_a_number_of_more_than_32_bits_is_read_alone(wide: int) -> None:
    sides = [b'{"b":{"i16":72,"i32":%d}}' % each for each in (1, wide)]
    with pytest.raises(Doubt):
        columns(sides, NAMES)
    assert columns(sides[1:], NAMES).values == {"b": Number(72, wide)}


@pytest.mark.parametrize("value", [b"", b"A123", Number(3), Number(-3, 2**32 - 1), Number(72, -(2**31))])
def test_a_value_is_written_as_it_is_read(value: bytes | Number) -> None:
    assert decode(b"{%b}" % written("a", value), type=dict[str, bytes | Number]) == {"a": value}


LINE = (
    b'{"call":%d,"time":"2026-03-02T00:08:21.000000Z","thread":1,"door":"native","function":"csOpenCom","in":{%b}'
    b',"code":0,"us":1.0,"out":{}}\n'
)
LINES = st.one_of(
    st.builds(lambda number: LINE % (number, b""), st.integers(0, 2**31)),
    st.builds(lambda number: LINE % (number, b'"a":{"i16":0},"code":1'), st.integers(0, 9)),
    st.builds(lambda cut: LINE[:cut] + b"\n", st.integers(0, len(LINE) - 1)),
    st.sampled_from([b"\n", b"{}\n", b'{"answer":1,"code":0,"us":1.0,"out":{}}\n']),
)


@given(st.lists(LINES, max_size=6), st.integers(0, 20), st.sampled_from([1000, 50]))
def test_law_lines_that_are_split_are_the_lines_of_the_block(lines: list[bytes], cut: int, most: int) -> None:
    block = b"".join(lines)
    block = block[: len(block) - cut]
    wanted = [line[at : at + most] for line in block.splitlines(True) for at in range(0, len(line), most)]
    found = split_lines(block, most)
    assert [whole(line) for line in found] == wanted
    for line in found:
        to_hour, hour, to_given, function, given, to_after, code, after, other = line
        assert bool(function) != bool(other)
        if function:
            assert to_hour + hour + to_given + given + to_after + after + b"}\n" == whole(line)
            assert whole(line).startswith(b'{"call":%d,' % number_in(to_hour))
            assert (hour, function, code) == (b"2026-03-02T00", b"csOpenCom", code)
            assert (given[:1], after[:1], b',"code":' in given) == (b"{", b"{", False)


def test_a_line_without_a_code_takes_in_none_of_those_behind_it() -> None:
    cut = LINE.partition(b',"code"')[0] % (1, b"") + b"\n"
    assert [whole(line) for line in split_lines(cut + LINE % (2, b""), 1000)] == [cut, LINE % (2, b"")]


def test_a_call_with_a_second_answer_is_known_whoever_made_it() -> None:
    answered = Answered()
    answered.expect(7, 3)
    answered.expect(8, 5000)
    assert [number for number in (3, 4, 5000, 5001) if answered.may_come(number)] == [3, 5000]
