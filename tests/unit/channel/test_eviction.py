"""More callers than there is room for: who has nothing under way makes room, and is told so."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress

import pytest
import uvloop

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.channel import client as channel_client
from bridge.channel import connection
from bridge.channel import server as channel_server
from bridge.channel.client import ChannelClient, NotReached
from bridge.channel.frame import EVICTION_FRAME, Answer, decode_reply
from bridge.channel.server import ChannelServer
from bridge.config import ChannelSettings
from tests.support.channel_table import RecordingEngine, open_port
from tests.support.greeting import greet, hello, read_frame, until

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
Run = Callable[[Coroutine[None, None, None]], None]


class Caller:
    """One connection of a program, or of a stranger."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def call(self, number: int) -> None:
        self.writer.write(open_port(number))
        await self.hear(number)

    async def hear(self, number: int) -> None:
        assert decode_reply(await read_frame(self.reader), number) == Answer(number, 0)


class Door:
    """A server with little room."""

    def __init__(self, engine: RecordingEngine, most: int, seconds: float) -> None:
        settings = ChannelSettings(port=0)
        self.server = ChannelServer(engine, settings, most_connections=most, frame_seconds=seconds)
        self.port = 0
        self._callers: list[Caller] = []

    async def stranger(self) -> Caller:
        """Somebody who says nothing."""
        caller = Caller(*await asyncio.open_connection("127.0.0.1", self.port))
        self._callers.append(caller)
        return caller

    async def program(self) -> Caller:
        caller = await self.stranger()
        await greet(caller.reader, caller.writer)
        return caller

    async def close(self) -> None:
        await self.server.stop()
        for caller in self._callers:
            caller.writer.close()
        for caller in self._callers:
            with suppress(OSError):
                await caller.writer.wait_closed()


@asynccontextmanager
async def opened(engine: RecordingEngine, most: int = 3, seconds: float = 5) -> AsyncIterator[Door]:
    door = Door(engine, most, seconds)
    _, door.port = await door.server.start()
    try:
        yield door
    finally:
        await door.close()


async def in_time(scenario: Coroutine[None, None, None]) -> None:
    async with asyncio.timeout(30):
        await scenario


@pytest.fixture(params=LOOPS.values(), ids=LOOPS)
def run(request: pytest.FixtureRequest) -> Run:
    def run(scenario: Coroutine[None, None, None]) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(in_time(scenario))

    return run


def test_the_one_idle_longest_goes_and_hears_why(run: Run) -> None:
    async def scenario() -> None:
        async with opened(RecordingEngine()) as door:
            first, second, third = [await door.program() for _ in range(3)]
            for number, caller in enumerate((second, third, first)):
                await caller.call(number)
            fourth = await door.program()
            assert await read_frame(second.reader) == EVICTION_FRAME
            for number, caller in enumerate((first, third, fourth)):
                await caller.call(number)
            assert (door.server.connections, door.server.evictions) == (3, 1)

    run(scenario())


def test_strangers_go_before_programs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "GREETING_SECONDS", -1.0)  # at once

    async def scenario() -> None:
        async with opened(RecordingEngine()) as door:
            program = await door.program()
            await program.call(1)
            strangers = [await door.stranger() for _ in range(10)]
            strangers[-1].writer.write(hello(door.port)[:20])
            another = await door.program()
            await another.call(2)
            await program.call(3)
            assert door.server.evictions == 9
            assert await read_frame(strangers[0].reader) == EVICTION_FRAME

    run(scenario())


def test_who_has_just_come_has_time_to_greet(run: Run) -> None:
    async def scenario() -> None:
        async with opened(RecordingEngine()) as door:
            program = await door.program()
            await program.call(1)
            news = [await door.stranger() for _ in range(3)]
            assert await read_frame(program.reader) == EVICTION_FRAME
            for number, new in enumerate(news):
                await greet(new.reader, new.writer)
                await new.call(number)

    run(scenario())


def test_what_was_sent_to_an_evicted_connection_is_not_taken(run: Run) -> None:
    """Frame and eviction cross: the caller hears that it may send again."""

    async def scenario() -> None:
        engine = RecordingEngine()
        async with opened(engine, most=1) as door:
            old = await door.program()
            await old.call(1)
            new = asyncio.create_task(door.program())
            await until(lambda: door.server.evictions == 1)
            old.writer.write(open_port(2))
            assert await read_frame(old.reader) == EVICTION_FRAME
            await (await new).call(3)
            await asyncio.sleep(0.05)
            assert len(engine.calls) == 2

    run(scenario())


def test_a_call_under_way_is_never_evicted(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        going_on, release = asyncio.Semaphore(0), asyncio.Event()

        async def behave(call: LegacyCall) -> LegacyResult:
            going_on.release()
            await release.wait()
            return LegacyResult(0)

        async with opened(RecordingEngine(behave=behave)) as door:
            busy = [await door.program() for _ in range(3)]
            for number, caller in enumerate(busy):
                caller.writer.write(open_port(number))
                await going_on.acquire()
            for _ in range(2):
                late = await door.stranger()
                late.writer.write(hello(door.port))  # not read: the frame must arrive all the same
                assert await read_frame(late.reader) == EVICTION_FRAME
            assert (door.server.connections, door.server.evictions) == (3, 2)
            release.set()
            for number, caller in enumerate(busy):
                await caller.hear(number)

    run(scenario())
    assert caplog.text.count("3 calls under way, as many as it takes: 1 connection(s) were turned away") == 1


def test_who_was_turned_away_comes_in_when_there_is_room_again(run: Run) -> None:
    async def scenario() -> None:
        going_on, release = asyncio.Event(), asyncio.Event()

        async def behave(call: LegacyCall) -> LegacyResult:
            going_on.set()
            await release.wait()
            return LegacyResult(0)

        engine = RecordingEngine(behave=behave)
        async with opened(engine, most=1) as door:
            busy = await door.program()
            busy.writer.write(open_port(1))
            await going_on.wait()
            async with ChannelClient(engine.table, "127.0.0.1", door.port) as client:
                trying = asyncio.create_task(client.connect())
                await until(lambda: door.server.evictions > 0)
                release.set()
                await busy.hear(1)
                await trying
            release.clear()

    run(scenario())


def test_who_finds_no_room_at_all_is_told_why(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_client, "EVICTION_PAUSE", 0.001)

    async def scenario() -> None:
        going_on, release = asyncio.Event(), asyncio.Event()

        async def behave(call: LegacyCall) -> LegacyResult:
            going_on.set()
            await release.wait()
            return LegacyResult(0)

        engine = RecordingEngine(behave=behave)
        async with opened(engine, most=1) as door:
            busy = await door.program()
            busy.writer.write(open_port(1))
            await going_on.wait()
            async with ChannelClient(engine.table, "127.0.0.1", door.port) as client:
                with pytest.raises(NotReached, match="each of its connections has a call under way"):
                    await client.connect()
            release.set()
            await busy.hear(1)

    run(scenario())


def test_an_evicted_connection_that_stays_is_ended(run: Run) -> None:
    async def scenario() -> None:
        async with opened(RecordingEngine(), most=1, seconds=0.3) as door:
            await door.program()
            await door.program()
            assert len(door.server._leaving) == 1
            await until(lambda: not door.server._leaving)
            assert door.server.connections == 1

    run(scenario())


def test_those_that_were_sent_away_do_not_heap_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_server, "MOST_LEAVING", 4)

    async def scenario() -> None:
        async with opened(RecordingEngine()) as door:
            for _ in range(40):
                await door.stranger()
            program = await door.program()
            await program.call(1)
            await until(lambda: len(door.server._leaving) <= 4)
            assert (door.server.connections, door.server.evictions) == (3, 38)

    run(scenario())


def test_silence_is_ended_in_time(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with opened(RecordingEngine(), seconds=1.0) as door:
            silent, half = await door.stranger(), await door.stranger()
            half.writer.write(hello(door.port))
            await read_frame(half.reader)
            idle = await door.program()
            for caller in (silent, half):
                with suppress(ConnectionResetError):
                    assert await caller.reader.read() == b""
            await asyncio.sleep(1.2)
            await idle.call(1)
            assert door.server.connections == 1

    run(scenario())
    assert "nothing came within 1 s" in caplog.text
