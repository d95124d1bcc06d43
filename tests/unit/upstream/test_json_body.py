"""A body in pieces is the same bytes as the whole one, and needs no copy of a long text."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.upstream.json_body import LONG_TEXT, JsonBody
from bridge.upstream.transport import Pieces

COMPACT, SPACED = JsonBody(",", ":"), JsonBody(", ", ": ")
TEXTS = st.text(st.characters(exclude_categories=[]), max_size=20)  # also halves of surrogate pairs
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
LONG = st.builds(
    lambda text, repeat: text * (repeat * (LONG_TEXT // max(1, len(text))) + 3),
    st.text(min_size=1, max_size=7),
    st.integers(1, 2),
)


async def bytes_of(body: bytes | Pieces) -> bytes:
    if isinstance(body, bytes):
        return body
    whole = b"".join([piece async for piece in body.content])
    assert len(whole) == body.length
    return whole


@given(st.dictionaries(TEXTS, VALUES | LONG, max_size=4) | st.dictionaries(TEXTS, TEXTS, max_size=4))
@example({"a": "\ud800"})
@example({"\udfff": "\x7f"})
async def test_both_ways_give_what_json_gives(values: dict[str, Any]) -> None:
    compact = json.dumps(values, separators=(",", ":")).encode()
    assert await bytes_of(COMPACT.of(values)) == compact
    assert await bytes_of(COMPACT.in_pieces(values)) == compact
    assert await bytes_of(SPACED.in_pieces(values)) == json.dumps(values).encode()


async def test_only_a_long_text_makes_pieces() -> None:
    assert isinstance(COMPACT.of({"a": "測" * LONG_TEXT}), bytes)
    assert isinstance(COMPACT.of({"a": "測" * (LONG_TEXT + 1)}), Pieces)


class Lines:
    """A text that is made when it is sent."""

    def pieces(self) -> Iterator[str]:
        return (f'line "{number}" 測\n' for number in range(1000))


async def test_a_text_may_be_made_while_it_is_sent() -> None:
    body = COMPACT.of({"a": 1, "text": Lines(), "z": None})
    assert isinstance(body, Pieces)
    whole = {"a": 1, "text": "".join(Lines().pieces()), "z": None}
    assert await bytes_of(body) == json.dumps(whole, separators=(",", ":")).encode()


async def test_progress_tells_what_has_gone() -> None:
    told: list[int] = []
    body = SPACED.in_pieces({"a": "x" * (3 * LONG_TEXT + 5)}, told.append)
    gone = 0
    async for piece in body.content:
        assert gone == (told[-1] if told else 0)
        gone += len(piece)
    assert told[-1] == body.length
    assert told == sorted(told)
    assert len(told) == 4


async def test_a_body_without_anything_long_is_one_piece_when_it_must_come_in_pieces() -> None:
    assert [piece async for piece in SPACED.in_pieces({}).content] == [b"{}"]
    assert [piece async for piece in SPACED.in_pieces({"a": "b"}).content] == [b'{"a": "b"}']


async def test_a_long_text_is_not_copied() -> None:
    text = "x" * 14_000_000
    tracemalloc.start()
    try:
        body = COMPACT.of({"content": text})
        assert isinstance(body, Pieces)
        async for _ in body.content:
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}])
def test_what_json_does_not_know_is_a_fault_of_ours(value: object) -> None:
    with pytest.raises(TypeError):
        COMPACT.of({"a": value})
