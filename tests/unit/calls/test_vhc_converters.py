"""The converters of the virtual-card rows: codes that must not be cut, replies as they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge.calls.call import VHC, LegacyCall
from bridge.calls.converters import REPLY_CONVERTERS, ReplyContext
from bridge.table.loader import default_table

CONTEXT = ReplyContext(LegacyCall("", {}, VHC), default_table().console)


@pytest.mark.parametrize("text", ["x", "AA==.Aa==", "b3BlbiBzZXNhbWU_-~!", "A" * 4096])
def test_a_token_passes_as_it_is(text: str) -> None:
    assert REPLY_CONVERTERS["token"](text, CONTEXT) == text


@pytest.mark.parametrize("value", ["", " ", "a b", "a\n", "\u3000", "é", "A" * 4097, None, [], True])
def test_what_is_no_token_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="expected"):
        REPLY_CONVERTERS["token"](value, CONTEXT)


@pytest.mark.parametrize("value", [{"name": "堃", "cards": [1, None, True]}, {}, [], "text"])
def test_a_reply_as_json_is_ascii_and_loses_nothing(value: Any) -> None:
    text = REPLY_CONVERTERS["json_text"](value, CONTEXT)
    assert text.isascii()
    assert json.loads(text) == value
