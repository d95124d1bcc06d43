"""Dispatch: a frame becomes a call, its result a reply; what is wrong is refused with the row's code."""

import logging
from dataclasses import replace

import pytest

from bridge.calls.call import NATIVE, Answered, LegacyCall, LegacyResult, OutBuffer
from bridge.calls.caller import Caller
from bridge.channel.dispatch import MOST_REASONS, Dispatcher, LastReply
from bridge.channel.frame import (
    Answer,
    FrameError,
    Refusal,
    Request,
    Sent,
    decode_reason,
    decode_reply,
    encode_reason,
    encode_request,
)
from tests.support.channel_table import RecordingEngine, hash_of, open_port

GET = Request(
    9,
    hash_of("hisGet"),
    "hisGet",
    (
        Sent("text", b"01"),
        Sent("record", OutBuffer(5, b"[XX")),
        Sent("length"),
        Sent("text_out"),
        Sent("length"),
    ),
)


class AnsweringEngine(RecordingEngine):
    """Has its answer at once."""

    answer = Answered(LegacyResult(0))

    def call(self, call: LegacyCall) -> Answered:  # type: ignore[override]
        return self.answer


async def ask(engine: RecordingEngine, request: Request | bytes) -> tuple[Answer | Refusal, bool]:
    frame = request if isinstance(request, bytes) else encode_request(request)
    reply = await Dispatcher(engine).answer(frame)
    return decode_reply(reply, int.from_bytes(frame[12:16], "little")), isinstance(reply, LastReply)


async def test_call_reaches_the_engine_by_names() -> None:
    engine = RecordingEngine()
    assert await ask(engine, GET) == (Answer(9, 0), False)
    arguments = {"cItem": b"01", "pBuffer": OutBuffer(5, b"[XX"), "pOut": OutBuffer(3)}
    assert engine.calls == [LegacyCall("hisGet", arguments, NATIVE)]


async def test_number_reaches_the_engine() -> None:
    engine = RecordingEngine()
    await ask(engine, open_port(port=-1))
    assert engine.calls[0].arguments == {"pComNum": -1}


async def test_an_answer_that_lasts_comes_back_to_each_call() -> None:
    engine = AnsweringEngine()
    for number, result in ((1, LegacyResult(5)), (2, None), (3, LegacyResult(6)), (4, None)):
        if result is not None:
            engine.answer = Answered(result, lasts=True)
        answered = (Answer(number, engine.answer.result.code), False)
        assert await ask(engine, open_port(number=number)) == answered


async def test_result_comes_back_by_positions() -> None:
    engine = RecordingEngine(LegacyResult(5141, {"iFound": 2, "pBuffer": b"12345", "pOut": b"abc"}))
    assert await ask(engine, GET) == (Answer(9, 5141, ((4, 2), (1, b"12345"), (3, b"abc"))), False)


@pytest.mark.parametrize(
    "outputs",
    [
        {"pBuffer": b"123456"},
        {"pOut": b"abcd"},
        {"cItem": b"01"},
        {"iLen": 5},
        {"nothing": b""},
        {"pBuffer": 5},
        {"iFound": b"x"},
    ],
)
async def test_output_without_a_place_is_a_fault_of_the_bridge(
    outputs: dict[str, bytes | int], caplog: pytest.LogCaptureFixture
) -> None:
    assert await ask(RecordingEngine(LegacyResult(0, outputs)), GET) == (Refusal(9, 4001), False)
    assert next(iter(outputs)) in caplog.text


@pytest.mark.parametrize("result", [LegacyResult(65536), LegacyResult(0, {"iFound": 40000})])
async def test_number_beyond_16_bits_is_a_fault_of_the_bridge(result: LegacyResult) -> None:
    assert await ask(RecordingEngine(result), GET) == (Refusal(9, 4001), False)


async def test_engine_that_raises_is_a_fault_of_the_bridge(caplog: pytest.LogCaptureFixture) -> None:
    async def behave(call: LegacyCall) -> LegacyResult:
        raise RuntimeError("invented")

    assert await ask(RecordingEngine(behave=behave), open_port(3)) == (Refusal(3, -1), False)
    assert "invented" in caplog.text


@pytest.mark.parametrize(
    "request_",
    [
        replace(GET, signature=GET.signature ^ 1),
        replace(GET, name="hisGone"),
        replace(GET, name="hidden"),
        replace(GET, arguments=GET.arguments[:-1]),
        replace(GET, arguments=(Sent("block", b"01"), *GET.arguments[1:])),
    ],
    ids=["hash", "unknown name", "name that is not exported", "too few arguments", "kind"],
)
async def test_library_of_another_table_is_refused(
    request_: Request, caplog: pytest.LogCaptureFixture
) -> None:
    engine = RecordingEngine()
    assert await ask(engine, request_) == (Refusal(9, -2), False)
    assert engine.calls == []
    assert "replace the native library" in caplog.text


async def test_refusal_uses_the_contexts_of_the_row() -> None:
    request = Request(2, hash_of("csOpenCom") ^ 1, "csOpenCom", (Sent("scalar", 0),))
    assert await ask(RecordingEngine(), request) == (Refusal(2, -1), False)


@pytest.mark.parametrize(
    "arguments",
    [
        (Sent("text", b"012"), *GET.arguments[1:]),
        (GET.arguments[0], Sent("record", OutBuffer(2, b"abc")), *GET.arguments[2:]),
        (GET.arguments[0], Sent("record", OutBuffer(-1, b"a")), *GET.arguments[2:]),
    ],
)
async def test_argument_beyond_its_width_is_refused(arguments: tuple[Sent, ...]) -> None:
    engine = RecordingEngine()
    assert await ask(engine, replace(GET, arguments=arguments)) == (Refusal(9, 6018), False)
    assert engine.calls == []


@pytest.mark.parametrize("version", [1, 3])
async def test_another_version_is_refused_and_closed(version: int, caplog: pytest.LogCaptureFixture) -> None:
    frame = bytearray(open_port(5))
    frame[4] = version
    reply = await Dispatcher(RecordingEngine()).answer(bytes(frame))
    spoken = 1 if version == 1 else 2  # one of version 1 reads no other
    assert reply == b"CSHB%c\0\3\0\2\0\0\0\5\0\0\0\xfe\xff" % spoken
    assert isinstance(reply, LastReply)
    assert f"version {version}" in caplog.text


async def test_unreadable_call_is_refused_and_closed() -> None:
    frame = bytearray(open_port(5))
    frame[-3] = 99
    assert await ask(RecordingEngine(), bytes(frame)) == (Refusal(5, 4000), True)


async def test_what_has_no_header_is_no_frame() -> None:
    with pytest.raises(FrameError):
        await Dispatcher(RecordingEngine()).answer(b"GET / HTTP/1.1\r\n\r\n")


async def test_log_holds_nothing_of_the_arguments(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = replace(GET, arguments=(Sent("text", b"Z299999929"), *GET.arguments[1:]))
    await ask(RecordingEngine(), secret)
    assert "cItem has 10 bytes" in caplog.text
    assert "Z299999929" not in caplog.text


# --- why a call failed --------------------------------------------------------------------------------------

ONE, OTHER = Caller("one"), Caller("other")


async def reason(dispatcher: Dispatcher, number: int, caller: Caller) -> str:
    return decode_reason(await dispatcher.answer(encode_reason(number), caller), number)


async def test_who_made_a_call_may_ask_why_it_failed() -> None:
    dispatcher = Dispatcher(RecordingEngine(LegacyResult(4061, reason="cloud: no answer 無回應")))
    await dispatcher.answer(open_port(number=3), ONE)
    assert await reason(dispatcher, 3, ONE) == "cloud: no answer 無回應"
    assert await reason(dispatcher, 2, ONE) == ""
    assert await reason(dispatcher, 3, OTHER) == ""
    assert await reason(dispatcher, 3, Caller()) == ""


async def test_an_answer_that_is_there_at_once_has_its_reason_too() -> None:
    engine = AnsweringEngine()
    engine.answer = Answered(LegacyResult(6018, reason="cItem: too long"))
    dispatcher = Dispatcher(engine)
    await dispatcher.answer(open_port(number=3), ONE)
    assert await reason(dispatcher, 3, ONE) == "cItem: too long"


async def test_reasons_do_not_pile_up() -> None:
    dispatcher = Dispatcher(RecordingEngine(LegacyResult(4061, reason="why")))
    for number in range(MOST_REASONS + 1):
        await dispatcher.answer(open_port(number=number), ONE)
    assert [await reason(dispatcher, number, ONE) for number in (0, 1, MOST_REASONS)] == ["", "why", "why"]


async def test_a_question_for_a_reason_with_a_payload_is_no_frame_of_ours() -> None:
    answered = await ask(RecordingEngine(), encode_reason(3, "x"))
    assert answered == (Refusal(3, 4000), True)
