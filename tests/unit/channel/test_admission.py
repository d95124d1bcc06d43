"""Who may make calls on a connection, over real loopback sockets."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.calls.caller import Caller
from bridge.channel import connection
from bridge.channel.frame import (
    HEADER_BYTES,
    MOST_CALL_BYTES,
    Answer,
    Refusal,
    decode_reply,
    encode_reply,
    make_frame,
)
from bridge.channel.handshake import NO_TOKEN, Hello, Welcome, encode_proof, host_bytes, library_proof
from bridge.channel.server import ChannelServer
from bridge.channel.tokenfile import load_token
from bridge.channel.version_1 import as_version_1, as_version_2
from bridge.config import ChannelSettings
from tests.support.channel_table import RecordingEngine, open_port
from tests.support.greeting import PROCESS, STARTED, greet, hello, proof, read_frame, until, version_1


class Door:
    """A server with or without a token, and connections to it."""

    def __init__(self, server: ChannelServer, engine: RecordingEngine, port: int, token: bytes) -> None:
        self.server, self.engine, self.port, self.token = server, engine, port, token
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._writers.append(writer)
        return reader, writer

    async def send(self, data: bytes) -> bytes:
        """What comes back, to the end of the connection, of bytes that are sent on a new one."""
        reader, writer = await self.connect()
        writer.write(data)
        async with asyncio.timeout(5):
            try:
                return await reader.read()
            except ConnectionResetError:
                return b""

    async def close(self) -> None:
        for writer in self._writers:
            writer.close()
        await self.server.stop()


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Door]:
    """One that has a token."""
    async for door in _door(tmp_path / "token"):
        yield door


@pytest.fixture
async def free() -> AsyncIterator[Door]:
    """One that has none."""
    async for door in _door(None):
        yield door


async def _door(file: Path | None) -> AsyncIterator[Door]:
    engine = RecordingEngine()
    server = ChannelServer(engine, ChannelSettings(port=0, token_file=file), frame_seconds=1)
    _, port = await server.start()
    door = Door(server, engine, port, NO_TOKEN if file is None else load_token(file))
    yield door
    await door.close()


async def test_a_caller_with_the_token_is_served_and_named(guarded: Door) -> None:
    reader, writer = await guarded.connect()
    await greet(reader, writer, guarded.token)
    writer.write(open_port(1) + open_port(2))
    assert decode_reply(await read_frame(reader), 1) == Answer(1, 0)
    assert decode_reply(await read_frame(reader), 2) == Answer(2, 0)
    assert [call.caller.program for call in guarded.engine.calls] == [f"{PROCESS}:{STARTED}"] * 2


async def test_hello_proof_and_call_may_come_together_once_the_nonce_is_known(guarded: Door) -> None:
    """One round trip more than without any of this: proof and call need no answer between them."""
    reader, writer = await guarded.connect()
    said = hello(guarded.port)
    writer.write(said)
    writer.write(proof(said, await read_frame(reader), guarded.token) + open_port(1))
    assert decode_reply(await read_frame(reader), 1) == Answer(1, 0)


async def test_the_token_does_not_cross_the_wire(guarded: Door) -> None:
    reader, writer = await guarded.connect()
    said = hello(guarded.port)
    writer.write(said)
    welcome = await read_frame(reader)
    assert guarded.token not in said + welcome + proof(said, welcome, guarded.token)


@pytest.mark.parametrize("given", [NO_TOKEN, b"b" * 32], ids=["none", "another"])
async def test_a_wrong_proof_closes_and_tells_what_to_do(
    given: bytes, guarded: Door, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await guarded.connect()
    said = hello(guarded.port)
    writer.write(said)
    nonce = Welcome.decode(await read_frame(reader)).nonce
    writer.write(encode_proof(library_proof(given, said, nonce)) + open_port(1))
    assert await reader.read() == b""
    assert guarded.engine.calls == []
    assert f"process {PROCESS} has not proved" in caplog.text
    assert "channel.token_file" in caplog.text
    assert guarded.token.hex() not in caplog.text
    assert " left " not in caplog.text


async def test_a_proof_is_good_for_one_connection_only(guarded: Door) -> None:
    said = hello(guarded.port)
    proofs = []
    for _ in range(2):
        reader, writer = await guarded.connect()
        writer.write(said)
        proofs.append(proof(said, await read_frame(reader), guarded.token))
    writer.write(proofs[0] + open_port(1))
    assert await reader.read() == b""
    assert proofs[0] != proofs[1]
    assert guarded.engine.calls == []


async def test_a_caller_that_leaves_at_the_bridges_proof_is_told_of(
    guarded: Door, free: Door, caplog: pytest.LogCaptureFixture
) -> None:
    """As a library does that has another token."""
    for door, advice in ((guarded, "CSHIS_BRIDGE_TOKEN_FILE"), (free, "channel.token_file is not set")):
        caplog.clear()
        reader, writer = await door.connect()
        writer.write(hello(door.port))
        await read_frame(reader)
        writer.close()
        await until(lambda: bool(caplog.text))
        assert f"process {PROCESS} left" in caplog.text
        assert advice in caplog.text


@pytest.mark.parametrize(("host", "away"), [("127.0.0.1", 1), ("127.0.0.2", 0), ("::1", 0)])
async def test_a_thief_between_library_and_bridge_cannot_pass_on_what_it_hears(
    host: str, away: int, guarded: Door, caplog: pytest.LogCaptureFixture
) -> None:
    """The library names the address that it connected to; the bridge answers no hello for another."""
    assert await guarded.send(hello(guarded.port + away, host)) == b""
    assert "passes its frames on" in caplog.text


async def test_where_no_token_is_set_any_address_will_do(free: Door) -> None:
    reader, writer = await free.connect()
    writer.write(hello(free.port + 1, "192.0.2.1"))
    Welcome.decode(await read_frame(reader))


HELLO = Hello(bytes(32), PROCESS, STARTED, host_bytes("127.0.0.1"), 5068).encode()
NO_FIRST_FRAMES = {
    "a call": open_port(1),
    "a proof": encode_proof(bytes(32)),
    "a welcome": Welcome(bytes(32), bytes(32)).encode(),
    "an answer": encode_reply(Answer(1, 0)),
    "a hello that is too long": make_frame(4, 0, HELLO[HEADER_BYTES:] + b"x"),
    "a hello that is too short": make_frame(4, 0, HELLO[HEADER_BYTES:-1]),
    "an announcement of 12 MB": HELLO[:8] + struct.pack("<I", MOST_CALL_BYTES - HEADER_BYTES) + HELLO[12:],
}


@pytest.mark.parametrize("data", NO_FIRST_FRAMES.values(), ids=NO_FIRST_FRAMES)
async def test_nothing_but_a_hello_comes_first(data: bytes, guarded: Door, free: Door) -> None:
    for door in (guarded, free):
        assert await door.send(data) == b""
        assert door.engine.calls == []


@pytest.mark.parametrize("second", [open_port(1), HELLO], ids=["a call", "a hello"])
async def test_nothing_but_a_proof_comes_second(second: bytes, guarded: Door, free: Door) -> None:
    for door in (guarded, free):
        reader, writer = await door.connect()
        writer.write(hello(door.port))
        await read_frame(reader)
        writer.write(second)
        assert await reader.read() == b""
        assert door.engine.calls == []


# --- version 1 ----------------------------------------------------------------------------------------------


async def test_version_1_is_answered_where_no_token_is_set_and_is_nobodys_program(free: Door) -> None:
    reader, writer = await free.connect()
    for number in (1, 2):
        writer.write(version_1(open_port(number, port=7)))
        reply = await read_frame(reader)
        assert reply == as_version_1(encode_reply(Answer(number, 0)))
        assert reply[4:6] == b"\1\0"
    caller = free.engine.calls[1].caller
    assert free.engine.calls[1].arguments == {"pComNum": 7}
    assert (caller.program, caller.gone()) == ("", "")


async def test_version_1_is_refused_in_its_own_words_where_a_token_is_set(
    guarded: Door, caplog: pytest.LogCaptureFixture
) -> None:
    for token in (NO_TOKEN, guarded.token):
        reply = await guarded.send(version_1(open_port(5), token))
        assert reply == b"CSHB\1\0\3\0\2\0\0\0\5\0\0\0\xfe\xff"
    assert guarded.engine.calls == []
    assert "version 1" in caplog.text
    assert "replace the native library" in caplog.text


async def test_a_later_version_is_refused_in_ours(guarded: Door) -> None:
    reply = await guarded.send(b"CSHB\3\0" + HELLO[6:])
    assert decode_reply(reply, 0) == Refusal(0, -2)


@pytest.mark.parametrize("length", [0, 16, 31])
async def test_a_call_of_version_1_that_is_too_short_is_refused(length: int, free: Door) -> None:
    frame = b"CSHB\1\0\1\0" + length.to_bytes(4, "little") + b"\7\0\0\0" + bytes(length)
    assert await free.send(frame) == as_version_1(encode_reply(Refusal(7, 4000)))


def test_what_is_no_call_of_version_1_is_not_rewritten() -> None:
    for frame in (open_port(1), HELLO, b"CSHB\1\0\2\0" + bytes(60)):
        assert as_version_2(frame) == frame


# --- the caller's presence ----------------------------------------------------------------------------------


async def presence(door: Door, milliseconds: int) -> tuple[Caller, asyncio.StreamWriter]:
    """The caller of a call that is under way."""
    reader, writer = await door.connect()
    await greet(reader, writer, door.token)
    begun, forever = asyncio.Event(), asyncio.Event()

    async def behave(call: object) -> None:
        begun.set()
        await forever.wait()

    door.engine.behave = behave  # type: ignore[assignment]
    writer.write(open_port(1, milliseconds=milliseconds))
    await asyncio.wait_for(begun.wait(), 5)
    return door.engine.calls[0].caller, writer


async def test_a_caller_is_there_until_its_time_is_over(guarded: Door) -> None:
    caller, _ = await presence(guarded, 1500)
    assert caller.gone() == ""
    await until(lambda: bool(caller.gone()))
    assert "time is over" in caller.gone()


async def test_a_caller_that_hangs_up_is_gone_before_the_loop_says_so(guarded: Door) -> None:
    caller, writer = await presence(guarded, 60_000)
    assert caller.gone() == ""
    writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
    assert "closed" in caller.gone()  # nothing has been awaited since
    await asyncio.sleep(0.05)
    assert "closed" in caller.gone()


# --- an answer that did not arrive --------------------------------------------------------------------------

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: the connection ends as that of a killed program does


async def changing(door: Door, unheard: list[str]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection by whose call something has been changed."""

    async def behave(call: LegacyCall) -> LegacyResult:
        call.caller.if_unheard(lambda: unheard.append(call.name))
        return LegacyResult(0)

    door.engine.behave = behave
    reader, writer = await door.connect()
    await greet(reader, writer, door.token)
    writer.write(open_port(1))
    return reader, writer


def end(writer: asyncio.StreamWriter) -> None:
    """Reset the connection."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


async def test_a_reset_right_behind_the_answer_says_that_it_was_not_heard(guarded: Door) -> None:
    unheard: list[str] = []
    reader, writer = await changing(guarded, unheard)
    await read_frame(reader)
    end(writer)
    await until(lambda: unheard == ["csOpenCom"])


async def test_who_calls_again_has_heard_the_answer(guarded: Door) -> None:
    unheard: list[str] = []
    reader, writer = await changing(guarded, unheard)
    await read_frame(reader)
    guarded.engine.behave = None
    writer.write(open_port(2))
    await read_frame(reader)
    end(writer)
    await until(lambda: guarded.server.connections == 0)
    assert unheard == []


async def test_who_closes_has_heard_the_answer(guarded: Door) -> None:
    unheard: list[str] = []
    reader, writer = await changing(guarded, unheard)
    await read_frame(reader)
    writer.close()
    await until(lambda: guarded.server.connections == 0)
    assert unheard == []


async def test_a_reset_long_after_the_answer_says_nothing(
    guarded: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows resets all connections of a program that ends."""
    monkeypatch.setattr(connection, "HEARING_SECONDS", 0.05)
    unheard: list[str] = []
    reader, writer = await changing(guarded, unheard)
    await read_frame(reader)
    await asyncio.sleep(0.1)
    end(writer)
    await until(lambda: guarded.server.connections == 0)
    assert unheard == []


async def test_an_answer_that_cannot_be_sent_any_more_was_not_heard(guarded: Door) -> None:
    """The caller goes between the last look at it and the answer."""
    unheard: list[str] = []

    async def behave(call: LegacyCall) -> LegacyResult:
        assert call.caller.gone() == ""
        call.caller.if_unheard(lambda: unheard.append(call.name))
        end(writer)
        await until(lambda: call.caller.gone() != "")
        await asyncio.sleep(0.05)
        return LegacyResult(0)

    guarded.engine.behave = behave
    reader, writer = await guarded.connect()
    await greet(reader, writer, guarded.token)
    writer.write(open_port(1))
    await until(lambda: unheard == ["csOpenCom"])
