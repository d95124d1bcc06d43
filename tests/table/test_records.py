"""Every record has the documented width and sensible fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from bridge.codec.fixed import Field, Filler, Group, layout_width
from bridge.table.loader import SHARED_RECORDS, default_directory, default_table, strict_yaml
from bridge.table.model.arguments import BlockArgument, RecordArgument
from bridge.table.model.layout import build_layout
from bridge.table.model.records import GroupSpec, IncludeSpec, RecordSpec
from tests.table.official import MOST_BYTES, RECORD_WIDTHS_IN, RECORD_WIDTHS_OUT

TABLE = default_table()
RECORDS = [("out", name, record) for name, record in TABLE.records_out.items()]
RECORDS += [("in", name, record) for name, record in TABLE.records_in.items()]
EACH_RECORD = pytest.mark.parametrize(
    ("direction", "name", "record"), RECORDS, ids=[f"{direction}-{name}" for direction, name, _ in RECORDS]
)


@EACH_RECORD
def test_a_record_has_the_width_of_the_manual(direction: str, name: str, record: RecordSpec) -> None:
    widths = RECORD_WIDTHS_OUT if direction == "out" else RECORD_WIDTHS_IN
    records = TABLE.records_out if direction == "out" else TABLE.records_in
    assert record.width == widths[name]
    assert layout_width(build_layout(record, records)) == widths[name]
    assert record.most_bytes == MOST_BYTES.get(name, widths[name])


def test_no_documented_record_is_missing() -> None:
    assert set(RECORD_WIDTHS_OUT) <= set(TABLE.records_out)
    assert set(RECORD_WIDTHS_IN) - {"allergic_drug"} <= set(TABLE.records_in)


@EACH_RECORD
def test_types_fit_their_widths(direction: str, name: str, record: RecordSpec) -> None:
    records = TABLE.records_out if direction == "out" else TABLE.records_in
    for field in _fields(build_layout(record, records)):
        if field.type == "date":
            assert field.width == 7, field.name
        if field.type == "datetime":
            assert field.width == 13, field.name
        if field.type == "quantity":
            assert field.width == 7, field.name
        if field.name.endswith(("fee", "copay")) or "copay" in field.name:
            assert field.type == "number", field.name


def test_a_shared_record_has_several_functions_or_is_one_of_several_forms() -> None:
    """A record of one function stands with it, where its widths and its JSON names are one line."""
    written = strict_yaml((default_directory() / SHARED_RECORDS).read_text(encoding="utf-8"))
    shared = {(direction, name) for direction in written for name in written[direction]}
    used: Counter[tuple[str, str]] = Counter()
    for row in TABLE.functions.values():
        for argument in row.arguments:
            if isinstance(argument, RecordArgument):
                forms = ("out", [argument.record, *([argument.bracketed] if argument.bracketed else [])])
            elif isinstance(argument, BlockArgument):
                forms = ("in", list(argument.forms))
            else:
                continue
            several = len(forms[1]) > 1
            used.update({(forms[0], name): 1 + several for name in forms[1]})
    for direction, _, record in RECORDS:
        used.update((direction, item.include) for item in record.layout if isinstance(item, IncludeSpec))
    assert {key for key, times in used.items() if times > 1} == shared


def _fields(parts: Iterable[Field | Filler | Group]) -> list[Field]:
    made: list[Field] = []
    for part in parts:
        if isinstance(part, Group):
            made += _fields(part.fields)
        elif isinstance(part, Field):
            made.append(part)
    return made


@EACH_RECORD
def test_a_record_says_where_it_comes_from_and_what_its_fields_are_called(
    direction: str, name: str, record: RecordSpec
) -> None:
    assert record.title.strip()
    assert record.provenance.strip()
    for item in record.layout:
        inner = item.fields if isinstance(item, GroupSpec) else (item,)
        for field in inner:
            if hasattr(field, "term") and not isinstance(item, IncludeSpec):
                assert field.term.strip(), field
