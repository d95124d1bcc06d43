"""The requests about the console's settings over the simulated console, and replies that nobody expects."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from bridge.config import ConsoleSettings
from bridge.console_settings.client import AnsweredCall, ImportedSam, SettingsClient
from bridge.errors import BadReply, StatusError
from bridge.sim.simulator import Simulator
from bridge.table.loader import default_table
from bridge.upstream.bare import BareAnswers
from bridge.upstream.client import HttpUpstream
from bridge.upstream.httpx_transport import HttpxTransport

PROTOCOL = default_table().console
OLD, NEW, HOSPITAL = "001000000103", "901000000047", "7777777777"


def over(network: httpx.AsyncBaseTransport) -> SettingsClient:
    way = HttpxTransport("console", ConsoleSettings(), network)
    return SettingsClient(
        PROTOCOL, HttpUpstream("console", ConsoleSettings(), way), BareAnswers("console", way, 5.0)
    )


def answering(reply: Any) -> SettingsClient:
    return over(httpx.MockTransport(lambda _: httpx.Response(200, json=reply)))


@pytest.fixture
def client(simulator: Simulator) -> SettingsClient:
    return over(httpx.ASGITransport(app=simulator.console_app))


async def test_sams(client: SettingsClient, simulator: Simulator) -> None:
    with pytest.raises(StatusError) as refused:
        await client.import_sam(NEW, HOSPITAL, b"\x00\xff")
    assert refused.value.number in PROTOCOL.statuses.not_initialised
    assert await client.console.initialise("")
    assert await client.import_sam(NEW, HOSPITAL, b"\x00\xff") == ImportedSam(
        NEW, HOSPITAL, "測試機構", "COM2"
    )
    assert await client.sams() == [OLD, NEW]
    await client.remove_sam(OLD)
    assert await client.sams() == [NEW]
    assert simulator.world.settings.sams[0].hospital_id == HOSPITAL


async def test_a_file_goes_as_base64() -> None:
    seen: list[Any] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.Response(200, json={"statusCode": 0, "sam": {"samId": NEW, "hospitalId": HOSPITAL}})

    content = bytes(range(256))
    imported = await over(httpx.MockTransport(respond)).import_sam(NEW, HOSPITAL, content)
    assert imported == ImportedSam(NEW, HOSPITAL, "", "")
    assert base64.b64decode(seen[0].pop("cloudSamContext"), validate=True) == content
    assert seen == [{"samId": NEW, "hospitalId": HOSPITAL}]


async def test_readers(client: SettingsClient, simulator: Simulator) -> None:
    first, second = await client.readers()
    await client.use_reader(second)
    assert await client.default_reader() == second
    await client.forget_reader()
    assert await client.default_reader() == ""
    assert await client.detect_reader() == first


async def test_only_no_default_reader_is_no_default_reader() -> None:
    with pytest.raises(StatusError):
        await answering({"statusCode": 1119}).default_reader()
    assert await answering({"statusCode": 0, "readerName": None}).default_reader() == ""


async def test_origins(client: SettingsClient) -> None:
    await client.add_origin("his.example")
    await client.remove_origin("*.nhi.gov.tw")
    assert await client.origins() == ["localhost", "his.example"]


async def test_a_value_in_a_path_stays_one_part_of_it() -> None:
    seen: list[bytes] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(200, json={"statusCode": 0})

    await over(httpx.MockTransport(respond)).remove_origin("../a?b=c#d")
    assert seen == [b"/api/settings/v1/Cors/..%2Fa%3Fb%3Dc%23d"]


async def test_the_record(client: SettingsClient) -> None:
    await client.sams()
    await client.readers()
    newest, before = [call.path for call in await client.calls(0, 2)]
    assert (newest, before) == ("/api/settings/v1/PcscReader/Readers", "/api/settings/v1/CloudSam")
    (call,) = await client.calls(2, 1)
    assert call.path == before
    await client.forget_calls()
    assert [each.path for each in await client.calls(0, 9)] == ["/api/common/v1/Record"]


async def test_a_call_of_the_record() -> None:
    item = {"url": "/a", "uuid": "u", "timestamp": "2024-05-23T15:38:00.2514272+08:00", "statusCode": 1302}
    assert await answering([item]).calls(0, 1) == [AnsweredCall("/a", item["timestamp"], 1302)]


@pytest.mark.parametrize(
    ("ask", "reply"),
    [
        (lambda c: c.sams(), {"statusCode": 0}),
        (lambda c: c.readers(), {"statusCode": 0, "readers": "Reader 0"}),
        (lambda c: c.origins(), {"statusCode": 0, "cors": None}),
        (lambda c: c.detect_reader(), {"statusCode": 0, "readerName": ""}),
        (lambda c: c.calls(0, 1), [7]),
        (lambda c: c.calls(0, 1), [{"url": "/a", "timestamp": "t"}]),
        (lambda c: c.calls(0, 1), [{"url": 1, "timestamp": "t", "statusCode": 0}]),
        (lambda c: c.calls(0, 1), [{"url": "/a", "timestamp": "t", "statusCode": "0"}]),
    ],
)
async def test_a_reply_that_lacks_what_was_asked_for(
    ask: Callable[[SettingsClient], Awaitable[Any]], reply: Any
) -> None:
    with pytest.raises(BadReply):
        await ask(answering(reply))
