"""The channel under garbage, half frames, lengths that lie, crowds, and callers that do not listen.

After each the server answers the next sensible call, and keeps no connection, task or file of the others.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.calls.call import LegacyCall, LegacyResult, OutBuffer
from bridge.channel.dispatch import Dispatcher
from bridge.channel.frame import (
    EVICTION_FRAME,
    HEADER_BYTES,
    MOST_CALL_BYTES,
    VERSION,
    Answer,
    FrameError,
    Request,
    Sent,
    decode_reply,
    encode_request,
    read_header,
)
from bridge.channel.handshake import Welcome, encode_proof
from bridge.channel.server import ChannelServer
from bridge.channel.tokenfile import load_token
from bridge.config import ChannelSettings
from tests.support.channel_table import RecordingEngine, hash_of, open_port
from tests.support.greeting import greet, greet_socket, hello, read_frame, until, version_1

HEALTHY = 0x7EA17
FRAME_SECONDS = 0.2
A_MOMENT = 0.7  # longer than a new connection is waited for before others go
FLOOD = 50_000  # calls
MOST_UNFETCHED = 20_000_000  # bytes of replies; the kernel holds some of them
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
GET = Request(
    9,
    hash_of("hisGet"),
    "hisGet",
    (
        Sent("text", b"01"),
        Sent("record", OutBuffer(30_000, bytes(16))),
        Sent("length"),
        Sent("text_out"),
        Sent("length"),
    ),
)
CALLS = (encode_request(GET), open_port(5))


@asynccontextmanager
async def serving(engine: RecordingEngine) -> AsyncIterator[tuple[ChannelServer, int]]:
    server = ChannelServer(engine, ChannelSettings(port=0), frame_seconds=FRAME_SECONDS)
    _, port = await server.start()
    try:
        yield server, port
    finally:
        await server.stop()


async def call_healthily(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(5):
        await greet(reader, writer)
        writer.write(open_port(HEALTHY))
        reply = await read_frame(reader)
    assert decode_reply(reply, HEALTHY) == Answer(HEALTHY, 0)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


# --- what hostile callers do --------------------------------------------------------------------------------


def lying(frame: bytes, length: int) -> bytes:
    """The frame, its header saying another length."""
    return frame[:8] + struct.pack("<I", length) + frame[12:]


FIRST = (
    hello(5068),
    encode_proof(bytes(32)),
    Welcome(bytes(32), bytes(32)).encode(),
    EVICTION_FRAME,
    version_1(CALLS[1]),
)
frames = st.sampled_from(CALLS + FIRST)
sent_bytes = st.one_of(
    st.binary(max_size=200),
    frames,
    st.builds(lambda frame, cut: frame[: cut % len(frame)], frames, st.integers(0, 1000)),
    st.builds(lying, frames, st.one_of(st.integers(0, 200), st.integers(0, 2**32 - 1))),
    st.builds(lambda frame, rest: frame[:HEADER_BYTES] + rest, frames, st.binary(max_size=200)),
    st.builds(
        lambda frame, at, byte: frame[:at] + bytes([byte]) + frame[at + 1 :],
        frames,
        st.integers(0, 90),
        st.integers(0, 255),
    ),
)
visits = st.lists(
    st.tuples(
        st.lists(sent_bytes, max_size=4), st.sampled_from(["leave", "break", "shut", "stay"]), st.booleans()
    ),
    min_size=1,
    max_size=6,
)
Visit = tuple[list[bytes], str, bool]


async def visit(port: int, pieces: list[bytes], end: str, greeted: bool) -> None:
    """One connection. "break" resets it, "shut" closes its sending side, "stay" waits for the server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with suppress(OSError):
        if greeted:
            with suppress(asyncio.IncompleteReadError):
                await greet(reader, writer)
        for piece in pieces:
            if writer.is_closing():  # the server has had enough already; uvloop raises at a further write
                break
            writer.write(piece)
            await asyncio.sleep(0)
        if writer.is_closing():
            end = "leave"
        if end == "break":
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        elif end == "shut":
            writer.write_eof()
        if end in ("shut", "stay"):
            async with asyncio.timeout(FRAME_SECONDS / 4):
                with suppress(TimeoutError):
                    await reader.read()
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def receive(visitors: list[Visit]) -> None:
    async with serving(RecordingEngine()) as (server, port):
        tasks = len(asyncio.all_tasks())
        files = open_files()
        await asyncio.gather(*(visit(port, *visitor) for visitor in visitors))
        await call_healthily(port)
        await until(lambda: not server._connections and not server._calls)
        await until(lambda: len(asyncio.all_tasks()) == tasks and open_files() == files)


@pytest.mark.parametrize("new_loop", LOOPS.values(), ids=LOOPS)
@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(visitors=visits)
def test_any_visitors_leave_the_server_as_it_was(
    new_loop: Callable[[], asyncio.AbstractEventLoop], visitors: list[Visit]
) -> None:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(receive(visitors))


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(sent_bytes, max_size=30))
def test_a_frame_is_answered_by_the_engine_or_refused(several: list[bytes]) -> None:
    asyncio.run(dispatch(several))


async def dispatch(several: list[bytes]) -> None:
    """0 comes from the engine alone."""
    for frame in several:
        engine = RecordingEngine()
        try:
            reply = await Dispatcher(engine).answer(frame)
        except FrameError:
            assert read_fails(frame)
            continue
        reply = reply[:4] + VERSION.to_bytes(2, "little") + reply[6:]  # to a call of version 1: in its words
        answer = decode_reply(reply, int.from_bytes(frame[12:16], "little"))
        assert isinstance(answer, Answer) == bool(engine.calls)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(sent_bytes, max_size=6))
def test_who_has_not_proved_itself_is_never_served(pieces: list[bytes]) -> None:
    """Any frames, a hello for this very address among them, and whatever follows; but no true proof."""

    async def scenario() -> None:
        engine = RecordingEngine()
        with tempfile.TemporaryDirectory() as folder:
            channel = ChannelSettings(port=0, token_file=Path(folder, "token"))
            server = ChannelServer(engine, channel, frame_seconds=FRAME_SECONDS)
            _, port = await server.start()
            given = [hello(port) if piece == FIRST[0] else piece for piece in pieces]
            await visit(port, [*given, *CALLS], "stay", greeted=False)
            await server.stop()
        assert engine.calls == []

    asyncio.run(scenario())


def read_fails(frame: bytes) -> bool:
    try:
        read_header(frame)
    except FrameError:
        return True
    return False


# --- crowds, and callers that do not listen -----------------------------------------------------------------


async def a_crowd_of_half_frames_goes_in_time_and_hinders_nobody_afterwards() -> None:
    async with serving(RecordingEngine()) as (server, port):
        files = open_files()
        crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(400)]
        for number, (_, writer) in enumerate(crowd):
            if not writer.is_closing():
                writer.write(CALLS[0][: 1 + number % len(CALLS[0])][:-1] or b"C")
        await until(lambda: not server._connections)
        await call_healthily(port)
        for _, writer in crowd:
            writer.close()
        await until(lambda: open_files() == files)


async def a_frame_that_trickles_is_given_up_though_bytes_keep_coming() -> None:
    async with serving(RecordingEngine()) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await greet(reader, writer)
        with suppress(OSError):
            async with asyncio.timeout(10 * FRAME_SECONDS):
                for byte in CALLS[0] * 100:
                    writer.write(bytes([byte]))
                    await asyncio.sleep(FRAME_SECONDS / 8)
                    if reader.at_eof():
                        break
        assert not server._connections
        writer.close()


async def stubborn(port: int) -> socket.socket:
    """A caller that never fetches a reply and has little room for them."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", port))
    await asyncio.to_thread(greet_socket, made)
    made.setblocking(False)
    return made


async def calls_without_listening_do_not_fill_the_memory() -> None:
    """Replies of 30 kB that nobody fetches: calls stop being made long before there are many of them."""

    async def behave(call: LegacyCall) -> LegacyResult:
        return LegacyResult(0, {"pBuffer": b"x" * 30_000})

    engine = RecordingEngine(behave=behave)
    async with serving(engine) as (server, port):
        caller = await stubborn(port)
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            await loop.sock_sendall(caller, CALLS[0] * FLOOD)
        await until(lambda: bool(engine.calls) and not server._connections)
        caller.close()
        assert len(engine.calls) * 30_000 < MOST_UNFETCHED
        engine.behave = None
        await call_healthily(port)


async def a_caller_that_fetches_late_gets_all_its_replies() -> None:
    """Waiting for the caller must not lose its next calls."""

    async def behave(call: LegacyCall) -> LegacyResult:
        return LegacyResult(0, {"pBuffer": b"x" * 30_000})

    async with serving(RecordingEngine(behave=behave)) as (_, port):
        caller = await stubborn(port)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(caller, CALLS[0] * 300)
        received = 0
        async with asyncio.timeout(20):
            while received < 300 * (HEADER_BYTES + 3 + 6 + 30_000):
                received += len(await loop.sock_recv(caller, 1 << 16))
        assert received == 300 * (HEADER_BYTES + 3 + 6 + 30_000)
        caller.close()


async def half_a_frame_behind_a_reply_that_was_fetched_late_is_given_up() -> None:
    async def behave(call: LegacyCall) -> LegacyResult:
        return LegacyResult(0, {"pBuffer": b"x" * 30_000})

    async with serving(RecordingEngine(behave=behave)) as (server, port):
        caller = await stubborn(port)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(caller, CALLS[0] * 200 + CALLS[0][:20])
        received = 0
        async with asyncio.timeout(20):
            while received < 200 * (HEADER_BYTES + 3 + 6 + 30_000):
                received += len(await loop.sock_recv(caller, 1 << 16))
        await until(lambda: not server._connections, 10 * FRAME_SECONDS)
        caller.close()


async def a_length_that_lies_does_not_cost_the_next_caller_anything() -> None:
    for length in (0, 1, 2**32 - 1):
        await lie(length)


async def lie(length: int) -> None:
    async with serving(RecordingEngine()) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await greet(reader, writer)
        writer.write(lying(CALLS[0], length))
        await call_healthily(port)
        writer.close()
        await until(lambda: not server._connections)


async def strangers_cannot_fill_the_memory_by_frames_that_announce_much() -> None:
    """A frame of 12 MB is not waited for from one who has not proved itself; from a friend it is."""
    with tempfile.TemporaryDirectory() as folder:
        settings = ChannelSettings(port=0, token_file=Path(folder, "token"))
        server = ChannelServer(RecordingEngine(), settings, frame_seconds=60)
        _, port = await server.start()
        token = load_token(Path(folder, "token"))
        strangers = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
        for _, writer in strangers:
            writer.write(lying(CALLS[0], MOST_CALL_BYTES - HEADER_BYTES))
        reader, friend = await asyncio.open_connection("127.0.0.1", port)
        await greet(reader, friend, token)
        friend.write(lying(CALLS[0], MOST_CALL_BYTES - HEADER_BYTES))
        for reader, _ in strangers:
            async with asyncio.timeout(5):
                assert await reader.read() == b""
        await until(lambda: len(server._connections) == 1)
        for writer in (friend, *(writer for _, writer in strangers)):
            writer.close()
        await server.stop()


async def silent_strangers_do_not_keep_programs_out() -> None:
    """Nearly twice as many as there is room for, who stay; all calls go on, of old and of new connections.

    Who comes is given a moment to greet, in which another can lose its idle connection, and hear of it.
    """
    settings = ChannelSettings(port=0)
    server = ChannelServer(RecordingEngine(), settings, most_connections=64, frame_seconds=60)
    _, port = await server.start()
    program = await asyncio.open_connection("127.0.0.1", port)
    await greet(*program)
    strangers = []
    for _ in range(2):
        strangers += [await asyncio.open_connection("127.0.0.1", port) for _ in range(60)]
        await asyncio.sleep(A_MOMENT)
    for number in range(16):
        await call_healthily(port)
        program[1].write(open_port(number))
        assert decode_reply(await read_frame(program[0]), number) == Answer(number, 0)
    assert server.connections <= 64
    for _, writer in (program, *strangers):
        writer.close()
    await server.stop()


SCENARIOS = (
    silent_strangers_do_not_keep_programs_out,
    strangers_cannot_fill_the_memory_by_frames_that_announce_much,
    a_crowd_of_half_frames_goes_in_time_and_hinders_nobody_afterwards,
    a_frame_that_trickles_is_given_up_though_bytes_keep_coming,
    calls_without_listening_do_not_fill_the_memory,
    a_caller_that_fetches_late_gets_all_its_replies,
    half_a_frame_behind_a_reply_that_was_fetched_late_is_given_up,
    a_length_that_lies_does_not_cost_the_next_caller_anything,
)


@pytest.mark.parametrize("new_loop", LOOPS.values(), ids=LOOPS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_hostile_callers(
    scenario: Callable[[], Coroutine[None, None, None]], new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(scenario())
