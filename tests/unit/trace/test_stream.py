"""A trace line by line: the calls of a program come in the order in which they began, and all of them."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import TraceError
from bridge.trace import stream
from bridge.trace.format import Answer, Header, Line, Note, TracedCall
from bridge.trace.reading import Problem
from bridge.trace.stream import lines_in_order
from bridge.trace.writing import write_trace

START = datetime(2026, 11, 25, 8, tzinfo=UTC)


def call(number: int) -> TracedCall:
    return TracedCall(number, START, 1, "csGetDateTime", {}, Answer(0, 5.0))


def numbers(place: Path) -> list[int]:
    return [line.number for line in lines_in_order(place) if isinstance(line, TracedCall)]


def in_order(came: list[int]) -> list[int]:
    begun = stream._Begun()
    due = itertools.chain.from_iterable(begun.with_another(call(number)) for number in came)
    return [each.number for each in (*due, *begun.rest())]


@given(st.integers(1, 3), st.sets(st.integers(0, 30)), st.randoms())
def test_whatever_was_lost_the_order_is_right(first: int, numbers: set[int], chance: random.Random) -> None:
    came = [first + number for number in numbers]
    chance.shuffle(came)
    assert in_order(came) == sorted(came)


@given(st.lists(st.integers(1, 6), max_size=30))
def test_numbers_that_come_twice_lose_nothing(came: list[int]) -> None:
    assert Counter(in_order(came)) == Counter(came)


@pytest.mark.parametrize("longest", [1, 3])
def test_a_call_that_was_lost_is_not_waited_for_without_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    monkeypatch.setattr(stream, "LONGEST_WAIT", longest)
    file = tmp_path / "t.jsonl"
    write_trace(file, [Header(process=9), *(call(number) for number in range(500, 600))])
    begun = stream._Begun()
    waiting = [len(list(begun.with_another(call(number)))) for number in range(500, 600)]
    assert waiting == [0] * longest + [1 + longest] + [1] * (99 - longest)
    assert numbers(file) == list(range(500, 600))


def test_parts_of_a_program_go_on_and_another_program_begins_anew(tmp_path: Path) -> None:
    first, other = Header(process=9, program="A.EXE"), Header(process=9, program="B.EXE")
    lines: list[list[Line]] = [
        [first, call(2), call(1), call(4)],
        [first, call(3), Note("lost")],
        [other, call(1)],
    ]
    for part, each in enumerate(lines, 1):
        write_trace(tmp_path / f"{part}.jsonl", each)
    assert numbers(tmp_path) == [1, 2, 3, 4, 1]


def test_what_cannot_be_read_is_told_where_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    write_trace(file, [Header(process=9), call(1)])
    file.write_bytes(file.read_bytes() + b'{"call":2,"time"')
    header, first, problem = lines_in_order(file)
    assert isinstance(header, Header)
    assert isinstance(first, TracedCall)
    assert isinstance(problem, Problem)
    assert problem.lost


def test_a_folder_without_a_trace(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match=r"no \*\.jsonl"):
        list(lines_in_order(tmp_path))
