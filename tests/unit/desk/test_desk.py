"""The desk over simulators: what it watches while a page listens, and that it does not when none does."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bridge.calls.call import NATIVE, VHC, LegacyCall, OutBuffer
from bridge.calls.caller import Caller
from bridge.codec.code_page import WINDOWS
from bridge.config import PinSettings, Settings
from bridge.desk.desk import Desk, Surroundings
from bridge.desk.hub import Stream
from bridge.doctor.finding import Section
from bridge.reader.pin.policy import PinPolicy, pin_policy
from bridge.reader.pin.questions import HPC_PIN
from tests.support.log_leaks import kinds_in
from tests.support.simulated import Bench
from tests.support.stage import CHILD, DEMO


@pytest.fixture
async def desk(bench: Bench, tmp_path: Path) -> Desk:
    return Desk(surroundings(bench, tmp_path))


def surroundings(bench: Bench, folder: Path, pins: PinPolicy | None = None) -> Surroundings:
    return Surroundings(
        engine=bench.engine,
        reader=bench.reader.view,
        pins=pins or pin_policy(PinSettings(provider="page"), 30.0),
        uploads=bench.uploads,
        settings=Settings(data_dir=folder),
        file=None,
        page=WINDOWS,
        simulated=False,
    )


async def heard(stream: Stream, kind: str, count: int = 1) -> list[Any]:
    """The contents of the next events of a kind."""
    found: list[Any] = []
    async with asyncio.timeout(10):
        async for text in stream.texts():
            for event in text.split("\n\n"):
                name, _, content = event.removeprefix("event: ").partition("\ndata: ")
                if name == kind:
                    found.append(json.loads(content))
            if len(found) >= count:
                return found
    return found


async def test_nobody_is_watched_or_asked_while_no_page_listens(bench: Bench, desk: Desk) -> None:
    await bench.call("hisGetBasicData", pBuffer=OutBuffer(72))
    asked = len(bench.console.requests)
    await asyncio.sleep(0.1)
    assert bench.engine.calls.watcher is None
    assert len(bench.console.requests) == asked
    with desk.hub.listening() as stream:
        assert bench.engine.calls.watcher is not None
        await heard(stream, "now")
    assert bench.engine.calls.watcher is None
    asked = len(bench.console.requests)
    await asyncio.sleep(0.1)
    assert len(bench.console.requests) == asked


async def test_a_call_is_told_with_what_was_sent_and_no_person(bench: Bench, desk: Desk) -> None:
    with desk.hub.listening() as stream:
        caller = Caller(program="4711:99")
        await bench.engine.call(LegacyCall("hisGetBasicData", {"pBuffer": OutBuffer(72)}, NATIVE, caller))
        bench.simulator.world.remove("hc")
        await bench.engine.call(LegacyCall("hisGetBasicData", {"pBuffer": OutBuffer(72)}, NATIVE, caller))
        good, bad = await heard(stream, "call", 2)
    assert (good["function"], good["code"], good["ok"], good["reason"]) == ("hisGetBasicData", 0, True, None)
    assert [each["to"] for each in good["sent"]][-2:] == ["console", "cloud"] or len(good["sent"]) > 3
    assert all(each["what"].split()[0] in ("GET", "POST", "PUT", "DELETE") for each in good["sent"])
    assert all("?" not in each["what"] for each in good["sent"])
    assert (bad["code"], bad["ok"]) == (4013, False)
    assert bad["reason"]["en"].startswith("console answered status 1102 (")
    assert bad["reason"]["zh"] == "主控台回覆狀態 1102（未置入卡片）"
    assert good["program"].startswith("4711") or "(4711)" in good["program"]
    assert "record" not in good
    assert kinds_in(json.dumps([good, bad], ensure_ascii=False)) == set()


async def test_a_decoded_record_goes_along_only_where_simulators_run(bench: Bench, tmp_path: Path) -> None:
    desk = Desk(replace(surroundings(bench, tmp_path), simulated=True))
    with desk.hub.listening() as stream:
        await bench.call("hisGetBasicData", pBuffer=OutBuffer(72))
        (told,) = await heard(stream, "call")
    assert any(DEMO in line for line in told["record"])


async def test_after_a_call_that_failed_the_doctor_looks_sooner(
    bench: Bench, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[float] = []

    def look(*_: object) -> list[Section]:
        looked.append(0.0)
        return []

    monkeypatch.setattr("bridge.desk.desk.examine", look)
    monkeypatch.setattr("bridge.desk.desk.EXAMINE_PAUSE", 0.05)
    with desk.hub.listening() as stream:
        await heard(stream, "doctor")
        await bench.call("hisGetBasicData", pBuffer=OutBuffer(72))
        await asyncio.sleep(0.3)
        assert len(looked) == 1
        await bench.call("no such function")
        await heard(stream, "doctor")
        assert len(looked) == 2


async def test_uploads_and_refused_calls_are_told_too(bench: Bench, desk: Desk) -> None:
    with desk.hub.listening() as stream:
        await bench.call("no such function")
        service = next(iter(bench.engine.table.services.values()))
        with pytest.raises(Exception, match="missing"):
            await bench.uploads.relay(service, {})
        told = await heard(stream, "call", 2)
    assert told[0]["code"] == -2
    assert told[1]["function"] == service.name
    assert "missing" in told[1]["reason"]["en"]
    assert "沒有給" in told[1]["reason"]["zh"]


async def test_a_virtual_card_is_presented_exported_imported_and_logged_out(bench: Bench, desk: Desk) -> None:
    world = bench.simulator.world
    assert (await desk.cards.do("present", f" {world.qr(CHILD)}\r\n"))["ok"]
    assert (await desk.cards.do("present", "".join(chr(ord(each) + 0xFEE0) for each in world.qr(CHILD))))[
        "ok"
    ]
    read = await bench.engine.call(LegacyCall("hisGetBasicData", {"pBuffer": OutBuffer(72)}, VHC))
    assert read.code == 0
    given = await desk.cards.do("export")
    assert given["ok"]
    assert given["given"]
    assert not (await desk.cards.do("export"))["ok"]
    assert (await desk.cards.do("import", str(given["given"])))["ok"]
    assert not (await desk.cards.do("import", str(given["given"])))["ok"]
    assert (await desk.cards.do("log_out"))["ok"]
    refused = await desk.cards.do("present", "ก")
    assert (refused["ok"], refused["code"]) == (False, 6018)


async def test_a_pin_is_asked_for_on_the_page_and_told_by_nobody(bench: Bench, tmp_path: Path) -> None:
    pins = pin_policy(PinSettings(provider="page", timeout=5), 30.0)
    pins.provider.attach()  # type: ignore[attr-defined]
    desk = Desk(surroundings(bench, tmp_path, pins))
    with desk.hub.listening() as stream:
        asking = asyncio.create_task(pins.questions().ask(HPC_PIN))
        (asked,) = (await heard(stream, "pin"))[-1]
        assert (asked["key"], asked["least"], asked["most"]) == ("hpc", 1, 8)
        assert not desk.answer(asked["number"], "12a")
        assert not desk.answer(asked["number"] + 1, "271828")
        assert desk.answer(asked["number"], "271828")
        assert not desk.answer(asked["number"], "271828")
        assert await asking == "271828"
        assert (await heard(stream, "pin"))[-1] == []
    assert desk.questions() == []


async def test_the_tiles_follow_the_console(bench: Bench, desk: Desk) -> None:
    def said(now: dict[str, Any], name: str) -> str:
        return str(next(each["says"] for each in now["tiles"] if each["name"] == name))

    assert said(await desk.now(), "console") == "waiting"
    await bench.call("hisGetBasicData", pBuffer=OutBuffer(72))
    now = await desk.now()
    assert [said(now, name) for name in ("console", "sam", "card")] == ["open", "verified", "physical"]

    def nobody(_: object) -> None:
        raise httpx.ConnectError("nobody answers there")

    bench.console.before = nobody
    now = await desk.now()
    assert (said(now, "console"), said(now, "what_now"), said(now, "changes")) == (
        "silent",
        "console",
        "unreadable",
    )
    assert DEMO not in json.dumps(now)
