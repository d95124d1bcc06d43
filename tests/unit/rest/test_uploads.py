"""The upload centre's services at the facade: bodies, replies, and what no accident may look like."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from bridge.errors import (
    BadArgument,
    BadReply,
    Dropped,
    FileSizeWrong,
    HttpFault,
    OverDeadline,
    TimedOut,
    Unreachable,
)
from bridge.rest.uploads import MOST_BODY_BYTES

UPLOAD, DOWNLOAD = "/V2000/VNHI_Upload", "/V1000/VNHI_Download"


@pytest.mark.parametrize("path", [UPLOAD, UPLOAD.lower(), "/V1000/VNHI_UPLOAD", UPLOAD + "/"])
async def test_the_centres_reply_comes_back_as_it_is(
    client: httpx.AsyncClient, engine: Any, path: str
) -> None:
    engine.uploads.reply = {"RtnCode": "8203", "Opcode": "", "further": [1]}
    answer = await client.post(path, json={"sSamId": "1", "SHOSPID": "2"})
    assert (answer.status_code, answer.json()) == (200, engine.uploads.reply)
    assert engine.uploads.requests == [("VNHI_Upload", {"ssamid": "1", "shospid": "2"})]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (BadArgument("sType: missing"), 400),
        (FileSizeWrong("sPatData: too large"), 413),
        (Unreachable("centre", "nobody answers there"), 502),
        (Dropped("centre", "the connection broke"), 502),
        (HttpFault("centre", 404), 502),
        (BadReply("centre", "not JSON"), 502),
        (TimedOut("centre", "no answer in time"), 504),
        (OverDeadline("no end"), 504),
        (RuntimeError("secret"), 500),
    ],
)
@pytest.mark.parametrize(
    ("path", "names"), [(UPLOAD, ("RtnCode", "Opcode")), (DOWNLOAD, ("rtnCode", "tx_result_json"))]
)
async def test_a_failure_has_the_code_9999_and_says_why(
    client: httpx.AsyncClient, engine: Any, fault: Exception, status: int, path: str, names: tuple[str, str]
) -> None:
    engine.uploads.fault = fault
    answer = await client.post(path, json={})
    content = answer.json()
    assert (answer.status_code, content[names[0]], content[names[1]]) == (status, "9999", "")
    assert content["message"]
    assert "secret" not in answer.text


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"sType": "A1", "STYPE": "A1"}', b"\xff"])
async def test_a_body_that_is_no_request_reaches_nobody(
    client: httpx.AsyncClient, engine: Any, body: bytes
) -> None:
    answer = await client.post(UPLOAD, content=body)
    assert (answer.status_code, answer.json()["RtnCode"]) == (400, "9999")
    assert engine.uploads.requests == []


async def test_a_form_is_taken_where_it_is_declared(client: httpx.AsyncClient, engine: Any) -> None:
    assert (await client.post(UPLOAD, data={"sType": "A1"})).status_code == 200
    assert engine.uploads.requests == [("VNHI_Upload", {"stype": "A1"})]


async def test_only_uploads_may_have_long_bodies(client: httpx.AsyncClient, engine: Any) -> None:
    body = json.dumps({"sPatData": "x" * 2_000_000}).encode()
    assert (await client.post(UPLOAD, content=body)).status_code == 200
    assert (await client.post(DOWNLOAD, content=body)).status_code == 413
    assert (await client.post("/VPN/VPNGetRandomX", content=body)).status_code == 413
    assert len(engine.uploads.requests) == 1


async def test_what_is_longer_still_is_told_under_the_centres_names(
    client: httpx.AsyncClient, engine: Any
) -> None:
    answer = await client.post(UPLOAD, content=b" " * (MOST_BODY_BYTES + 1))
    content = answer.json()
    assert (answer.status_code, content["RtnCode"], content["Opcode"]) == (413, "9999", "")
    assert content["ERRORCODE"] == "6018"
    assert str(MOST_BODY_BYTES) in content["message"]


async def test_only_post_is_taken(client: httpx.AsyncClient) -> None:
    answer = await client.get(UPLOAD)
    assert (answer.status_code, answer.json()["message"]) == (405, "Use POST.")
