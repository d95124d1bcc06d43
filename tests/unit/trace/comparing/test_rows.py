"""Rows of a group are matched wherever they stand."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from bridge.table.loader import default_table
from bridge.trace.comparing.fields import kind_of
from bridge.trace.comparing.records import blocks
from bridge.trace.comparing.rows import match_rows
from bridge.trace.comparing.rules import default_rules
from bridge.trace.records import Span, record_spans

TABLE = default_table()
(BLOCK,) = blocks(record_spans(TABLE.records_out, "vaccinations"))
RULE = default_rules().rows_of["vaccinations", "vaccinations"]
ABSENT = b" " * BLOCK.width


def row(date: str, vaccine: str = "FLU", batch: str = "A1") -> bytes:
    return f"{vaccine:6}{date}3501200000{batch:12}".encode()


THREE = [row("1130101"), row("1120101"), row("1110101", "BCG")]


def same(span: Span, old: bytes, new: bytes) -> bool:
    return kind_of(old, new) is None


def test_every_order_of_the_old_rows_finds_its_partners() -> None:
    for order in permutations(range(3)):
        matched = match_rows([THREE[i] for i in order], THREE, BLOCK.spans, RULE, same)
        assert all(THREE[order[i]] == THREE[j] for i, j in matched.pairs)
        assert (matched.missing, matched.extra) == ((), ())
        assert matched.newest_first
        assert matched.reordered == (order != (0, 1, 2))


def test_new_rows_that_are_not_sorted_are_told() -> None:
    matched = match_rows(THREE, [THREE[2], THREE[0], THREE[1]], BLOCK.spans, RULE, same)
    assert matched.reordered
    assert not matched.newest_first


def test_a_changed_row_finds_its_partner_and_a_strange_one_does_not() -> None:
    changed, strange = row("1120101", batch="B9"), b"MMR   09901017777777777ZZZ         "
    matched = match_rows(THREE, [strange, THREE[0], changed], BLOCK.spans, RULE, same)
    assert matched.pairs == ((0, 1), (1, 2))
    assert (matched.missing, matched.extra) == ((2,), (0,))


def test_absent_rows_are_compared_with_each_other() -> None:
    zeros = b"0" * BLOCK.width
    matched = match_rows([THREE[0], ABSENT, ABSENT], [zeros, THREE[0], zeros], BLOCK.spans, RULE, same)
    assert matched.pairs == ((0, 1), (1, 0), (2, 2))


def test_without_a_rule_places_count() -> None:
    matched = match_rows(THREE, [*THREE[:2], row("1000101")], BLOCK.spans, None, same)
    assert matched.pairs == ((0, 0), (1, 1), (2, 2))
    turned = match_rows(THREE, THREE[::-1], BLOCK.spans, None, same)
    assert turned.reordered
    assert not turned.newest_first


@given(st.lists(st.sampled_from([*THREE, ABSENT]), max_size=6), st.randoms())
def test_the_same_rows_in_any_order_leave_nothing_over(rows: list[bytes], random: st.DataObject) -> None:
    turned = list(rows)
    random.shuffle(turned)  # type: ignore[attr-defined]
    matched = match_rows(rows, turned, BLOCK.spans, RULE, same)
    assert (matched.missing, matched.extra) == ((), ())
    assert all(rows[i] == turned[j] for i, j in matched.pairs)
    assert len(matched.pairs) == len(rows)
