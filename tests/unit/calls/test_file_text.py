"""A file's content as base64: the same text at once or piece by piece, and a long one never held whole."""

from __future__ import annotations

import base64
import tracemalloc

import pytest

from bridge.calls.file_text import PIECE_BYTES, Base64Text, base64_text, count_elements


@pytest.mark.parametrize("length", [0, 1, 2, 3, PIECE_BYTES])
def test_a_short_text_is_there_at_once(length: int) -> None:
    content = bytes(range(256)) * 200
    assert base64_text(content[:length]) == base64.b64encode(content[:length]).decode()


@pytest.mark.parametrize("more", [1, 2, 3, PIECE_BYTES, PIECE_BYTES + 2])
def test_the_pieces_of_a_long_text_are_its_text_each_time(more: int) -> None:
    content = memoryview(b"0123456789" * 20_000)[: PIECE_BYTES + more]
    text = base64_text(content)
    assert isinstance(text, Base64Text)
    for _ in range(2):
        assert "".join(text.pieces()) == base64.b64encode(content).decode()


def test_a_long_text_is_never_held_whole_and_not_shown() -> None:
    content = bytes(10_000_000)
    tracemalloc.start()
    text = base64_text(content)
    assert isinstance(text, Base64Text)
    length = sum(map(len, text.pieces()))
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    assert length == 13_333_336
    assert "AAAA" not in repr(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("<MB2>", 1),
        ("<MB2/><MB2 a='b'></MB2><MB2\n></MB2>", 3),
        ("<MB1></MB1><MB20></MB20><mb2></mb2><AMB2></AMB2>", 0),
        ("<MB2><p3>測試許功蓋&lt;MB2&gt;</p3></MB2>", 1),
    ],
)
@pytest.mark.parametrize("encoding", ["cp950", "utf-8"])
def test_elements_are_counted_by_their_opening_tags(text: str, count: int, encoding: str) -> None:
    assert count_elements(memoryview(text.encode(encoding)), "MB2") == count
