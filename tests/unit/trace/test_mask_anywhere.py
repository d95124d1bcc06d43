"""Everybody in every argument of every function, at any offset, behind any length: nobody comes through."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from masked_world import PEOPLE, PLANTED, TABLE, Tracing, found_in, planted_trace

from bridge.table.argument_spec import ScalarArgument, ScalarOutArgument
from bridge.table.model import Function
from bridge.trace.format import BadPointer, Given, NamedFile, Number
from bridge.trace.masking.files import TraceMasking
from bridge.trace.masking.key import MaskKey
from bridge.trace.masking.rules import default_rules
from bridge.trace.reading import read_trace
from bridge.trace.writing import write_trace

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
