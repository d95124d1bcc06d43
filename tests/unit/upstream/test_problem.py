"""What is told of a refusal by HTTP."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import HttpFault
from bridge.upstream.problem import LONGEST, MOST_FIELDS, blamed_fields
from tests.unit.upstream.test_client import answering

PERSON = "Z299999929"


def problem(errors: Any) -> bytes:
    """As ASP.NET Core words it."""
    title = "One or more validation errors occurred."
    about = {"type": "https://tools.ietf.org/html/rfc7231#section-6.5.1", "title": title, "status": 400}
    return json.dumps({**about, "traceId": "00-4bf92f35-00f0-00", "errors": errors}).encode()


@pytest.mark.parametrize(
    ("errors", "fields"),
    [
        ({"token": ["The token field is required."]}, ("token",)),
        ({"$.orders[12].days": [f"The JSON value {PERSON} could not be converted."]}, ("$.orders[12].days",)),
        ({"Token": ["a"], "birthday": ["b"]}, ("Token", "birthday")),
        ({PERSON: ["is not valid"], "測試十": ["a"], "a b": ["c"], "": ["d"], "x\x1b[2J": ["e"]}, ()),
        ({"a" * 42: []}, ()),
        ({letter: [] for letter in "abcdefghijklmnop"}, tuple("abcdefghij")),
        ([{"code": "x"}], ()),
        (None, ()),
    ],
)  # fmt: skip
def test_the_names_of_fields_are_told_and_no_value(errors: Any, fields: tuple[str, ...]) -> None:
    assert blamed_fields(problem(errors)) == fields
    assert blamed_fields(b"\xef\xbb\xbf" + problem(errors)) == fields
    assert len(fields) <= MOST_FIELDS
    if isinstance(errors, dict):  # as before ASP.NET Core 2.2
        assert blamed_fields(json.dumps(errors).encode()) == fields


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"[" * 9000,
        b"\xff\xfe\xff",
        b'{"errors',
        b'{"statusCode": 1}',
        b'{"errors": {"token": "x"}}',
        b'{"errors": null}',
    ],
)
def test_another_answer_says_nothing(body: bytes) -> None:
    assert blamed_fields(body) == ()


def test_a_long_one_is_not_read() -> None:
    body = problem({"token": []})
    assert blamed_fields(body.ljust(LONGEST)) == ("token",)
    assert blamed_fields(body.ljust(LONGEST + 1)) == ()


@given(st.dictionaries(st.text(), st.lists(st.text()), max_size=4))
def test_law_nothing_of_a_person_is_told(errors: dict[str, list[str]]) -> None:
    told = " ".join(blamed_fields(problem({**errors, PERSON: [PERSON], f"x.{PERSON}": []})))
    assert told.isascii()
    assert told.isprintable()
    assert PERSON not in told


async def test_the_fault_names_them() -> None:
    async with answering(lambda _: httpx.Response(400, content=problem({"token": ["is required"]}))) as cloud:
        with pytest.raises(HttpFault, match=r"^cloud: HTTP 400: it finds fault with token$") as caught:
            await cloud.request("POST", "/api/v1/BasicData/Query", {})
    assert caught.value.refused
    async with answering(lambda _: httpx.Response(404)) as cloud:
        with pytest.raises(HttpFault, match=r"^cloud: HTTP 404$"):
            await cloud.request("GET", "/nowhere")
