"""The quick way into a frame never differs from the careful one: it reads the same, or nothing."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

import pytest

from bridge.calls.call import Argument, File, LegacyResult, OutBuffer
from bridge.channel.dispatch import _arguments
from bridge.channel.frame import (
    HEADER_BYTES,
    Answer,
    FrameError,
    Request,
    Sent,
    decode_reply,
    decode_request,
    encode_request,
)
from bridge.channel.row_frames import HEAD, RowFrames, head_of
from bridge.errors import BadArgument, InternalFault
from bridge.table.codegen.abi import Slot
from bridge.table.default import default_table
from tests.support.channel_table import TABLE as SMALL
from tests.support.small_table import small_table

TABLES = {"small": SMALL, "all kinds": small_table(), "project": default_table()}
ROWS = {f"{of}: {row.name}": RowFrames(table, row) for of, table in TABLES.items() for row in table.served()}
BY_NAME = {name.partition(": ")[2]: row for name, row in ROWS.items() if name.startswith("project")}
GET = ROWS["small: hisGet"]
FILES = (
    File(b"a.zip", b"\0content"), File(b"a.zip"), File(b"a.zip", None, too_large=True),
    File(b"a.zip", b"abc", cut=True), File(b"a.zip1\xff", ambiguous=True),
)  # fmt: skip
LEAST, MOST = -32768, 32767


def _sent(slot: Slot, chance: random.Random) -> Sent:
    """Something that the library may send for an argument, at its edges more often than not."""
    match slot.kind:
        case "text" | "block" | "text_inout":
            return Sent(
                slot.kind, chance.randbytes(chance.choice([0, slot.most, chance.randint(0, slot.most)]))
            )
        case "record":
            capacity = chance.choice([LEAST, -1, 0, 1, 316, MOST])
            return Sent(slot.kind, OutBuffer(capacity, chance.randbytes(min(16, max(capacity, 0)))))
        case "count" | "scalar":
            return Sent(slot.kind, chance.choice([LEAST, -1, 0, 1, MOST]))
        case "file":
            return Sent(slot.kind, chance.choice(FILES))
    return Sent(slot.kind)


def _frame(row: RowFrames, chance: random.Random) -> bytes:
    sent = tuple(_sent(slot, chance) for slot in row.slots)
    return encode_request(Request(chance.randrange(2**32), row.signature, row.function.name, sent))


def _carefully(row: RowFrames, frame: bytes) -> dict[str, Argument] | None:
    """What the frame says; None where it is refused."""
    try:
        request = decode_request(frame)
        if tuple(sent.kind for sent in request.arguments) != row.kinds:
            return None
        return dict(_arguments(request, row))
    except (FrameError, BadArgument):
        return None


def _damaged(frame: bytes, begin: int, chance: random.Random) -> Iterator[bytes]:
    """The same head with something else behind it. What is said of the length stays true: the caller of the
    quick way has looked at that.
    """
    for end in range(begin, len(frame)):
        yield frame[:end]
    yield frame + b"\0"
    for at in range(begin, len(frame)):
        for value in (0, 1, 3, 7, 127, 128, 255, chance.randrange(256)):
            yield frame[:at] + bytes([value]) + frame[at + 1 :]


def _with_length(frame: bytes) -> bytes:
    return frame[:8] + struct.pack("<I", len(frame) - HEADER_BYTES) + frame[12:]


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_both_ways_read_the_same(row: RowFrames) -> None:
    chance = random.Random(row.function.name)
    for _ in range(20):
        frame = _frame(row, chance)
        assert head_of(frame) == row.head
        expected = None if "file" in row.kinds else _carefully(row, frame)
        assert row.arguments(frame) == expected
        assert expected is not None or "file" in row.kinds


@pytest.mark.parametrize("row", [ROWS[name] for name in ROWS if not name.startswith("project")])
def test_what_the_careful_way_refuses_is_never_read(row: RowFrames) -> None:
    chance = random.Random(row.function.name)
    begin = HEAD + len(row.head)
    for damaged in map(_with_length, _damaged(_frame(row, chance), begin, chance)):
        read = row.arguments(damaged)
        if read is not None:
            assert read == _carefully(row, damaged)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_frame_that_was_cut_off_is_never_read(row: RowFrames) -> None:
    chance = random.Random(row.function.name)
    begin = HEAD + len(row.head)
    for _ in range(5):
        frame = _frame(row, chance)
        for end in range(begin, len(frame)):
            assert row.arguments(_with_length(frame[:end])) is None


@pytest.mark.parametrize(
    "sent",
    [
        (
            Sent("text", b"012"),
            Sent("record", OutBuffer(5)),
            Sent("length"),
            Sent("text_out"),
            Sent("length"),
        ),
        (
            Sent("text", b"01"),
            Sent("record", OutBuffer(2, b"123")),
            Sent("length"),
            Sent("text_out"),
            Sent("length"),
        ),
        (
            Sent("text", b"01"),
            Sent("record", OutBuffer(-1, b"1")),
            Sent("length"),
            Sent("text_out"),
            Sent("length"),
        ),
        (
            Sent("block", b"01"),
            Sent("record", OutBuffer(5)),
            Sent("length"),
            Sent("text_out"),
            Sent("length"),
        ),
    ],
    ids=["longer than documented", "more than its buffer", "in no buffer", "another kind"],
)
def test_what_is_unusual_is_left_to_the_careful_way(sent: tuple[Sent, ...]) -> None:
    assert GET.arguments(encode_request(Request(1, GET.signature, "hisGet", sent))) is None


def test_no_two_rows_have_the_same_head() -> None:
    assert len({row.head for row in BY_NAME.values()}) == len(BY_NAME)


def test_a_call_that_sends_nothing_gets_its_own_arguments() -> None:
    row = BY_NAME["csGetVersionEx"]
    frame = _frame(row, random.Random(0))
    first, second = row.arguments(frame), row.arguments(frame)
    assert first is not None
    assert first == second
    assert first is not second  # what one call changes is not seen by the next


GIVEN: dict[str, Argument] = {"cItem": b"01", "pBuffer": OutBuffer(5), "pOut": OutBuffer(3)}


def test_outputs_stand_at_their_places() -> None:
    result = LegacyResult(-5, {"pBuffer": b"12345", "iFound": -2, "pOut": b"abc"})
    reply = decode_reply(GET.answer(7, result, GIVEN), 7)
    assert reply == Answer(7, -5, ((1, b"12345"), (4, -2), (3, b"abc")))
    assert decode_reply(GET.answer(8, LegacyResult(0), GIVEN), 8) == Answer(8, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pBuffer", b"123456"), ("pBuffer", 5), ("pOut", b"abcd"), ("pOut", 1), ("cItem", b"01"),
        ("cItem", 1), ("iLen", 5), ("iLen", b"5"), ("iFound", b"x"), ("nothing", b""),
    ],
)  # fmt: skip
def test_an_output_without_a_place_is_never_sent(name: str, value: bytes | int) -> None:
    with pytest.raises(InternalFault, match=name):
        GET.answer(1, LegacyResult(0, {name: value}), GIVEN)


def test_a_lasting_answer_is_the_one_of_its_call() -> None:
    row, given = BY_NAME["csGetVersionEx"], {"sPath": OutBuffer(24)}
    for result in (LegacyResult(6000, {"sPath": b"a.dll\0"}), LegacyResult(6001, {"sPath": b"b\0"})):
        for number in (7, 0, 2**32 - 1):
            assert row.lasting_answer(number, result, given) == row.answer(number, result, given)


def test_a_lasting_answer_fits_each_buffer_that_it_is_for() -> None:
    result = LegacyResult(0, {"pBuffer": b"12345"})
    assert decode_reply(GET.lasting_answer(1, result, GIVEN), 1) == Answer(1, 0, ((1, b"12345"),))
    with pytest.raises(InternalFault, match="pBuffer"):
        GET.lasting_answer(2, result, {**GIVEN, "pBuffer": OutBuffer(4)})


def test_a_record_whose_buffer_is_not_there_is_never_sent() -> None:
    with pytest.raises(InternalFault, match="pBuffer"):
        GET.answer(1, LegacyResult(0, {"pBuffer": b""}), {})


@pytest.mark.parametrize("result", [LegacyResult(32768), LegacyResult(0, {"iFound": -32769})])
def test_a_number_beyond_16_bits_is_never_cut(result: LegacyResult) -> None:
    with pytest.raises(FrameError):
        GET.answer(1, result, GIVEN)
