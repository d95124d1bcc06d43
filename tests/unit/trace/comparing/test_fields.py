"""Two records of one layout, field by field: what differs, and what kind of difference it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.table.loader import default_table
from bridge.trace.comparing.fields import compare_fields, kind_of
from bridge.trace.records import Span, record_spans

RECORDS = default_table().records_out
NAMES = sorted(RECORDS)
BASIC = record_spans(RECORDS, "basic_data")
DEMO = b"".join(
    (
        b"000073898381",
        "測試十".encode("cp950").ljust(20),
        b"Z299999929",
        b"0920315",
        b"F",
        b"1050217",
        b"1",
        b"0212345678    ",
    )
)


def kinds(old: bytes, new: bytes, spans: tuple[Span, ...] = BASIC) -> dict[str, str]:
    return {spans[d.index].name: d.kind for d in compare_fields(spans, old, new)}


@given(st.sampled_from(NAMES).flatmap(lambda name: st.tuples(st.just(name), st.binary(max_size=400))))
def test_a_record_is_the_same_as_itself(case: tuple[str, bytes]) -> None:
    name, data = case
    assert compare_fields(record_spans(RECORDS, name), data, data) == []


@given(st.data())
def test_two_fields_that_change_places_are_always_found(data: st.DataObject) -> None:
    spans = record_spans(RECORDS, data.draw(st.sampled_from(NAMES)))
    width = spans[-1].offset + spans[-1].width
    record = data.draw(st.binary(min_size=width, max_size=width))
    first = data.draw(st.sampled_from(spans))
    second = data.draw(st.sampled_from([s for s in spans if s.width == first.width]))
    changed = bytearray(record)
    changed[first.offset : first.offset + first.width] = second.of(record)
    changed[second.offset : second.offset + second.width] = first.of(record)
    found = {spans[d.index].path for d in compare_fields(spans, record, bytes(changed))}
    differing = {s.path for s in spans if s.of(record) != s.of(bytes(changed))}
    assert found == differing
    assert (first.of(record) == second.of(record)) == (not found)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (b"00000050", b"00000050", None),
        (b"        ", b"00000000", "blanks_zeros"),
        (b"00000000", b"\0\0\0\0\0\0\0\0", "blanks_zeros"),
        (b"\0\0\0\0", b"    ", "nul_blank"),
        (b"AB\0\0", b"AB  ", "nul_blank"),
        (b"  AB", b"AB  ", "padding"),
        (b"50      ", b"00000050", "padding"),
        (b"00000050", b"00000005", "value"),
        (b"F", b"M", "value"),
        ("王\ufffd".encode("cp950", "replace"), "王□".encode("cp950"), "placeholder"),
        ("王".encode("cp950") + b"\xfa\x40", "王□".encode("cp950"), "placeholder"),
        ("王明".encode("cp950"), "王□".encode("cp950"), "value"),  # a character that the code page has
        ("王\ufffd".encode("cp950", "replace"), "李□".encode("cp950"), "value"),
    ],
)
def test_kinds(old: bytes, new: bytes, kind: str | None) -> None:
    assert kind_of(old, new) == kind


def test_fields_in_each_others_place() -> None:
    swapped = DEMO[:42] + DEMO[50:57] + DEMO[49:50] + DEMO[42:49] + DEMO[57:]
    assert kinds(DEMO, swapped) == {"birthday": "field_order", "issue_date": "field_order"}


def test_short_fields_in_each_others_place() -> None:
    swapped = DEMO[:49] + DEMO[57:58] + DEMO[50:57] + DEMO[49:50] + DEMO[58:]
    assert kinds(DEMO, swapped) == {"sex": "field_order", "cancel_mark": "field_order"}


def test_a_shift_is_told_with_its_distance() -> None:
    shifted = DEMO[:12] + b" " + DEMO[12:-1]
    found = compare_fields(BASIC, DEMO, shifted)
    (id_no,) = (d for d in found if BASIC[d.index].name == "id_no")
    assert (id_no.kind, id_no.detail) == ("moved", "found +1 bytes from its place")


def test_a_record_that_ends_early_has_no_false_fields() -> None:
    assert compare_fields(BASIC, DEMO, DEMO[:45]) == []
