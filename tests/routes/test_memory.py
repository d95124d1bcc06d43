"""What the native libraries do with the caller's memory: null pointers, capacities, numbers by value.

Every call of a NativeRoute checks guard bytes on both sides of each buffer and variable, checks that no
in-string was altered, and passes garbage in the upper 16 bits of every number. These tests choose arguments
that tempt.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.routes.battery import cases
from tests.routes.native_words import BAD_ARGUMENT, refused, words_of
from tests.support import record_bytes as expected
from tests.support.bridge_process import Bridge
from tests.support.hosts.driver import NULL, long, room, scalar, short, text
from tests.support.legacy_routes import FILL, NativeRoute, Value, record_of
from tests.support.prototypes import POINTERS, PROTOTYPES, UNSUPPORTED
from tests.support.visit_steps import DEMO_CARD, demo_patient, open_with_doctor, prescription

NOT_OFFERED = -2
GARBAGE = (0x4FFB0000, 0x7FFF0000, -0x80000000, 0x00010000, -0x10000)
# Function -> the record's bytes, of those that read into one buffer.
READS = {
    "hisGetBasicData": 72, "hisGetRegisterBasic": 78, "hisGetRegisterBasic2": 9, "hisGetRegisterPrevent": 126,
    "hisGetRegisterPregnant": 209, "hisGetTreatmentNoNeedHPC": 498, "hisGetTreatmentNeedHPC": 372,
    "hisGetCumulativeData": 134, "hisGetCumulativeFee": 20, "hisGetInoculateData": 1400,
    "hisGetOrganDonate": 1, "hisGetEmergentTel": 14, "hisGetLastSeqNum": 7, "hisGetCriticalIllness": 114,
    "csGetDateTime": 13, "csGetHospID": 10,
}  # fmt: skip
# Capacities that genuine programs state for these records.
GENUINE = {"hisGetTreatmentNoNeedHPC": 918, "hisGetTreatmentNeedHPC": 744, "hisGetCumulativeFee": 120,
           "hisGetInoculateData": 1440}  # fmt: skip
NO_VISIT = demo_patient()
PATIENT: dict[str, Value] = {"pPatientID": NO_VISIT.id_no, "pPatientBirthDate": NO_VISIT.birthday}
WITH_ARGUMENTS = sorted(name for name, parameters in PROTOTYPES.items() if parameters)
WITH_POINTERS = [name for name in WITH_ARGUMENTS if any(each.kind in POINTERS for each in PROTOTYPES[name])]


@pytest.mark.parametrize("function", WITH_ARGUMENTS)
def test_null_in_every_position(
    bridge: Bridge, native_route: NativeRoute, tmp_path: Path, function: str
) -> None:
    words = words_of(function, cases(NO_VISIT, tmp_path)[function])
    for position, parameter in enumerate(PROTOTYPES[function]):
        tempting = [*words[:position], NULL, *words[position + 1 :]]
        if function in UNSUPPORTED:
            assert native_route.raw(function, *tempting)[0] == NOT_OFFERED, parameter
        elif parameter.kind in POINTERS:
            assert refused(native_route, function, *tempting), parameter
    assert bridge.sim.requests() == []


@pytest.mark.parametrize("function", WITH_POINTERS)
def test_all_pointers_null(bridge: Bridge, native_route: NativeRoute, tmp_path: Path, function: str) -> None:
    parameters = PROTOTYPES[function]
    words = words_of(function, cases(NO_VISIT, tmp_path)[function])
    nulls = [NULL if each.kind in POINTERS else given for each, given in zip(parameters, words, strict=True)]
    code, _ = native_route.raw(function, *nulls)
    assert code == (NOT_OFFERED if function in UNSUPPORTED else BAD_ARGUMENT)
    assert bridge.sim.requests() == []


def test_a_function_without_a_published_prototype_reads_nothing(
    bridge: Bridge, native_route: NativeRoute
) -> None:
    assert native_route.raw("hisQuickInsurance", NULL, NULL)[0] == 0


# --- capacities ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", READS)
def test_capacities(bridge: Bridge, native_route: NativeRoute, function: str) -> None:
    open_with_doctor(bridge, native_route)
    width = READS[function]
    code, outputs = native_route.call(function, pBuffer=width)
    exact = record_of(outputs)
    assert code == 0
    assert len(exact) == width
    for capacity in {width + 1, GENUINE.get(function, 2 * width), 32767}:
        assert larger_gives_the_same(native_route, function, capacity, exact)
    bridge.sim.clear_requests()
    for capacity in (width - 1, 0, -1, -72, -32768):
        assert refused(native_route, function, room(width, FILL), short(capacity)), capacity
    assert bridge.sim.requests() == []


def larger_gives_the_same(route: NativeRoute, function: str, capacity: int, exact: bytes) -> bool:
    code, outputs = route.call(function, pBuffer=capacity)
    record = record_of(outputs)
    if function == "csGetDateTime":  # the clock goes on
        return code == 0 and len(record) == len(exact) and record[:7] == exact[:7]
    return (code, record) == (0, exact)


def test_a_claim_of_more_than_there_is(bridge: Bridge, native_route: NativeRoute) -> None:
    """A program may state 32767 for a buffer of 72: nothing behind the record is touched."""
    code, answers = native_route.raw("hisGetBasicData", room(72, FILL), short(32767))
    assert (code, answers[1].number) == (0, 72)
    assert answers[0].data == expected.basic_data(expected.person(bridge.sim, DEMO_CARD))


@pytest.mark.parametrize("low", [72, 32767])
def test_32_bit_length_variable(bridge: Bridge, native_route: NativeRoute, low: int) -> None:
    code, answers = native_route.raw("hisGetBasicData", room(72, FILL), long(low))
    assert (code, answers[1].number) == (0, 72)


@pytest.mark.parametrize("high", [0x4FFB0000, 0x00010000, 0x7FFF0000])
def test_only_16_bits_of_a_length_are_read_and_written(
    bridge: Bridge, native_route: NativeRoute, high: int
) -> None:
    code, answers = native_route.raw("hisGetBasicData", room(72, FILL), long(high | 72))
    assert (code, answers[1].number) == (0, high | 72)
    assert refused(native_route, "hisGetBasicData", room(72, FILL), long(high | 71))
    assert refused(native_route, "hisGetBasicData", room(72, FILL), long(high))


@pytest.mark.parametrize(
    ("function", "given", "width"),
    [
        ("csGetHospName", {}, 12),
        ("csGetHospAbbName", {}, 10),
        ("hpcGetHPCSN", {}, 12),
        ("hpcGetHPCSSN", {}, 10),
        ("hpcGetHPCCNAME", {}, 8),
    ],
)
def test_text_as_long_as_it_is(
    bridge: Bridge, native_route: NativeRoute, function: str, given: dict[str, Value], width: int
) -> None:
    open_with_doctor(bridge, native_route)
    code, answers = native_route.raw(function, room(width, FILL), short(width))
    assert (code, answers[1].number) == (0, width)
    for capacity in (width - 1, 1, 0, -1):
        assert refused(native_route, function, room(width, FILL), short(capacity)), capacity


@pytest.mark.parametrize(
    "short_one",
    ["pOutpatientPrescription", "pLongTermPrescription", "pImportantTreatmentCode", "pIrritationDrug"],
)
def test_one_of_four_buffers_too_short(bridge: Bridge, native_route: NativeRoute, short_one: str) -> None:
    open_with_doctor(bridge, native_route)
    widths = {"pOutpatientPrescription": 3660, "pLongTermPrescription": 1320,
              "pImportantTreatmentCode": 360, "pIrritationDrug": 120}  # fmt: skip
    widths[short_one] -= 1
    assert native_route.call("hisReadPrescription", **widths) == (BAD_ARGUMENT, {})


def test_no_number_is_taken_for_a_buffer_too_short(bridge: Bridge, native_route: NativeRoute) -> None:
    given: dict[str, Value] = {"cTreatItem": b"01", "cBabyTreat": b" ", "cTreatAfterCheck": b"1"}
    for function, width in (("hisGetSeqNumber256N1", 316), ("hisGetSeqNumber256", 296)):
        assert native_route.call(function, **given, pBuffer=width - 1) == (BAD_ARGUMENT, {})
    asked = {"cTreatItem": b"01", "cBabyTreat": b" "}
    assert native_route.call("hisGetSeqNumber", **asked, pBuffer=166) == (BAD_ARGUMENT, {})
    assert bridge.sim.requests() == []


@pytest.mark.parametrize(
    ("count", "capacity"), [(2, 79), (1, 39), (60, 2399), (0, 80), (-1, 80), (61, 32767)]
)
def test_nothing_is_written_for_signatures_that_do_not_fit(
    bridge: Bridge, native_route: NativeRoute, count: int, capacity: int
) -> None:
    one = prescription(NO_VISIT.time, "AC44444100", "HS", 3, 900)
    given: dict[str, Value] = {**PATIENT, "pDateTime": NO_VISIT.time, "pDataWrite": one * max(1, count)}
    result = native_route.call("hisWriteMultiPrescriptSign", **given, iWriteCount=count, pBuffer=capacity)
    assert result == (BAD_ARGUMENT, {})
    assert bridge.sim.requests() == []


@pytest.mark.parametrize(
    ("first", "last"), [(0, 1), (-1, 1), (2, 1), (1, 61), (61, 61), (1, 32767), (-32768, -1), (3, 2)]
)
def test_bad_positions(bridge: Bridge, native_route: NativeRoute, first: int, last: int) -> None:
    given = {"pOutpatientPrescription": 3660, "iStartPos": first, "iEndPos": last}
    assert native_route.call("hisReadPrescriptMain", **given) == (BAD_ARGUMENT, {})
    assert bridge.sim.requests() == []


# --- numbers by value ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_above_16_bits(bridge: Bridge, native_route: NativeRoute, garbage: int) -> None:
    """Every scalar of the library, with what a 16-bit program leaves in the upper half of the word."""

    def dirty(number: int) -> str:
        return scalar(garbage | number)

    assert native_route.raw("csOpenCom", dirty(0))[0] == 0
    assert native_route.raw("csVerifySAMDC")[0] == 0
    bridge.verify_doctor()
    assert native_route.raw("csOpenCom", scalar(garbage | 0xFFFF))[0] == 0
    bridge.import_sam()  # with one SAM alone every port means it
    assert native_route.raw("csOpenCom", dirty(1))[0] == -1
    assert native_route.raw("csOpenCom", dirty(0))[0] == 0
    assert native_route.raw("csVerifySAMDC")[0] == 0
    bridge.verify_doctor()
    code, answers = native_route.raw("csGetCardNo", dirty(2), room(12, FILL), short(12))
    assert (code, answers[1].data) == (0, DEMO_CARD.encode())
    assert native_route.raw("hisGetCardStatus", dirty(2))[0] == 3
    code, answers = native_route.raw(
        "hisReadPrescriptMain", room(122, FILL), short(122), dirty(1), dirty(2), short(0)
    )
    assert (code, answers[1].number, answers[4].number) == (0, 122, 2)
    code, answers = native_route.raw("hpcGetHPCStatus", dirty(1), short(0))
    assert (code, answers[1].number) == (0, 1)
    person = [text(b"Z299999929\0"), text(b"0920315\0")]
    drug = text(b"LATEX".ljust(40) + b"\0")
    assert native_route.raw("hisWriteAllergicNum", *person, drug, room(10, FILL), dirty(2))[0] == 0
    assert bridge.sim.stored(DEMO_CARD)["allergic_medicines"][1] == "LATEX"
    assert native_route.raw("csSoftwareReset", dirty(3))[0] == 0


@pytest.mark.parametrize("kind", [0, 4, -1, 32767])
def test_numbers_that_mean_nothing(bridge: Bridge, native_route: NativeRoute, kind: int) -> None:
    assert native_route.call("hisGetCardStatus", CardType=kind) == (BAD_ARGUMENT, {})
    assert native_route.call("csGetCardNo", CardType=kind, pBuffer=12) == (BAD_ARGUMENT, {})
    assert native_route.call("csSoftwareReset", Device=kind or 4) == (BAD_ARGUMENT, {})
    assert bridge.sim.requests() == []
