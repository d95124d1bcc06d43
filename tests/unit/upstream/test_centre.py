"""What the upload centre may answer, and what becomes of an answer that it may not give."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from bridge.config import CentreSettings
from bridge.errors import BadReply, Dropped, HttpFault, StatusError, TimedOut, UpstreamError
from bridge.upstream.centre import UploadCentre
from bridge.upstream.httpx_transport import HttpxTransport


@asynccontextmanager
async def answering(response: httpx.Response | Exception) -> AsyncIterator[UploadCentre]:
    def respond(request: httpx.Request) -> httpx.Response:
        if isinstance(response, Exception):
            raise response
        response.request = request
        return response

    centre = UploadCentre(
        CentreSettings(), HttpxTransport("centre", CentreSettings(), httpx.MockTransport(respond))
    )
    try:
        yield centre
    finally:
        await centre.aclose()


async def test_the_services_name_stands_behind_the_official_address() -> None:
    response = httpx.Response(200, json={"RtnCode": "0000", "Opcode": "1"})
    async with answering(response) as centre:
        await centre.request("POST", "/VNHI_Upload", {})
    assert str(response.request.url) == "https://medvpndti.nhi.gov.tw/V2000/VNHI_Upload"


@pytest.mark.parametrize(
    "reply",
    [
        {"RtnCode": "0000", "Opcode": "1"},
        {"rtnCode": "0000", "opCode": "1"},
        {"RTNCODE": " 0000 ", "opcode": "1"},
    ],
    ids=json.dumps,
)
async def test_names_come_back_in_small_letters(reply: dict[str, Any]) -> None:
    async with answering(httpx.Response(200, json=reply)) as centre:
        assert (await centre.request("POST", "/VNHI_Upload", {}))["opcode"] == "1"


@pytest.mark.parametrize(
    ("code", "number"), [("9002", 9002), ("0", 0), ("00000", 0), ("5002", 5002), ("E1", None)]
)
async def test_any_code_but_0000_is_the_centres_verdict(code: str, number: int | None) -> None:
    async with answering(httpx.Response(200, json={"RtnCode": code, "Opcode": "1"})) as centre:
        with pytest.raises(StatusError) as caught:
            await centre.request("POST", "/VNHI_Upload", {})
    assert (caught.value.source, caught.value.status, caught.value.number) == ("vpn", code, number)


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"RtnCode": ""},
        {"RtnCode": None},
        {"RtnCode": 0},
        {"RtnCode": False},
        {"statusCode": 0},
        {"RtnCode": "0000", "rtncode": "9002"},
        {"RtnCode": "0000", "Opcode": "1", "opCode": "2"},
        ["0000"],
        "0000",
    ],
    ids=json.dumps,
)
async def test_an_answer_without_one_clear_code_is_never_success(reply: object) -> None:
    async with answering(httpx.Response(200, content=json.dumps(reply))) as centre:
        with pytest.raises(BadReply) as caught:
            await centre.request("POST", "/VNHI_Upload", {})
    assert (caught.value.upstream, caught.value.status) == ("centre", "bad-json")


@pytest.mark.parametrize(
    ("response", "kind", "status"),
    [
        (httpx.Response(404), HttpFault, "centre-http-4xx"),
        (httpx.Response(503), HttpFault, "centre-http-5xx"),
        (httpx.ReadTimeout("late"), TimedOut, "centre-timeout"),
        (httpx.ReadError("gone"), Dropped, "centre-dropped"),
        (httpx.ConnectError("closed"), UpstreamError, "centre-unreachable"),
    ],
    ids=lambda value: str(value),
)
async def test_what_happens_on_the_way_carries_the_centres_name(
    response: httpx.Response | Exception, kind: type[UpstreamError], status: str
) -> None:
    async with answering(response) as centre:
        with pytest.raises(kind) as caught:
            await centre.request("POST", "/VNHI_Upload", {})
    assert caught.value.status == status
