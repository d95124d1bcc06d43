"""Diagnosis codes in 5 and 7 bytes: the insurer's own examples, byte by byte, and what must never happen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.calls.call import LegacyResult, OutBuffer
from bridge.sim.records import Visit
from tests.support.good_calls import FEES
from tests.support.simulated import Bench
from tests.support.stage import CHILD, DEMO, HERE, person, read, verify_practitioner

# The insurer's own test cases: a code and its 5 squeezed bytes.
EXAMPLES = [
    (b"G44201", b'"M7WK'),
    (b"G44209", b'"M830'),
    (b"G44211", b'"M86W'),
    (b"G44219", b'"M8FC'),
    (b"G44221", b'"M8JG'),
    (b"G44229", b'"M8YG'),
    (b"H401324", b"#:5BK"),
    (b"O320xx0", b"%}3RK"),
    (b"O320xx1", b"%}3RO"),
    (b"O320xx5", b"%}3S4"),
]
PATTERN = b"[XXXXXXX]"
CODES = ("mainCode", "subCode1", "subCode2", "subCode3", "subCode4", "subCode5")


# --- squeezing and spreading --------------------------------------------------------------------------------


@pytest.mark.parametrize(("whole", "squeezed"), EXAMPLES)
async def test_the_insurers_examples_both_ways(whole: bytes, squeezed: bytes, stage: Bench) -> None:
    encoded = await stage.call("hisGetICD10EnC", pIN=whole, pOUT=OutBuffer(6))
    assert (encoded.code, encoded.outputs) == (0, {"pOUT": squeezed + b"\0"})
    decoded = await stage.call("hisGetICD10DeC", pIN=squeezed, pOUT=OutBuffer(8))
    assert (decoded.code, decoded.outputs) == (0, {"pOUT": whole + b"\0"})


@pytest.mark.parametrize("padding", [b" ", b"\0", b" " * 20, b"   \0"])
async def test_the_code_may_be_padded_as_programs_do(padding: bytes, stage: Bench) -> None:
    result = await stage.call("hisGetICD10EnC", pIN=b"G44201" + padding, pOUT=OutBuffer(6))
    assert (result.code, result.outputs) == (0, {"pOUT": b'"M7WK\0'})


@pytest.mark.parametrize("code", [b"I10", b"J029", b"A000", b"Z99999"])
async def test_a_code_that_needs_no_squeezing_leaves_the_answer_empty(code: bytes, stage: Bench) -> None:
    result = await stage.call("hisGetICD10EnC", pIN=code, pOUT=OutBuffer(6))
    assert (result.code, result.outputs) == (9127, {})


async def test_squeezed_bytes_that_nobody_knows_are_9127(stage: Bench) -> None:
    result = await stage.call("hisGetICD10DeC", pIN=b'"ZZZZ', pOUT=OutBuffer(8))
    assert (result.code, result.outputs) == (9127, {})


# --- reading ------------------------------------------------------------------------------------------------


@pytest.fixture
async def ill(stage: Bench) -> Bench:
    """The demo person with the critical illnesses of the manual's test case: one ICD-9 code, one ICD-10."""
    stage.simulator.world.record(DEMO).critical_illnesses = [
        {"ciCode": "36042", "validityStart": "1030101", "validityEnd": "1051231"},
        {"ciCode": "H401324", "validityStart": "1040101", "validityEnd": "1061231"},
    ]
    await verify_practitioner(stage)
    return stage


SHORT = b"3604210301011051231#:5BK10401011061231".ljust(114)
LONG = b" 36042   10301011051231 H401324 10401011061231".ljust(138)


async def _illnesses(bench: Bench, holds: bytes, capacity: int) -> LegacyResult:
    return await bench.call("hisGetCriticalIllness", pBuffer=OutBuffer(capacity, holds))


async def test_critical_illnesses_in_114_bytes_as_the_manual_shows_them(ill: Bench) -> None:
    assert (await _illnesses(ill, b"", 114)).outputs == {"pBuffer": SHORT}


async def test_critical_illnesses_in_138_bytes_as_the_manual_shows_them(ill: Bench) -> None:
    assert (await _illnesses(ill, PATTERN, 138)).outputs == {"pBuffer": LONG}
    assert ill.cloud.sent == ["POST /api/v1/CriticalIllness/Query"]


async def test_the_same_for_the_person_named(ill: Bench) -> None:
    whose = person(ill.simulator.world, DEMO)
    short = await ill.call("hisGetCriticalIllnessID", **whose, pBuffer=OutBuffer(114))
    long = await ill.call("hisGetCriticalIllnessID", **whose, pBuffer=OutBuffer(138, PATTERN))
    assert (short.outputs, long.outputs) == ({"pBuffer": SHORT}, {"pBuffer": LONG})


async def test_without_a_practitioner_card_the_codes_are_blank_and_the_dates_there(ill: Bench) -> None:
    ill.simulator.world.remove("hpc")
    short = await _illnesses(ill, b"", 114)
    assert short.code == 5141
    assert short.outputs == {"pBuffer": b"     10301011051231     10401011061231".ljust(114)}
    long = await _illnesses(ill, PATTERN, 138)
    assert long.outputs == {"pBuffer": b"         10301011051231         10401011061231".ljust(138)}


async def test_a_buffer_that_still_holds_the_previous_answer_is_read_in_the_short_form(ill: Bench) -> None:
    """The caller cleared nothing: what stands there is an answer, not a pattern."""
    for previous in (SHORT, LONG, b"[" + SHORT[1:], SHORT[:8] + b"]" + SHORT[9:]):
        assert (await _illnesses(ill, previous[:16], 138)).outputs == {"pBuffer": SHORT}


@pytest.mark.parametrize(
    "holds",
    [b" [XXXXXX]", b"[XXXXXX] ", b"[XXXXXXXX", b"XXXXXXXXX", b"[", b"", b"\0" * 9, b"[XXXXXX][XXXXXX]"],
)
async def test_only_the_exact_pattern_selects_the_long_form(holds: bytes, ill: Bench) -> None:
    assert (await _illnesses(ill, holds, 138)).outputs == {"pBuffer": SHORT}


@pytest.mark.parametrize("filling", [PATTERN, b"[       ]", b"[0000000]"])
async def test_what_stands_between_the_brackets_does_not_matter(filling: bytes, ill: Bench) -> None:
    assert (await _illnesses(ill, filling, 138)).outputs == {"pBuffer": LONG}


async def test_the_long_form_needs_its_own_room(ill: Bench) -> None:
    before = len(ill.cloud.sent)
    result = await _illnesses(ill, PATTERN, 137)
    assert (result.code, result.outputs) == (6018, {})
    assert len(ill.cloud.sent) == before


async def test_a_code_that_nobody_can_squeeze_is_no_success_with_a_cut_code(ill: Bench) -> None:
    ill.simulator.world.record(DEMO).critical_illnesses[1]["ciCode"] = "C50911X"
    result = await _illnesses(ill, b"", 114)
    assert (result.code, result.outputs) == (9127, {})
    assert (await _illnesses(ill, PATTERN, 138)).outputs == {"pBuffer": LONG.replace(b"H401324", b"C50911X")}


@pytest.fixture
async def diagnosed(ill: Bench) -> Bench:
    """Two visits of today with codes of all lengths; the older visits are gone."""
    world = ill.simulator.world
    at = world.clock.now().replace(hour=9, minute=0, second=0, microsecond=0)
    codes = [
        ("G44201", "J029", "H401324", "", "", ""),
        ("O320xx1", "36042", "I10", "G44201", "K0253", "E1122"),
    ]
    record = world.record(DEMO)
    record.visits = [
        Visit(
            "01",
            at.replace(minute=9 - number),
            HERE,
            f"W00{9 - number}",
            "T" * 20,
            codes=dict(zip(CODES, given, strict=True)),
        )
        for number, given in enumerate(codes)
    ]
    return ill


def _keys(bench: Bench) -> list[bytes]:
    return [visit.key.encode() for visit in bench.simulator.world.record(DEMO).visits]


async def test_the_visits_diagnoses_in_372_bytes(diagnosed: Bench) -> None:
    newest, older = _keys(diagnosed)
    record = await read(diagnosed, "hisGetTreatmentNeedHPC", 372)
    assert record[:114] == SHORT
    visits = newest + b'"M7WKJ029 #:5BK               ' + older + b'%}3RO36042I10  "M7WKK0253E1122'
    assert record[114:] == visits.ljust(258)


async def test_the_visits_diagnoses_in_540_bytes(diagnosed: Bench) -> None:
    newest, older = _keys(diagnosed)
    record = await read(diagnosed, "hisGetTreatmentNeedHPC", 540, PATTERN)
    assert record[:138] == LONG
    first = b" G44201   J029     H401324                            "
    second = b" O320xx1  36042    I10      G44201   K0253    E1122   "
    assert (len(first), len(second)) == (54, 54)
    assert record[138:] == (newest + first + older + second).ljust(402)
    assert "POST /api/v1/Icd/Encode" not in diagnosed.cloud.sent


async def test_each_distinct_code_is_squeezed_once(diagnosed: Bench) -> None:
    await read(diagnosed, "hisGetTreatmentNeedHPC", 372)
    assert diagnosed.cloud.sent.count("POST /api/v1/Icd/Encode") == 3  # H401324, G44201, O320xx1


# --- writing ------------------------------------------------------------------------------------------------

Form = Callable[[list[bytes]], bytes]


def five(codes: list[bytes]) -> bytes:
    """The form of 31 bytes (69 with fees)."""
    return b"1" + b"".join(code.ljust(5) for code in codes)


def seven(codes: list[bytes]) -> bytes:
    """Seven bytes without brackets: 43 (81)."""
    return b"1" + b"".join(code.ljust(7) for code in codes)


def bracketed(codes: list[bytes]) -> bytes:
    """Seven bytes in brackets: 55 (93)."""
    return b"1" + b"".join(b"[" + code.ljust(7) + b"]" for code in codes)


async def _write(bench: Bench, name: str, block: bytes, whose: str = DEMO) -> LegacyResult:
    world = bench.simulator.world
    at = world.record(DEMO).visits[0].key.encode()
    fees = FEES if name == "hisWriteTreatmentData" else b""
    return await bench.call(
        name, pDateTime=at, **person(world, whose), pDataWrite=block + fees, pBufferDocID=OutBuffer(10)
    )


def _stored(bench: Bench) -> list[str]:
    codes = bench.simulator.world.record(DEMO).visits[0].codes
    return [codes[name] for name in CODES]


BOTH = pytest.mark.parametrize("name", ["hisWriteTreatmentCode", "hisWriteTreatmentData"])


@BOTH
async def test_squeezed_codes_in_the_5_byte_form_reach_the_cloud_spread(name: str, stage: Bench) -> None:
    block = five([b'"M7WK', b"J029", b"#:5BK", b"%}3S4", b"", b""])
    assert len(block) == 31
    assert (await _write(stage, name, block)).code == 0
    assert _stored(stage) == ["G44201", "J029", "H401324", "O320xx5", "", ""]


@BOTH
@pytest.mark.parametrize(("form", "width"), [(seven, 43), (bracketed, 55)])
async def test_codes_of_seven_bytes_with_and_without_brackets(
    form: Form, width: int, name: str, stage: Bench
) -> None:
    block = form([b"H401324", b"G44201", b"J029", b"O320xx1", b"I10", b"K0253"])
    assert len(block) == width
    assert (await _write(stage, name, block)).code == 0
    assert _stored(stage) == ["H401324", "G44201", "J029", "O320xx1", "I10", "K0253"]
    assert "POST /api/v1/Icd/Decode" not in stage.cloud.sent


@BOTH
@pytest.mark.parametrize("form", [seven, bracketed])
async def test_squeezed_codes_in_the_long_forms_are_spread_too(form: Form, name: str, stage: Bench) -> None:
    assert (await _write(stage, name, form([b'"M7WK', b"", b"", b"", b"", b""]))).code == 0
    assert _stored(stage)[0] == "G44201"


@BOTH
@pytest.mark.parametrize("whole", [whole for whole, _ in EXAMPLES])
async def test_what_was_written_squeezed_reads_back_squeezed(whole: bytes, name: str, stage: Bench) -> None:
    squeezed = dict(EXAMPLES)[whole]
    await verify_practitioner(stage)
    assert (await _write(stage, name, five([squeezed, b"", b"", b"", b"", b""]))).code == 0
    short = await read(stage, "hisGetTreatmentNeedHPC", 372)
    assert short[114 + 13 : 114 + 18] == squeezed
    long = await read(stage, "hisGetTreatmentNeedHPC", 540, PATTERN)
    assert long[138 + 13 : 138 + 22] == b" " + whole.ljust(7) + b" "


@BOTH
async def test_a_wrong_persons_write_with_squeezed_codes_sends_nothing_at_all(
    name: str, stage: Bench
) -> None:
    stage.simulator.world.insert("hc", CHILD)
    before = _stored(stage)
    result = await _write(stage, name, five([b'"M7WK', b"#:5BK", b"", b"", b"", b""]), DEMO)
    assert (result.code, result.outputs) == (5020, {})
    assert stage.cloud.requests == []
    assert not [path for path in stage.console.sent if "Signature" in path]
    assert _stored(stage) == before


@BOTH
async def test_a_squeezed_code_that_nobody_knows_writes_nothing(name: str, stage: Bench) -> None:
    before = _stored(stage)
    result = await _write(stage, name, five([b'"M7WK', b'"ZZZZ', b"", b"", b"", b""]))
    assert (result.code, result.outputs) == (9127, {})
    assert _stored(stage) == before
    assert set(stage.cloud.sent) == {"POST /api/v1/Icd/Decode"}


@BOTH
@pytest.mark.parametrize("code", [b"J0 29", b'"M7W ', b"J02,9", b"\xb4\xfa\xb4\xfa ", b" J029"])
async def test_what_is_no_code_is_the_callers_fault(code: bytes, name: str, stage: Bench) -> None:
    before = _stored(stage)
    result = await _write(stage, name, five([code, b"", b"", b"", b"", b""]))
    assert (result.code, result.outputs) == (6018, {})
    assert stage.cloud.requests == []
    assert _stored(stage) == before
