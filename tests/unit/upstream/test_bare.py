"""Answers without a status of their own."""

from __future__ import annotations

import pytest

from bridge.errors import BadReply, HttpFault, StatusError
from bridge.upstream.bare import BareAnswers
from bridge.upstream.transport import MOST_REPLY_BYTES, Answer, Request


class Way:
    """A transport that gives one answer."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.sent: list[Request] = []

    async def send(self, request: Request) -> Answer:
        self.sent.append(request)
        return self._answer

    async def aclose(self) -> None:
        pass


def bare(status: int, body: bytes) -> BareAnswers:
    return BareAnswers("console", Way(Answer(status, body)), 5.0)


async def test_a_list() -> None:
    way = Way(Answer(200, b'[{"url": "/a"}, 7]'))
    assert await BareAnswers("console", way, 5.0).listed("GET", "/r?skip=0") == [{"url": "/a"}, 7]
    assert way.sent == [Request("GET", "/r?skip=0", None, 5.0)]


@pytest.mark.parametrize("body", [b"{}", b"", b"null", b'"x"', b'{"statusCode": 0}'])
async def test_what_is_no_list(body: bytes) -> None:
    with pytest.raises(BadReply, match="not a JSON list"):
        await bare(200, body).listed("GET", "/r")


@pytest.mark.parametrize(
    ("status", "body"), [(200, b""), (204, b""), (200, b" "), (200, b'{"statusCode": 0}')]
)
async def test_something_is_done(status: int, body: bytes) -> None:
    await bare(status, body).done("DELETE", "/r")


async def test_an_object_in_its_place_says_why_not() -> None:
    for ask in ("listed", "done"):
        with pytest.raises(StatusError) as refused:
            await getattr(bare(200, b'{"statusCode": 1704}'), ask)("GET", "/r")
        assert (refused.value.source, refused.value.number) == ("console", 1704)


@pytest.mark.parametrize(
    "body", [b"<html>", b"[", b'{"statusCode": "0"}', b'{"statusCode": true}', b"[" * 100_000]
)
async def test_nonsense_is_never_success(body: bytes) -> None:
    for ask in ("listed", "done"):
        with pytest.raises(BadReply):
            await getattr(bare(200, body), ask)("GET", "/r")


@pytest.mark.parametrize("status", [201, 302, 404, 500])
async def test_another_http_status(status: int) -> None:
    with pytest.raises(HttpFault):
        await bare(status, b"[]").listed("GET", "/r")


async def test_an_answer_beyond_all_measure() -> None:
    with pytest.raises(BadReply, match="bytes"):
        await bare(200, b" " * (MOST_REPLY_BYTES + 1)).done("DELETE", "/r")
