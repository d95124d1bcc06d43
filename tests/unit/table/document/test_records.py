"""The documentation draws records with the offsets at which the codec packs them."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from bridge.table.document.records import DIRECTIONS, Part, record_parts
from bridge.table.loader import default_table
from bridge.table.model.arguments import ArgumentSpec
from bridge.table.model.records import RecordSpec

TABLE = default_table()
RECORDS = [("out", name) for name in TABLE.records_out] + [("in", name) for name in TABLE.records_in]


def test_a_group_follows_with_offsets_inside_one_repetition() -> None:
    record = RecordSpec.model_validate(
        {
            "width": 11,
            "title": "t",
            "provenance": "made for this test",
            "layout": [
                {"name": "first", "width": 2},
                {"literal": "["},
                {"group": "rows", "repeat": 2, "fields": [{"filler": 1}, {"name": "a", "width": 3}]},
            ],
        }
    )
    assert record_parts(record, {}) == (
        Part(0, 2, "first", "text", ""),
        Part(2, 1, "", "always [", ""),
        Part(3, 4, "rows", "group, 2 times", ""),
        Part(0, 1, "", "blank", "", inside=True),
        Part(1, 3, "a", "text", "", inside=True),
    )


@pytest.mark.parametrize(("direction", "name"), RECORDS)
def test_the_parts_of_every_record_follow_each_other_and_fill_it(direction: str, name: str) -> None:
    records = TABLE.records_out if direction == "out" else TABLE.records_in
    end = 0
    inner = 0
    for part in record_parts(records[name], records):
        if part.inside:
            assert part.offset == inner
            inner += part.width
            continue
        assert part.offset == end
        inner = 0
        times = part.kind.removeprefix("group, ").split(" ")[0]
        end += part.width * (int(times) if part.kind.startswith("group") and times.isdecimal() else 1)
    assert end == records[name].width


def test_every_kind_of_argument_has_a_direction() -> None:
    specs: tuple[Any, ...] = get_args(get_args(ArgumentSpec)[0])
    kinds = {get_args(spec.model_fields["kind"].annotation)[0] for spec in specs}
    assert len(kinds) > 5
    assert set(DIRECTIONS) == kinds
