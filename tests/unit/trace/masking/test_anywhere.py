"""Everybody in every argument of every function, at any offset, in whatever line: nobody comes through."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import TraceError
from bridge.table.model.arguments import ScalarArgument, ScalarOutArgument
from bridge.table.model.rows import Function
from bridge.trace.format import BadPointer, Given, NamedFile, Number, line_of
from bridge.trace.masking.files import TraceMasking
from bridge.trace.masking.key import MaskKey
from bridge.trace.masking.rules import default_rules
from bridge.trace.reading import read_trace
from bridge.trace.writing import write_trace
from tests.unit.trace.masking.masked_world import PEOPLE, PLANTED, TABLE, Tracing, found_in, planted_trace

BIRTHDAYS = {person.birthday for person in PEOPLE}  # 7 digits inside other text say nothing
KNOWN = [value for value in PLANTED if value != "wangfile"]  # that is only a part of the file's name
BETWEEN = (b"", b" ", b"\0", b"0", b"00012", b"A", b"[XXXXXXX]", b"\xa4", b"\xcd\xcd", b" " * 9, b"x")


def anybody(chance: random.Random) -> bytes:
    """Some bytes with people in them."""
    parts = []
    for _ in range(chance.randint(1, 12)):
        value = chance.choice(KNOWN)
        parts += [chance.choice(BETWEEN), value.encode("cp950")]
    data = b"".join([*parts, chance.choice(BETWEEN)])
    return data[: chance.choice((len(data), 72, 40, 10))]


def given(function: Function, chance: random.Random) -> Iterator[tuple[str, Given]]:
    for argument in function.arguments:
        number = isinstance(argument, ScalarArgument | ScalarOutArgument)
        if number or "Len" in argument.name or argument.kind == "count":
            yield argument.name, Number(chance.choice((0, 1, 2, 3, 10, 72, 200, 4000, -1)))
        elif argument.kind == "file":
            yield argument.name, NamedFile(anybody(chance), 3)
        else:
            yield argument.name, anybody(chance) if chance.random() < 0.95 else BadPointer(null=True)


@pytest.mark.parametrize("seed", range(3))
def test_nobody_comes_through(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    made = Tracing()
    made.lines = planted_trace()
    for function in TABLE.functions.values():
        for _ in range(3):
            code = chance.choice((0, 0, 0, 5010, 4042))
            made.call(function.name, dict(given(function, chance)), dict(given(function, chance)), code)
    write_trace(tmp_path / "in.jsonl", made.lines)
    TraceMasking(TABLE, default_rules(), MaskKey()).run(tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert found_in(tmp_path / "out.jsonl") - BIRTHDAYS == set()
    assert len(read_trace(tmp_path / "out.jsonl").calls) == len(read_trace(tmp_path / "in.jsonl").calls)


JUNK: list[Any] = [
    None, True, 0, -1, 2**31, 2**40, 10**30, 1.5, float("nan"), "", "x", "\ud800", "\0", "AA==", "====",
    "測試", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-12:00",
    "[XXXXXXX]", "unreadable", [], {}, {"i16": 1},
    {"i16": -99999999}, {"file": "AA=="}, {"i16": True},
]  # fmt: skip


def edited(plain: Any, chance: random.Random) -> Any:
    """A line with something left out, renamed or exchanged."""
    if isinstance(plain, dict):
        return {
            name if chance.random() > 0.01 else str(chance.choice(JUNK)): edited(value, chance)
            for name, value in plain.items()
            if chance.random() > 0.01
        }
    return chance.choice(JUNK) if chance.random() < 0.06 else plain


@pytest.mark.parametrize("seed", range(20))
def test_a_trace_edited_by_hand_is_masked_or_refused(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    lines = [edited(json.loads(line_of(line)), chance) for line in planted_trace()]
    chance.shuffle(lines)
    text = "\n".join(json.dumps(line, ensure_ascii=chance.random() < 0.5) for line in lines)
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(chance.choice((0, 0, 5))):
        data[chance.randrange(len(data))] = chance.randrange(256)
    (tmp_path / "in.jsonl").write_bytes(data)
    target = tmp_path / "out.jsonl"
    try:
        TraceMasking(TABLE, default_rules(), MaskKey()).run(tmp_path / "in.jsonl", target)
    except TraceError:
        assert not target.exists()
    else:
        assert found_in(target) - BIRTHDAYS == set()
