"""Frames: what one side writes the other reads, and every malformed frame is told apart."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.calls.call import File, OutBuffer
from bridge.channel.frame import (
    CALL,
    HEADER_BYTES,
    HELLO,
    LONGEST_MS,
    MAGIC,
    MOST_CALL_BYTES,
    MOST_REPLY_BYTES,
    VERSION,
    Answer,
    FrameError,
    Refusal,
    Request,
    Sent,
    VersionError,
    decode_reply,
    decode_request,
    encode_reply,
    encode_request,
    frame_length,
    read_header,
    time_of,
)

i16 = st.integers(-32768, 32767)
u32 = st.integers(0, 2**32 - 1)
some_bytes = st.binary(max_size=100)
files = st.one_of(
    st.builds(File, some_bytes, st.none() | some_bytes), st.builds(File, some_bytes, st.none(), st.just(True))
)
sent = st.one_of(
    st.builds(Sent, st.sampled_from(["text", "block", "text_inout"]), some_bytes),
    st.builds(Sent, st.just("file"), files),
    st.builds(Sent, st.just("record"), st.builds(OutBuffer, i16, some_bytes)),
    st.builds(Sent, st.sampled_from(["count", "scalar"]), i16),
    st.builds(Sent, st.sampled_from(["length", "text_out"])),
)
requests = st.builds(
    Request,
    u32,
    u32,
    st.text(st.characters(codec="ascii"), max_size=40),
    st.lists(sent, max_size=32).map(tuple),
    u32,
)
outputs = st.dictionaries(st.integers(0, 255), st.one_of(some_bytes, i16), max_size=8).map(
    lambda values: tuple(values.items())
)

REQUEST = Request(7, 0x12345678, "hisGetBasicData", (Sent("record", OutBuffer(72)), Sent("length")))
FRAME = encode_request(REQUEST)
ANSWER = encode_reply(Answer(7, 0, ((0, b"x" * 72),)))
REFUSAL = encode_reply(Refusal(7, -2))


@given(requests)
def test_call_comes_back(request: Request) -> None:
    assert decode_request(encode_request(request)) == request


@given(u32, i16, outputs)
def test_answer_comes_back(number: int, code: int, values: tuple[tuple[int, bytes | int], ...]) -> None:
    answer = Answer(number, code, values)
    assert decode_reply(encode_reply(answer), number) == answer


@given(u32, i16.filter(bool))
def test_refusal_comes_back(number: int, code: int) -> None:
    assert decode_reply(encode_reply(Refusal(number, code)), number) == Refusal(number, code)


@st.composite
def mutants(draw: st.DrawFn, frames: st.SearchStrategy[bytes]) -> bytes:
    """A frame of which some bytes were changed, cut out, put in or moved; its length is mostly right."""
    frame = draw(frames)
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted((draw(st.integers(0, len(frame))), draw(st.integers(0, len(frame)))))
        middle = (
            draw(st.sampled_from([b"", frame[start:end] * 2])) if draw(st.booleans()) else draw(some_bytes)
        )
        frame = frame[:start] + middle + frame[end:]
    if draw(st.integers(0, 3)) and len(frame) >= HEADER_BYTES:
        length = struct.pack("<I", len(frame) - HEADER_BYTES)
        frame = draw(st.sampled_from([frame[:8], FRAME[:8], ANSWER[:8]])) + length + frame[12:]
    return frame


@given(mutants(requests.map(encode_request)))
def test_a_spoilt_call_is_told_or_is_another_call(frame: bytes) -> None:
    """What can be read can be written again, byte for byte: there are no two frames for one call."""
    try:
        request = decode_request(frame)
    except FrameError:
        return
    assert encode_request(request) == frame


@given(mutants(st.builds(lambda code, values: encode_reply(Answer(7, code, values)), i16, outputs)))
def test_a_spoilt_reply_is_told_or_is_another_reply(frame: bytes) -> None:
    try:
        reply = decode_reply(frame, 7)
    except FrameError:
        return
    assert encode_reply(reply) == frame


@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_a_frame_error(data: bytes) -> None:
    for head in (b"", *(frame[:8] + struct.pack("<II", len(data), 7) for frame in (FRAME, ANSWER, REFUSAL))):
        for decode in (decode_request, lambda f: decode_reply(f, 7)):
            try:
                decode(head + data)
            except FrameError:
                continue


def test_layout_of_a_call_is_as_documented() -> None:
    request = Request(
        1, 2, "ab", (Sent("text", b"x"), Sent("record", OutBuffer(-1, b"[")), Sent("scalar", -2)), 0x5678
    )
    payload = b"\x78\x56\0\0" + b"\2\0\0\0" + b"\2ab" + b"\3"
    payload += b"\1" + b"\1\0\0\0x"
    payload += b"\3\xff\xff" + b"\1\0\0\0["
    payload += b"\6\xfe\xff"
    assert encode_request(request) == b"CSHB\2\0\1\0" + bytes([len(payload), 0, 0, 0]) + b"\1\0\0\0" + payload


def test_layout_of_replies_is_as_documented() -> None:
    answer = Answer(1, 5141, ((0, b"ab"), (2, -3)))
    payload = b"\x15\x14" + b"\2" + b"\0\1\2\0\0\0ab" + b"\2\2\xfd\xff"
    assert encode_reply(answer) == b"CSHB\2\0\2\0" + bytes([len(payload), 0, 0, 0]) + b"\1\0\0\0" + payload
    assert encode_reply(Refusal(1, -1)) == b"CSHB\2\0\3\0\2\0\0\0\1\0\0\0\xff\xff"


def changed(frame: bytes, at: int, new: bytes) -> bytes:
    return frame[:at] + new + frame[at + len(new) :]


BAD_CALLS = {
    "nothing": (b"", "no header"),
    "magic": (changed(FRAME, 0, b"GET "), "CSHB"),
    "kind": (changed(FRAME, 6, b"\2"), "no call"),
    "too short": (FRAME[:-1], "header says"),
    "too long": (FRAME + b"x", "header says"),
    "beyond the cap": (changed(FRAME, 8, b"\xff\xff\xff\xff"), "cap"),
    "inner length": (changed(FRAME, len(FRAME) - 5, b"\xff"), "too early"),
    "argument kind": (changed(FRAME, len(FRAME) - 1, b"\x63"), "unknown kind 99"),
    "left over": (changed(FRAME + b"x", 8, bytes([len(FRAME) + 1 - HEADER_BYTES])), "1 bytes too many"),
    "name not ASCII": (FRAME.replace(b"his", b"\xff\xfe\xfd"), "not ASCII"),
}


@pytest.mark.parametrize(("frame", "message"), BAD_CALLS.values(), ids=BAD_CALLS.keys())
def test_malformed_call(frame: bytes, message: str) -> None:
    with pytest.raises(FrameError, match=message):
        decode_request(frame)


def test_another_version_is_told_with_its_call_number() -> None:
    with pytest.raises(VersionError, match="version 3") as caught:
        decode_request(changed(FRAME, 4, b"\3"))
    assert caught.value.number == 7


BAD_REPLIES = {
    "another call": (changed(ANSWER, 12, b"\x08"), "reply to call 8"),
    "a call": (FRAME, "no reply"),
    "refusal saying success": (b"CSHB\2\0\3\0\2\0\0\0\7\0\0\0\0\0", "carries 0"),
    "unknown form": (changed(ANSWER, 20, b"\3"), "unknown form 3"),
    "two outputs for one argument": (encode_reply(Answer(7, 0, ((0, b"a"), (0, 1)))), "two outputs"),
    "cut off": (ANSWER[:-1], "header says"),
}


@pytest.mark.parametrize(("frame", "message"), BAD_REPLIES.values(), ids=BAD_REPLIES.keys())
def test_malformed_reply(frame: bytes, message: str) -> None:
    with pytest.raises(FrameError, match=message):
        decode_reply(frame, 7)


UNFIT = {
    "number": Request(2**32, 0, "x", ()),
    "capacity": Request(0, 0, "x", (Sent("record", OutBuffer(32768)),)),
    "value": Request(0, 0, "x", (Sent("scalar", b"x"),)),
    "time": Request(0, 0, "x", (), 2**32),
    "name": Request(0, 0, "x" * 256, ()),
    "frame": Request(0, 0, "x", (Sent("block", bytes(MOST_CALL_BYTES)),)),
}


@pytest.mark.parametrize("request_", UNFIT.values(), ids=UNFIT.keys())
def test_what_does_not_fit_is_not_encoded(request_: Request) -> None:
    with pytest.raises(FrameError):
        encode_request(request_)


@pytest.mark.parametrize(
    "reply", [Refusal(1, 0), Refusal(1, 40000), Answer(1, -32769), Answer(1, 0, ((300, b""),))]
)
def test_unfit_reply_is_not_encoded(reply: Answer | Refusal) -> None:
    with pytest.raises(FrameError):
        encode_reply(reply)


def test_header_is_read_before_the_rest_has_come() -> None:
    header = read_header(FRAME[:HEADER_BYTES])
    assert (header.kind, header.length, header.number) == (1, len(FRAME) - HEADER_BYTES, 7)
    assert struct.calcsize("<4sHHII") == HEADER_BYTES
    assert time_of(FRAME) == decode_request(FRAME).milliseconds == LONGEST_MS


def _header(kind: int, whole: int) -> bytes:
    return struct.pack("<4sHHII", MAGIC, VERSION, kind, whole - HEADER_BYTES, 7)


@pytest.mark.parametrize(("kind", "most"), [(CALL, MOST_CALL_BYTES), (HELLO, MOST_REPLY_BYTES)])
def test_a_frame_is_as_long_as_its_kind_may_be(kind: int, most: int) -> None:
    for whole in (HEADER_BYTES, MOST_REPLY_BYTES, most):
        assert frame_length(_header(kind, whole) + b"x") == whole
    for begun in range(HEADER_BYTES):
        assert frame_length(_header(kind, most)[:begun]) is None
    with pytest.raises(FrameError, match="cap"):
        frame_length(_header(kind, most + 1))


def test_an_answer_is_as_long_as_a_reply_may_be() -> None:
    room = MOST_REPLY_BYTES - len(encode_reply(Answer(7, 0, ((0, b""),))))
    assert len(encode_reply(Answer(7, 0, ((0, bytes(room)),)))) == MOST_REPLY_BYTES
    with pytest.raises(FrameError, match="cap"):
        encode_reply(Answer(7, 0, ((0, bytes(room + 1)),)))
