"""The walk over a record: included records in place, groups with their repetitions, offsets that add up."""

from __future__ import annotations

import pytest

from bridge.codec.fixed import Filler, Group, layout_width
from bridge.table.model.layout import build_layout, places, record_fields, walk
from bridge.table.model.records import RecordSpec

RECORDS = {
    "code": RecordSpec.model_validate(
        {
            "width": 5,
            "title": "碼",
            "provenance": "test",
            "layout": [{"literal": "["}, {"name": "code", "width": 3}, {"literal": "]"}],
        }
    ),
    "visit": RecordSpec.model_validate(
        {
            "width": 17,
            "title": "就醫",
            "provenance": "test",
            "layout": [
                {"include": "code"},
                {"filler": 2},
                {
                    "group": "fees",
                    "repeat": 2,
                    "fields": [{"name": "fee", "width": 4, "type": "number"}, {"filler": 1}],
                },
            ],
        }
    ),
    "lines": RecordSpec.model_validate(
        {
            "width": 2,
            "title": "列",
            "provenance": "test",
            "layout": [
                {"group": "lines", "repeat": "n", "most": 9, "fields": [{"name": "line", "width": 2}]}
            ],
        }
    ),
}
VISIT = RECORDS["visit"]


def test_included_parts_stand_in_place_and_a_group_is_one_part() -> None:
    assert [part.width for part in walk(VISIT, RECORDS)] == [1, 3, 1, 2, 5]


def test_every_part_stands_behind_the_one_before() -> None:
    end = 0
    for place in places(VISIT, RECORDS):
        assert place.offset == end
        end += place.item.width
    assert end == VISIT.width


def test_a_repetition_says_which_of_how_many_it_is() -> None:
    repeated = [place for place in places(VISIT, RECORDS) if place.group is not None]
    assert [(p.index, p.count, p.offset) for p in repeated] == [(0, 2, 7), (0, 2, 11), (1, 2, 12), (1, 2, 16)]


def test_the_callers_count_rules_a_group_without_one() -> None:
    assert [place.offset for place in places(RECORDS["lines"], RECORDS, 3)] == [0, 2, 4]


def test_a_range_rules_a_group_of_fixed_size_too() -> None:
    assert sum(place.group is not None for place in places(VISIT, RECORDS, 1, ranged=True)) == 2
    assert sum(place.group is not None for place in places(VISIT, RECORDS, 1)) == 4


def test_fields_come_once_with_their_group() -> None:
    assert [(group, field.name) for group, field in record_fields(VISIT, RECORDS)] == [
        ("", "code"),
        ("fees", "fee"),
    ]


def test_the_layout_of_the_codec_has_the_same_parts() -> None:
    layout = build_layout(VISIT, RECORDS)
    assert layout_width(layout) == VISIT.width
    assert layout[0] == Filler(b"[")
    assert isinstance(layout[-1], Group)
    assert layout[-1].count == 2


def test_an_included_record_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        list(walk(VISIT, {"visit": VISIT}))
