"""The channel's server over real loopback sockets."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.channel import server as channel_server
from bridge.channel.connection import Connection
from bridge.channel.frame import HEADER_BYTES, Answer, Refusal, decode_reply, read_header
from bridge.channel.server import ChannelServer
from bridge.config import ChannelSettings
from bridge.errors import ConfigError
from tests.support.channel_table import RecordingEngine, open_port
from tests.support.greeting import greet

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def serving(
    engine: RecordingEngine, token_file: Path | None = None, **limits: Any
) -> AsyncIterator[int]:
    server = ChannelServer(engine, ChannelSettings(port=0, token_file=token_file), **limits)
    host, port = await server.start()
    assert host == "127.0.0.1"
    try:
        yield port
    finally:
        await server.stop()


@contextlib.asynccontextmanager
async def connected(port: int, *, greeted: bool = True) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        if greeted:
            await greet(reader, writer)
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def receive(reader: asyncio.StreamReader, number: int) -> Answer | Refusal:
    async with asyncio.timeout(5):
        header = await reader.readexactly(HEADER_BYTES)
        return decode_reply(header + await reader.readexactly(read_header(header).length), number)


async def is_closed(reader: asyncio.StreamReader) -> bool:
    async with asyncio.timeout(5):
        try:
            return await reader.read(1) == b""
        except ConnectionResetError:
            return True


async def test_calls_of_a_connection_are_answered_in_order() -> None:
    async with serving(RecordingEngine()) as port, connected(port) as (reader, writer):
        writer.write(open_port(1) + open_port(2))
        assert await receive(reader, 1) == Answer(1, 0)
        assert await receive(reader, 2) == Answer(2, 0)


async def test_slow_call_does_not_hold_up_another_connection() -> None:
    release = asyncio.Event()

    async def behave(call: LegacyCall) -> LegacyResult:
        if call.arguments["pComNum"] == 1:
            await release.wait()
        return LegacyResult(0)

    async with (
        serving(RecordingEngine(behave=behave)) as port,
        connected(port) as (slow, to_slow),
        connected(port) as (quick, to_quick),
    ):
        to_slow.write(open_port(1, port=1))
        to_quick.write(open_port(2))
        assert await receive(quick, 2) == Answer(2, 0)
        release.set()
        assert await receive(slow, 1) == Answer(1, 0)


async def test_frame_that_comes_in_pieces_is_one_frame() -> None:
    async with serving(RecordingEngine()) as port, connected(port) as (reader, writer):
        frame = open_port(1)
        for at in range(len(frame)):
            writer.write(frame[at : at + 1])
            await writer.drain()
        assert await receive(reader, 1) == Answer(1, 0)


@pytest.mark.parametrize("begin", [b"C", open_port()[:HEADER_BYTES], open_port()[:-1]], ids=len)
async def test_half_a_frame_ends_the_connection_in_time(
    begin: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(RecordingEngine(), frame_seconds=0.1) as port, connected(port) as (reader, writer):
        writer.write(begin)
        assert await is_closed(reader)
    assert "did not end" in caplog.text


async def test_idle_connection_is_kept() -> None:
    async with serving(RecordingEngine(), frame_seconds=0.05) as port, connected(port) as (reader, writer):
        await asyncio.sleep(0.2)
        writer.write(open_port(1))
        assert await receive(reader, 1) == Answer(1, 0)


@pytest.mark.parametrize(
    "data",
    [b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", open_port()[:8] + b"\xff" * 8],
    ids=["http", "too long"],
)
async def test_what_is_no_frame_gets_no_answer(data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    engine = RecordingEngine()
    for greeted in (True, False):
        async with serving(engine) as port, connected(port, greeted=greeted) as (reader, writer):
            writer.write(data)
            assert await is_closed(reader)
    assert engine.calls == []
    assert "channel connection closed" in caplog.text


async def test_call_is_run_to_its_end_when_the_caller_goes() -> None:
    ended = asyncio.Event()

    async def behave(call: LegacyCall) -> LegacyResult:
        await asyncio.sleep(0.1)
        ended.set()
        return LegacyResult(0)

    async with serving(RecordingEngine(behave=behave)) as port:
        async with connected(port) as (_, writer):
            writer.write(open_port(1))
            await writer.drain()
        await asyncio.wait_for(ended.wait(), 5)


async def test_stop_lets_running_calls_finish_and_closes_idle_connections() -> None:
    running = asyncio.Event()

    async def behave(call: LegacyCall) -> LegacyResult:
        running.set()
        await asyncio.sleep(0.2)
        return LegacyResult(7)

    server = ChannelServer(RecordingEngine(behave=behave), ChannelSettings(port=0))
    _, port = await server.start()
    async with connected(port) as (idle, _), connected(port) as (reader, writer):
        writer.write(open_port(1))
        await running.wait()
        stopping = asyncio.create_task(server.stop())
        assert await receive(reader, 1) == Answer(1, 7)
        await asyncio.wait_for(stopping, 1)
        assert await is_closed(idle)
        assert await is_closed(reader)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_stop_ends_a_call_that_does_not_finish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel_server, "STOP_SECONDS", 0.1)
    cancelled = asyncio.Event()

    async def behave(call: LegacyCall) -> LegacyResult:
        try:
            await asyncio.sleep(30)
        finally:
            cancelled.set()
        return LegacyResult(0)

    server = ChannelServer(RecordingEngine(behave=behave), ChannelSettings(port=0))
    _, port = await server.start()
    async with connected(port) as (reader, writer):
        writer.write(open_port(1))
        await asyncio.sleep(0.05)
        await asyncio.wait_for(server.stop(), 2)
        assert cancelled.is_set()
        assert await is_closed(reader)


async def test_small_frames_are_not_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    options: list[int] = []
    real = Connection.connection_made

    def watched(self: Connection, transport: asyncio.BaseTransport) -> None:
        real(self, transport)
        accepted = transport.get_extra_info("socket")
        options.append(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(Connection, "connection_made", watched)
    async with serving(RecordingEngine()) as port, connected(port) as (reader, writer):
        writer.write(open_port(1))
        await receive(reader, 1)
    assert options == [1]


async def test_a_caller_that_does_not_fetch_its_reply_is_sent_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made: list[Connection] = []
    real = Connection.connection_made

    def watched(self: Connection, transport: asyncio.BaseTransport) -> None:
        real(self, transport)
        made.append(self)

    monkeypatch.setattr(Connection, "connection_made", watched)
    async with serving(RecordingEngine(), frame_seconds=0.1) as port, connected(port) as (reader, writer):
        writer.write(open_port(1))
        await receive(reader, 1)
        made[0].pause_writing()  # as the event loop says when the caller's side is full
        made[0].resume_writing()
        await asyncio.sleep(0.2)
        assert not reader.at_eof()
        made[0].pause_writing()
        assert await is_closed(reader)
    assert "did not end" in caplog.text


async def test_address_that_is_taken_is_told() -> None:
    async with serving(RecordingEngine()) as port:
        with pytest.raises(ConfigError, match=str(port)):
            await ChannelServer(RecordingEngine(), ChannelSettings(port=port)).start()


async def test_listening_beyond_this_machine_is_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ConfigError):
        await ChannelServer(RecordingEngine(), ChannelSettings(host="192.0.2.1")).start()
    assert "other machines" in caplog.text
