"""Replies are read as Python's json reads them, by whatever way."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.upstream.client import _parsed


def theirs(content: bytes) -> object:
    try:
        return repr(json.loads(content))  # NaN is not equal to itself
    except (ValueError, RecursionError) as error:
        return "refused" if isinstance(error, ValueError) else "too deep"


def ours(content: bytes) -> object:
    try:
        return repr(_parsed(content))
    except (ValueError, RecursionError) as error:
        return "refused" if isinstance(error, ValueError) else "too deep"


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":1,"a":2}', b'{"a":NaN,"b":-Infinity}', b'{"a":1e400}', b'{"a":100000000000000000000}',
        b"\xef\xbb\xbf{}",
        b'{"a":"\\ud800"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\xff"}', b' {"a":1}\n', b'{"a":1}x', b"",
        b"\x00",
        '{"a":"測"}'.encode("utf-16"), '{"a":"測"}'.encode("utf-16-le"),
        '{"a":"測"}'.encode("utf-32"),
        '{"a":"測"}'.encode("cp950"), b'{"a":01}', b'{"a":"\x01"}',
        b"[" * 100_000, b'{"a":' + b"9" * 5000 + b"}",
    ],
    ids=lambda content: repr(content[:20]),
)  # fmt: skip
def test_odd_content(content: bytes) -> None:
    assert ours(content) == theirs(content)


@given(st.binary(max_size=12) | st.text(max_size=12).map(str.encode))
def test_any_content(content: bytes) -> None:
    whole = b'{"a":' + content + b"}"
    assert ours(whole) == theirs(whole)
