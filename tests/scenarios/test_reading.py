"""Prescriptions, ranges and empty groups against the simulator's world, by offsets of the test's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from bridge.calls.call import LegacyResult, OutBuffer
from bridge.sim.records import CardRecord, Row
from tests.support.simulated import Bench
from tests.support.stage import DEMO, ELDER, data, read, rows, split, verify_practitioner

CARDS = ["000073898381", *[f"0000999900{number:02d}" for number in range(1, 12)]]
WITHOUT_PIN = [card for card in CARDS if card != "000099990010"]
EACH_CARD = pytest.mark.parametrize("card", WITHOUT_PIN)


@dataclass(frozen=True)
class Kind:
    """One of the four lists: its function, buffer, widths of a row, most rows."""

    function: str
    buffer: str
    widths: tuple[int, ...]
    most: int

    @property
    def width(self) -> int:
        return sum(self.widths)

    @property
    def whole(self) -> int:
        return self.width * self.most


OUTPATIENT = Kind("hisReadPrescriptMain", "pOutpatientPrescription", (13, 1, 12, 6, 18, 2, 7, 2), 60)
LONG_TERM = Kind("hisReadPrescriptLongTerm", "pLongTermPrescription", (7, 10, 18, 2, 7), 30)
IMPORTANT = Kind("hisReadPrescriptHVE", "pImportantTreatmentCode", (7, 10, 6, 6, 7), 10)
ALLERGIC = Kind("hisReadPrescriptAllergic", "pIrritationDrug", (40,), 3)
KINDS = [OUTPATIENT, LONG_TERM, IMPORTANT, ALLERGIC]
EACH_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.function)
EMPTY = {
    OUTPATIENT: b" " * 50 + b"00" + b"0000000" + b"  ",
    LONG_TERM: b" " * 35 + b"00" + b"0000000",
    IMPORTANT: b" " * 29 + b"0000000",
    ALLERGIC: b" " * 40,
}


def _quantity(text: str) -> bytes:
    whole, _, part = text.partition(".")
    return f"{int(whole) * 100 + int(part):07d}".encode()


def _outpatient(row: Row) -> bytes:
    words = [
        row["treatmentDateTime"],
        row["treatmentItem"],
        row["treatmentItemCode"].ljust(12),
        row["treatmentPosition"].ljust(6),
        row["usage"].ljust(18),
        row["days"].rjust(2, "0"),
    ]
    return "".join(words).encode() + _quantity(row["totalQuantity"]) + row["deliveryNotes"].encode().ljust(2)


def _long_term(row: Row) -> bytes:
    text = row["date"] + row["drugCode"].ljust(10) + row["usage"].ljust(18) + row["days"].rjust(2, "0")
    return text.encode() + _quantity(row["totalQuantity"])


def _important(row: Row) -> bytes:
    text = row["date"] + row["hospitalId"].ljust(10) + row["itemCode"].ljust(6) + row["position"].ljust(6)
    return text.encode() + _quantity(row["totalQuantity"])


def expected(kind: Kind, record: CardRecord) -> list[bytes]:
    """The rows that the world holds, newest first, as bytes."""
    if kind is OUTPATIENT:
        return [_outpatient(row) for row in record.prescriptions[:60]]
    if kind is LONG_TERM:
        return [_long_term(row) for row in record.long_term_prescriptions]
    if kind is IMPORTANT:
        return [_important(row) for row in record.important_treatments]
    return [name.encode().ljust(40) for name in record.allergic_medicines if name]


def filled(kind: Kind, lines: list[bytes], count: int) -> bytes:
    """So many rows, absent ones with blank texts and dates and zeros for numbers."""
    return b"".join(lines + [EMPTY[kind]] * (count - len(lines)))


@pytest.fixture
async def practice(stage: Bench) -> Bench:
    """A verified practitioner, and so many orders on the elderly person's card that ranges mean something."""
    await verify_practitioner(stage)
    record = stage.simulator.world.record(ELDER)
    for number in range(30):
        row = {"drugCode": f"LT{number:04d}", "usage": "QD", "days": str(28 - number % 5)}
        record.long_term_prescriptions.append(
            {
                "date": f"112{12 - number // 3:02d}{29 - number % 3:02d}",
                **row,
                "totalQuantity": f"{number}.50",
            }
        )
    record.long_term_prescriptions = record.long_term_prescriptions[:27]
    record.important_treatments = [
        {
            "date": f"11201{20 - number:02d}",
            "hospitalId": "3501200000",
            "itemCode": f"33{number:03d}B",
            "position": "",
            "totalQuantity": "1.00",
        }
        for number in range(10)
    ]
    return stage


# --- 1.10: four buffers at once -----------------------------------------------------------------------------


async def _read_all(bench: Bench) -> LegacyResult:
    return await bench.call("hisReadPrescription", **{kind.buffer: OutBuffer(kind.whole) for kind in KINDS})


@EACH_CARD
async def test_all_four_lists_of_every_person(card: str, practice: Bench) -> None:
    practice.simulator.world.insert("hc", card)
    result = await _read_all(practice)
    assert result.code == 0
    record = practice.simulator.world.record(card)
    for kind in KINDS:
        assert data(result, kind.buffer, kind.whole) == filled(kind, expected(kind, record), kind.most)


async def test_of_more_than_60_orders_the_newest_60_come(practice: Bench) -> None:
    practice.simulator.world.insert("hc", ELDER)
    stored = practice.simulator.world.record(ELDER).prescriptions
    assert len(stored) > 60
    times = [
        row[0] for row in rows(data(await _read_all(practice), OUTPATIENT.buffer, 3660), OUTPATIENT.widths)
    ]
    assert times == sorted((row["treatmentDateTime"].encode() for row in stored), reverse=True)[:60]


@EACH_KIND
async def test_where_one_of_four_buffers_is_too_small_none_is_written(kind: Kind, practice: Bench) -> None:
    before = len(practice.cloud.sent)
    rooms = {each.buffer: OutBuffer(each.whole - (each is kind)) for each in KINDS}
    result = await practice.call("hisReadPrescription", **rooms)
    assert (result.code, result.outputs) == (6018, {})
    assert len(practice.cloud.sent) == before


@pytest.mark.parametrize("after", [1, 2, 3])
async def test_a_card_exchanged_between_the_four_requests_gives_nothing(after: int, practice: Bench) -> None:
    """All four lists must be one person's: another one's allergies beside them would be dangerous."""
    practice.simulator.world.insert("hc", ELDER)
    answered: list[object] = []

    def exchange(request: object) -> None:
        answered.append(request)
        if len(answered) == after:
            practice.simulator.world.insert("hc", DEMO)

    practice.cloud.after = exchange
    result = await _read_all(practice)
    assert (result.code, result.outputs) == (4033, {})


# --- 1.41 to 1.44: ranges -----------------------------------------------------------------------------------


async def _range(bench: Bench, kind: Kind, start: int, end: int, capacity: int | None = None) -> LegacyResult:
    room = OutBuffer(max(end - start + 1, 1) * kind.width if capacity is None else capacity)
    return await bench.call(kind.function, **{kind.buffer: room}, iStartPos=start, iEndPos=end)


def _ranges(kind: Kind) -> list[tuple[int, int]]:
    most = kind.most
    return sorted({(1, 1), (1, most), (most, most), (2, most - 1), (1, 2), (2, 2), (most - 1, most)})


GOOD_RANGES = [(kind, start, end) for kind in KINDS for start, end in _ranges(kind)]


@pytest.mark.parametrize("card", [ELDER, DEMO])
@pytest.mark.parametrize(("kind", "start", "end"), GOOD_RANGES)
async def test_a_range_is_cut_out_of_the_list(
    kind: Kind, start: int, end: int, card: str, practice: Bench
) -> None:
    practice.simulator.world.insert("hc", card)
    lines = expected(kind, practice.simulator.world.record(card))[start - 1 : end]
    result = await _range(practice, kind, start, end)
    assert result.code == 0
    count = end - start + 1
    assert data(result, kind.buffer, count * kind.width) == filled(kind, lines, count)
    assert result.outputs["iRecCount"] == len(lines)


@EACH_KIND
async def test_position_1_is_the_newest(kind: Kind, practice: Bench) -> None:
    practice.simulator.world.insert("hc", ELDER)
    whole = await _range(practice, kind, 1, kind.most)
    first = await _range(practice, kind, 1, 1)
    lines = expected(kind, practice.simulator.world.record(ELDER))
    if kind is not ALLERGIC:
        at = kind.widths[0]
        assert lines[0][:at] == max(line[:at] for line in lines)
    assert first.outputs[kind.buffer] == lines[0]
    assert data(whole, kind.buffer, kind.whole).startswith(lines[0])


@EACH_KIND
async def test_the_room_must_hold_the_range_and_not_the_whole_record(kind: Kind, practice: Bench) -> None:
    assert (await _range(practice, kind, 2, 3, 2 * kind.width)).code == 0
    short = await _range(practice, kind, 2, 3, 2 * kind.width - 1)
    assert (short.code, short.outputs) == (6018, {})
    more = await _range(practice, kind, 2, 3, 32767)
    data(more, kind.buffer, 2 * kind.width)


def _bad_ranges(kind: Kind) -> list[tuple[int, int]]:
    most = kind.most
    starts = [(0, 1), (-1, 1), (-32768, 1), (0, 0), (-1, -1), (0, most)]
    ends = [(1, most + 1), (most, most + 1), (most + 1, most + 1), (1, 32767), (32767, 32767)]
    turned = [(2, 1), (most, 1), (1, 0), (1, -1), (most, most - 1), (32767, 1)]
    return [*starts, *ends, *turned]


BAD_RANGES = [(kind, start, end) for kind in KINDS for start, end in _bad_ranges(kind)]


@pytest.mark.parametrize(("kind", "start", "end"), BAD_RANGES)
async def test_a_bad_range_is_the_callers_fault(kind: Kind, start: int, end: int, stage: Bench) -> None:
    result = await _range(stage, kind, start, end, 32767)
    assert (result.code, result.outputs) == (6018, {})
    assert (stage.console.sent, stage.cloud.sent) == ([], [])


# --- people without anything --------------------------------------------------------------------------------

ZERO_VISIT = b" " * 31 + b"0" * 38
NOTHING: Mapping[str, bytes] = {
    "hisGetTreatmentNoNeedHPC": b" " * 84 + ZERO_VISIT * 6,
    "hisGetTreatmentNeedHPC": b" " * 372,
    "hisGetCriticalIllness": b" " * 114,
    "hisGetRegisterPrevent": b" " * 126,
    "hisGetRegisterPregnant": b" " * 209,
    "hisGetInoculateData": b" " * 1400,
    "hisGetCumulativeData": b"0" * 134,
    "hisGetCumulativeFee": b"0" * 20,
    "hisGetLastSeqNum": b"000    ",
    "hisGetEmergentTel": b" " * 14,
    "hisGetOrganDonate": b" ",
    "hisGetRegisterBasic2": b"115123100",
}


@pytest.mark.parametrize("function", NOTHING)
async def test_of_somebody_without_records_numbers_are_zeros_and_the_rest_blank(
    function: str, stage: Bench
) -> None:
    await verify_practitioner(stage)
    stage.simulator.world.records[DEMO] = CardRecord("1151231", 0)
    assert await read(stage, function, len(NOTHING[function])) == NOTHING[function]


# --- number fields are digits, whatever there is ------------------------------------------------------------

NUMBERS = {
    "hisGetTreatmentNoNeedHPC": (498, 84, (2, 1, 13, 1, 4, 10, 8, 8, 8, 7, 7), (6, 7, 8, 9, 10)),
    "hisGetCumulativeData": (134, 0, (3, 4, 10, 10, 8, 8, 8, 8, 8), tuple(range(9))),
    "hisGetCumulativeFee": (20, 0, (10, 10), (0, 1)),
    "hisGetRegisterBasic2": (9, 0, (7, 2), (1,)),
    "hisGetLastSeqNum": (7, 0, (3, 4), (0,)),
}


@EACH_CARD
@pytest.mark.parametrize("function", NUMBERS)
async def test_a_program_may_call_int_on_every_number_field(function: str, card: str, stage: Bench) -> None:
    stage.simulator.world.insert("hc", card)
    width, head, widths, numbers = NUMBERS[function]
    for row in rows((await read(stage, function, width))[head:], widths):
        assert all(row[number].isdigit() for number in numbers)


@EACH_CARD
async def test_fees_and_totals_are_those_of_the_world(card: str, stage: Bench) -> None:
    stage.simulator.world.insert("hc", card)
    visits = stage.simulator.world.record(card).visits
    record = await read(stage, "hisGetTreatmentNoNeedHPC", 498)
    for visit, row in zip(visits, rows(record[84:], NUMBERS["hisGetTreatmentNoNeedHPC"][2]), strict=False):
        assert row[2].decode() == visit.key
        assert [int(fee) for fee in row[6:]] == [int(fee) for fee in visit.fees.values()]
    totals = split(await read(stage, "hisGetCumulativeFee", 20), (10, 10))
    names = ("outpatientFee", "inpatientFee")
    assert [int(total) for total in totals] == [sum(int(v.fees[name]) for v in visits) for name in names]
