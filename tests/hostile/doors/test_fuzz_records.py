"""Every record of the table against any bytes and texts: exactly its width, or the error that is meant."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.calls.blocks import read_block
from bridge.codec.fixed import Field, Group, Layout, layout_width, pack, unpack
from bridge.errors import BadArgument
from bridge.rest.bodies import read_body
from bridge.table.loader import default_table
from bridge.table.model.layout import build_layout
from tests.hostile.doors.junk import WORDS

TABLE = default_table()
FACTOR = int(os.environ.get("FUZZ_FACTOR", "1"))
OFTEN = settings(
    max_examples=40 * FACTOR, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
RECORDS = [("in", name) for name in TABLE.records_in] + [("out", name) for name in TABLE.records_out]


def layout_of(side: str, name: str) -> Layout:
    specs = TABLE.records_in if side == "in" else TABLE.records_out
    return build_layout(specs[name], specs, 1)


def texts(kind: str, width: int) -> st.SearchStrategy[str]:
    """Texts for a field: of its width, of other widths, of its kind and of none."""
    digits = st.text("0123456789", max_size=width + 1)
    dates = st.sampled_from(["", "0920315", "1120229", "1130229", "0920315093000"])
    return st.one_of(st.sampled_from(WORDS), st.text(max_size=width + 2), digits, dates, st.just("A" * width))


def values_of(layout: Layout) -> st.SearchStrategy[dict[str, Any]]:
    parts: dict[str, st.SearchStrategy[Any]] = {}
    for part in layout:
        if isinstance(part, Field):
            parts[part.name] = texts(part.type, part.width)
        elif isinstance(part, Group):
            row = {f.name: texts(f.type, f.width) for f in part.fields if isinstance(f, Field)}
            parts[part.name] = st.lists(st.fixed_dictionaries({}, optional=row), max_size=part.count + 1)
    return st.fixed_dictionaries({}, optional=parts)


@pytest.mark.parametrize(("side", "name"), RECORDS)
def test_any_texts_are_packed_to_the_exact_width(side: str, name: str) -> None:
    layout = layout_of(side, name)

    @OFTEN
    @given(values_of(layout))
    def pack_it(values: dict[str, Any]) -> None:
        try:
            packed = pack(layout, values)
        except ValueError:
            return
        assert len(packed.data) == layout_width(layout)

    pack_it()


@pytest.mark.parametrize(("side", "name"), RECORDS)
def test_any_bytes_are_taken_apart_or_refused(side: str, name: str) -> None:
    layout = layout_of(side, name)
    width = layout_width(layout)
    usual = st.binary(min_size=width, max_size=width)
    plain = st.text(" 0123456789AZ.[]", min_size=width, max_size=width).map(str.encode)

    @OFTEN
    @given(st.one_of(usual, plain, st.binary(max_size=width + 3)))
    def unpack_it(data: bytes) -> None:
        for read in (unpack, lambda layout, data: read_block([layout], data)):
            try:
                read(layout, data)
            except BadArgument:
                continue

    unpack_it()


@OFTEN
@given(
    st.one_of(st.binary(max_size=60), st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace"))),
    st.sampled_from(
        [
            "",
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            ";",
            "\0",
        ]
    ),
)
def test_any_body(body: bytes, content_type: str) -> None:
    try:
        found = read_body(body, content_type)
    except BadArgument:
        return
    assert all(name == name.lower() for name in found)
