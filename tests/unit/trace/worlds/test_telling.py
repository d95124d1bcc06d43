"""What calls tell is the same whether it was made anew, kept, or taken apart field by field."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.hospital import write_hospital
from bridge.codec.dates import roc_datetime
from bridge.table.default import default_table
from bridge.trace.records import record_spans
from bridge.trace.stream import calls_by_time
from bridge.trace.worlds import rows, telling, values
from bridge.trace.worlds.check import default_rules
from bridge.trace.worlds.forms import Form
from bridge.trace.worlds.remarks import MOST_REMARKS, Remarks
from bridge.trace.worlds.rows import GroupReader
from bridge.trace.worlds.values import Values, moment
from bridge.trace.worlds.world import world_of_calls

TABLE, RULES = default_table(), default_rules()
RECORDS = sorted(name for name, rule in RULES.records.items() if rule.fields or rule.groups)


@pytest.fixture
def hospital(tmp_path: Path) -> Path:
    write_hospital(tmp_path / "h", calls=900, places=2)
    return tmp_path / "h"


def world(folder: Path) -> dict[str, Any]:
    return world_of_calls(lambda: calls_by_time(folder, headers=[]), TABLE).whole()


def test_a_world_does_not_depend_on_how_much_is_kept(hospital: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = world(hospital)
    assert len(expected["cards"]) > 20
    for module in (rows, telling, values):
        monkeypatch.setattr(module, "MOST_KEPT", 1)
    assert world(hospital) == expected


def test_nothing_is_left_that_only_the_collector_would_free(hospital: Path) -> None:
    """``sim from-trace`` works without it."""
    for file in hospital.iterdir():  # every seventh line broken in the middle
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(line if at % 7 or not at else line[:90] for at, line in enumerate(lines)))
    gc.collect()
    gc.disable()
    try:
        made = world_of_calls(lambda: calls_by_time(hospital, headers=[]), TABLE)
        for _, value in made.items():
            list(value if not isinstance(value, int) else ())
        assert gc.collect() == 0
    finally:
        gc.enable()


@given(st.sampled_from(RECORDS), st.integers(0, 2**32))
def test_fields_at_once_are_those_one_by_one(record: str, seed: int) -> None:
    chance = random.Random(seed)
    rule, spans = RULES.records[record], record_spans(TABLE.records_out, record)
    size = max(span.offset + span.width for span in spans)
    data = bytes(chance.choice(b"0123 05 \0A") for _ in range(chance.choice((size, size - 3))))
    form = Form(record, rule, rule.fields, spans, Values(RULES))
    doubts: list[str] = []
    one_by_one: list[str] = []
    assert form.facts(data, doubts) == form._with_doubts(data, one_by_one)
    assert doubts == one_by_one
    for name, group in rule.groups.items():
        reader = GroupReader(record, name, group, spans, Values(RULES))
        found: list[str] = []
        rows = reader.seen(data, True, found).rows
        again: list[str] = []
        pieces = [
            (data[start:end], own) for (start, end), own in zip(reader._places, reader._spans, strict=True)
        ]
        apart = [reader._taken_apart(piece, own, again) for piece, own in pieces]
        assert rows == [row for row in apart if row is not None]
        assert found == again


def outcome(made: Callable[[str], str], text: str) -> str | None:
    """What is made of a text; None where it is refused."""
    try:
        return made(text)
    except ValueError:
        return None


@given(
    st.one_of(
        st.text(alphabet="0123456789", min_size=12, max_size=14),
        st.datetimes().map(lambda at: f"{at.year % 1000:03d}{at:%m%d%H%M%S}"),
        st.sampled_from(["", "1150229080000", "1150302240000", "1150302236000", "20260302080000", "１" * 13]),
    )
)
def test_a_moment_is_what_the_codec_makes_of_it(text: str) -> None:
    assert outcome(moment, text) == outcome(roc_datetime, text)


def test_a_remark_about_many_calls_is_one_and_counts_each_call_once() -> None:
    remarks = Remarks()
    remarks.add("a card is missing", "call 7 (f): odd", "call 9 (f): odd", "call 9 (f): odd")
    copied = remarks.copy()
    remarks.add("call 11 (f): odd")
    assert remarks.told() == ["a card is missing", "call 7 (f): odd (and 2 more)"]
    assert copied.told() == ["a card is missing", "call 7 (f): odd (and 1 more)"]


def test_of_many_remarks_the_rest_is_counted() -> None:
    remarks = Remarks()
    remarks.add(*(f"remark {number}" for number in range(MOST_REMARKS + 2)))
    assert remarks.told()[MOST_REMARKS - 1 :] == [f"remark {MOST_REMARKS - 1}", "... and 2 more like these"]
