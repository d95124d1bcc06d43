"""Names of files and folders as one line of text."""

from __future__ import annotations

import os

import pytest

from bridge.trace.named import readable


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"ward-1", "ward-1"),
        ("內科診間".encode(), "內科診間"),
        ("功能室".encode("cp950"), "功能室"),  # its first character ends with a backslash
        (b"\xff\xfe", r"\udcff\udcfe"),
        (b"a\nb\x1b[31m", r"a\u000ab\u001b[31m"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="names are UTF-16 there")
def test_a_name_is_a_line_of_text(name: bytes, text: str) -> None:
    assert readable(os.fsdecode(name)) == text


def test_half_a_character_is_a_number() -> None:
    assert readable("a\ud83d") == r"a\ud83d"
