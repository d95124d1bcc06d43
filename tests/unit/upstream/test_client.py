"""What a reply may look like, and what becomes of one that may not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from bridge.config import CloudSettings
from bridge.errors import BadReply, HttpFault, StatusError
from bridge.upstream.client import HttpUpstream
from bridge.upstream.httpx_transport import HttpxTransport
from bridge.upstream.transport import MOST_REPLY_BYTES


@asynccontextmanager
async def answering(
    respond: Callable[[httpx.Request], httpx.Response], name: str = "cloud"
) -> AsyncIterator[HttpUpstream]:
    upstream = HttpUpstream(
        name, CloudSettings(), HttpxTransport(name, CloudSettings(), httpx.MockTransport(respond))
    )
    try:
        yield upstream
    finally:
        await upstream.aclose()


async def test_a_request_is_json_and_its_answer_an_object() -> None:
    seen: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"statusCode": 0, "name": "測堃喆"})

    async with answering(respond) as cloud:
        reply = await cloud.request("POST", "/api/v1/BasicData/Query", {"hcIdNo": "Z299999929"})
    assert reply == {"statusCode": 0, "name": "測堃喆"}
    assert (seen[0].method, seen[0].url.path) == ("POST", "/api/v1/BasicData/Query")
    assert seen[0].headers["content-type"] == "application/json"
    assert json.loads(seen[0].content) == {"hcIdNo": "Z299999929"}


@pytest.mark.parametrize(
    ("body", "content", "media_type"), [(None, b"", None), ({}, b"{}", "application/json")]
)
async def test_no_body_differs_from_an_empty_one(
    body: dict[str, Any] | None, content: bytes, media_type: str | None
) -> None:
    seen: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"statusCode": 0})

    async with answering(respond) as cloud:
        await cloud.request("POST", "/x", body)
    assert (seen[0].content, seen[0].headers.get("content-type")) == (content, media_type)


@pytest.mark.parametrize(
    ("http_status", "status"),
    [
        (400, "cloud-http-4xx"),
        (401, "cloud-http-4xx"),
        (404, "cloud-http-4xx"),
        (500, "cloud-http-5xx"),
        (502, "cloud-http-5xx"),
        (503, "cloud-http-5xx"),
        (201, "cloud-http-5xx"),
        (204, "cloud-http-5xx"),
        (302, "cloud-http-4xx"),
    ],
)
async def test_any_http_status_but_200_is_a_failure(http_status: int, status: str) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        location = {"location": "https://elsewhere.example/"} if http_status == 302 else {}
        return httpx.Response(http_status, json={"statusCode": 0}, headers=location)

    async with answering(respond) as cloud:
        with pytest.raises(HttpFault) as caught:
            await cloud.request("POST", "/x", {})
    assert (caught.value.status, caught.value.http_status) == (status, http_status)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Bad gateway</html>",
        b'{"statusCode": 0',
        b"\xff\xfe\x00",
        '{"statusCode": 0, "name": "測"}'.encode("cp950"),
        b"[" * 100_000,
        b'{"statusCode": ' + b"9" * 5000 + b"}",
    ],
    ids=["empty", "html", "broken off", "no text", "big5", "too deep", "huge number"],
)
async def test_what_is_no_json_is_a_bad_reply(content: bytes) -> None:
    async with answering(lambda request: httpx.Response(200, content=content)) as cloud:
        with pytest.raises(BadReply) as caught:
            await cloud.request("POST", "/x", {})
    assert (caught.value.status, caught.value.sent) == ("bad-json", True)


@pytest.mark.parametrize("reply", [[], [{"statusCode": 0}], "0", 0, None, True])
async def test_json_that_is_no_object_is_a_bad_reply(reply: object) -> None:
    async with answering(lambda request: httpx.Response(200, content=json.dumps(reply))) as cloud:
        with pytest.raises(BadReply, match="not a JSON object"):
            await cloud.request("POST", "/x", {})


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"statusCode": None},
        {"statusCode": "0"},
        {"statusCode": False},
        {"statusCode": 0.0},
        {"statuscode": 0},
    ],
    ids=json.dumps,
)
async def test_an_object_without_a_numeric_status_is_never_success(reply: dict[str, object]) -> None:
    async with answering(lambda request: httpx.Response(200, json=reply)) as cloud:
        with pytest.raises(BadReply, match="no numeric statusCode"):
            await cloud.request("POST", "/x", {})


@pytest.mark.parametrize("name", ["console", "cloud"])
@pytest.mark.parametrize("status", [1, -1, 1102, 3245, 2**40])
async def test_another_status_than_0_is_the_upstreams_verdict(name: str, status: int) -> None:
    respond = httpx.Response(200, json={"statusCode": status, "name": "測試十"})
    async with answering(lambda request: respond, name) as upstream:
        with pytest.raises(StatusError) as caught:
            await upstream.request("POST", "/x", {})
    assert (caught.value.source, caught.value.status, caught.value.number) == (name, str(status), status)
    assert "測試十" not in str(caught.value)


async def test_an_answer_beyond_all_measure_is_refused() -> None:
    content = b'{"statusCode": 0, "x": "' + b"x" * MOST_REPLY_BYTES + b'"}'
    async with answering(lambda request: httpx.Response(200, content=content)) as cloud:
        with pytest.raises(BadReply, match="bytes"):
            await cloud.request("POST", "/x", {})
