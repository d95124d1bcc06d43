"""Data blocks of several forms: when two blocks of the same shape are read in the same one."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.calls.blocks import SHAPE, read_block, told_by_shape
from bridge.codec.fixed import Layout, layout_width
from bridge.errors import BadArgument
from bridge.table.model.arguments import BlockArgument
from bridge.table.model.layout import kept_layout
from tests.unit.trace.masking.masked_world import TABLE

SEVERAL: list[list[Layout]] = [
    [kept_layout(TABLE.records_in, form, 1) for form in argument.forms]
    for function in TABLE.functions.values()
    for argument in function.arguments
    if isinstance(argument, BlockArgument) and len(argument.forms) > 1
]
OF_A_SHAPE = {ord("0"): b"0159", ord("A"): b"AJZ", ord("a"): b"az"}


def form_of(layouts: list[Layout], data: bytes) -> int | None:
    try:
        return read_block(layouts, data).form
    except BadArgument:
        return None


@st.composite
def blocks(draw: st.DrawFn) -> tuple[list[Layout], bytes]:
    """Forms, and a shape that may be a block in one of them: fields that end in blanks, and codes."""
    layouts = draw(st.sampled_from(SEVERAL))
    bracketed = draw(st.booleans())
    code = st.sampled_from([b"A0000", b"!0000", b"00000", b"     ", b"A000 "])
    codes = b"".join(
        b"[%b  ]" % each if bracketed else each for each in draw(st.lists(code, min_size=6, max_size=6))
    )
    numbers = draw(st.sampled_from([b"0", b" ", b"a"])) * draw(st.integers(0, 50))
    data = b"0" + codes + numbers
    end = draw(
        st.sampled_from([len(data), *(layout_width(each) + more for each in layouts for more in (0, 1, 2))])
    )
    return layouts, data[:end].ljust(end if draw(st.booleans()) else 0) + draw(st.sampled_from([b"", b"\0A"]))


@settings(max_examples=200, deadline=None)
@given(blocks(), st.randoms(use_true_random=False))
def test_blocks_of_the_same_shape_have_the_same_form_where_it_is_said(
    block: tuple[list[Layout], bytes], chance: random.Random
) -> None:
    layouts, shape = block
    assert shape.translate(SHAPE) == shape
    if told_by_shape(layouts, shape):
        others = [bytes(chance.choice(OF_A_SHAPE.get(byte, [byte])) for byte in shape) for _ in range(3)]
        assert {form_of(layouts, each) for each in others} == {form_of(layouts, shape)}


def test_brackets_and_the_exact_length_are_told_by_the_shape() -> None:
    bracketed, plain, *_ = next(each for each in SEVERAL if len(each) == 3)
    for form, layout, code in ((0, bracketed, b"[J069   ]"), (1, plain, b"J069 ")):
        data = (b"1" + code * 6).ljust(layout_width(layout))
        assert form_of([bracketed, plain], data) == form
        assert told_by_shape([bracketed, plain], data)


def test_two_forms_that_would_write_the_same_are_not() -> None:
    """Whether they do is a matter of every character."""
    for layouts in SEVERAL:
        assert form_of(layouts, b"1") is not None
        assert not told_by_shape(layouts, b"1")
