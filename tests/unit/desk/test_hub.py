"""Events for pages: in order, bounded, and none made while nobody listens."""

from __future__ import annotations

import asyncio
import json

from bridge.desk.hub import MOST_STREAMS, MOST_WAITING, Hub, Stream


def made() -> tuple[Hub, list[str]]:
    happened: list[str] = []
    return Hub(lambda: happened.append("first"), lambda: happened.append("last")), happened


async def texts_of(stream: Stream, count: int = 1) -> str:
    found = ""
    async for text in stream.texts():
        found += text
        count -= 1
        if not count:
            break
    return found


async def test_events_come_in_order_as_server_sent_events() -> None:
    hub, _ = made()
    with hub.listening() as stream:
        hub.tell("call", {"number": 1, "text": "測試\n\ndata: x"})
        hub.tell("now", [])
        lines = (await texts_of(stream)).split("\n")
    assert lines[0] == "event: call"
    assert json.loads(lines[1].removeprefix("data: ")) == {"number": 1, "text": "測試\n\ndata: x"}
    assert lines[2:] == ["", "event: now", "data: []", "", ""]


async def test_a_slow_page_loses_the_oldest_and_is_told() -> None:
    hub, _ = made()
    with hub.listening() as stream:
        for number in range(MOST_WAITING + 7):
            hub.tell("call", number)
        text = await texts_of(stream)
    assert text.startswith("event: missed\ndata: 7\n\nevent: call\ndata: 7\n\n")
    assert text.count("event: call") == MOST_WAITING


async def test_the_first_page_begins_and_the_last_ends_the_watch() -> None:
    hub, happened = made()
    hub.tell("call", 1)  # to nobody
    with hub.listening():
        with hub.listening():
            assert happened == ["first"]
        assert happened == ["first"]
    assert happened == ["first", "last"]


async def test_one_page_too_many_ends_the_oldest_and_a_stop_ends_all() -> None:
    hub, _ = made()
    opened = [hub.listening() for _ in range(MOST_STREAMS + 1)]
    streams = [each.__enter__() for each in opened]
    hub.tell("call", 1)
    assert await texts_of(streams[0]) == f"event: elsewhere\ndata: {MOST_STREAMS}\n\n"
    assert await texts_of(streams[0], 2) == ""
    assert await texts_of(streams[1]) == "event: call\ndata: 1\n\n"
    hub.end()
    await asyncio.wait_for(asyncio.gather(*(texts_of(each) for each in streams)), 1)
    for each in opened:
        each.__exit__(None, None, None)
    assert len(hub) == 0
