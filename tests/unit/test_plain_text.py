"""What others wrote, on a screen or in a log: it steers no terminal and passes for no line of ours."""

from __future__ import annotations

import json

import pytest

from bridge.plain_text import one_entry, plain

STEERING = ("\x1b[2J", "\x9b2J", "\r", "\x07", "\x08", "\x00", "\x7f", "\u202e", "\u2066", "\u200f", "\u061c",
            "\u200b", "\ufeff", "\u2028", "\u0085", "\U000e0041", "\ud800")  # fmt: skip


@pytest.mark.parametrize("steering", STEERING, ids=ascii)
def test_what_steers_is_written_out(steering: str) -> None:
    shown = plain(f"甲{steering}乙")
    assert shown.startswith("甲\\u")
    assert shown.endswith("乙")
    assert steering not in shown
    assert json.loads(f'"{shown}"') == f"甲{steering}乙"  # the form of JSON, and the same in it


@pytest.mark.parametrize(
    "text", ["plain", "測試十", "two\nlines", "a\ttab", "\ue000 \U000f0000", "堃😀é", "", "\\x"]
)
def test_what_can_be_seen_stays(text: str) -> None:
    assert plain(text) == text


def test_ends_of_lines() -> None:
    assert plain("a\r\nb\rc\n") == "a\nb\\u000dc\n"
    assert one_entry("a\n2026-01-01 INFO forged\r\nb") == "a\n    2026-01-01 INFO forged\n    b"
