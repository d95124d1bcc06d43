"""The replay as a client of the channel: every argument arrives, and a bad bridge is no answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from bridge.calls.call import LegacyCall, LegacyResult, OutBuffer
from bridge.channel.dispatch import Dispatcher
from bridge.channel.frame import (
    Answer,
    FrameError,
    Refusal,
    decode_request,
    encode_reply,
)
from bridge.channel.handshake import NO_TOKEN, Welcome, bridge_proof, decode_proof, library_proof
from bridge.errors import TraceError
from bridge.table.loader import default_table
from bridge.table.model.rows import Table
from bridge.trace.replaying.channel_target import ChannelTarget
from tests.support.greeting import read_frame

TABLE = default_table()
NONCE = b"n" * 32
Reply = Callable[[bytes], Awaitable[bytes]]
OPEN = LegacyCall("csOpenCom", {"pComNum": 0})


@asynccontextmanager
async def target(reply: Reply, knows: bytes = NO_TOKEN) -> AsyncIterator[ChannelTarget]:
    """A target at a server that has this token and answers each call so; b"" closes the connection."""

    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            hello = await read_frame(reader)
            writer.write(Welcome(NONCE, bridge_proof(knows, hello, NONCE)).encode())
            assert decode_proof(await read_frame(reader)) == library_proof(knows, hello, NONCE)
            while True:
                answer = await reply(await read_frame(reader))
                if not answer:
                    break
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made = ChannelTarget(TABLE, "127.0.0.1", port)
    try:
        yield made
    finally:
        await made.aclose()
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


class _Echo:
    """An engine that keeps what arrives."""

    table: Table = TABLE

    def __init__(self) -> None:
        self.calls: list[LegacyCall] = []

    async def call(self, call: LegacyCall) -> LegacyResult:
        self.calls.append(call)
        return LegacyResult(
            0, {"pBuffer": b"B" * 10, "pBufferDocID": b"D"} if len(call.arguments) > 1 else {}
        )


async def test_arguments_and_outputs_go_through_as_they_are() -> None:
    engine = _Echo()
    dispatcher = Dispatcher(engine)

    async def reply(frame: bytes) -> bytes:
        return await dispatcher.answer(frame)

    orders = b"1141125080000" + b"1" * 48
    call = LegacyCall(
        "hisWriteMultiPrescriptSign",
        {
            "pDateTime": b"1141125080000",
            "pPatientID": b"Z299999929",
            "pPatientBirthDate": b"0920315",
            "pDataWrite": orders,
            "iWriteCount": 1,
            "pBuffer": OutBuffer(40, b"\xcc" * 16),
        },
    )
    async with target(reply) as channel:
        with pytest.raises(FrameError):  # the engine's second output has no place in this call
            await channel.call(1, LegacyCall("csGetHospID", {}))
        engine.calls.clear()
        assert (await channel.call(1, OPEN)).code == 0
        await channel.call(1, call)
    assert engine.calls == [OPEN, call]


async def answering(answer: object) -> Reply:
    async def reply(frame: bytes) -> bytes:
        number = decode_request(frame).number
        if isinstance(answer, bytes):
            return answer
        assert isinstance(answer, int)
        return encode_reply(Refusal(number, answer) if answer else Answer(number + 1, 0))

    return reply


@pytest.mark.parametrize("answer", [b"", b"GET / HTTP/1.1 200 OK\r\n\r\n", b"CSHB" + bytes(12), 0])
async def test_what_is_no_answer_raises_and_the_next_call_has_a_new_connection(answer: object) -> None:
    answers = [answer]

    async def reply(frame: bytes) -> bytes:
        if answers:
            return await (await answering(answers.pop()))(frame)
        return encode_reply(Answer(decode_request(frame).number, 7))

    async with target(reply) as channel:
        with pytest.raises((OSError, FrameError)):
            await channel.call(1, OPEN)
        assert (await channel.call(1, OPEN)).code == 7


async def test_a_late_answer_is_not_the_next_calls() -> None:
    seen: list[int] = []
    arrived = asyncio.Event()

    async def reply(frame: bytes) -> bytes:
        number = decode_request(frame).number
        seen.append(number)
        arrived.set()
        if len(seen) == 1:
            await asyncio.sleep(1)
        return encode_reply(Answer(number, len(seen)))

    async with target(reply) as channel:
        late = asyncio.create_task(channel.call(1, OPEN))
        await arrived.wait()
        late.cancel()  # as its time limit does
        with pytest.raises(asyncio.CancelledError):
            await late
        assert (await channel.call(1, OPEN)).code == 2


async def test_a_refusal_is_the_code_of_the_library() -> None:
    async with target(await answering(-2)) as channel:
        assert (await channel.call(1, OPEN)).code == -2


async def test_a_bridge_with_another_token_is_told_at_once() -> None:
    async with target(await answering(-2), knows=b"t" * 32) as channel:
        with pytest.raises(TraceError, match=r"channel\.token_file"):
            await channel.check()
        with pytest.raises(TraceError, match=r"channel\.token_file"):
            await channel.call(1, OPEN)


async def test_nobody_there() -> None:
    async with target(await answering(-2)) as channel:
        await channel.check()
    with pytest.raises(TraceError, match="no bridge answers"):
        await channel.check()
