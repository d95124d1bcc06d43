"""What the native libraries do with the caller's memory.

Every call of a NativeRoute checks guard bytes on both sides of each buffer and variable, and that no in-string
was altered; strings end right before an unreadable page. The tests here choose the arguments that tempt.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import record_bytes as expected
from battery import CARD, Case, cases
from bridge_process import Bridge
from hosts.driver import NULL, Argument, long, room, scalar, short, text
from legacy_routes import FILL, NativeRoute, Value, word
from prototypes import POINTERS, PROTOTYPES, UNSUPPORTED
from visit_steps import Visit, diagnoses, fees, open_with_doctor, prescription, take_number

BAD_ARGUMENT = 6018
NOT_OFFERED = -2
SIGNATURE_REFUSED = 9020
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
NO_VISIT = Visit(b"Z299999929", b"0920315")
PATIENT: dict[str, Value] = {"pPatientID": NO_VISIT.id_no, "pPatientBirthDate": NO_VISIT.birthday}
WITH_ARGUMENTS = sorted(name for name, parameters in PROTOTYPES.items() if parameters)
WITH_POINTERS = [name for name in WITH_ARGUMENTS if any(each.kind in POINTERS for each in PROTOTYPES[name])]


def untouched(answer: Argument, words: str) -> bool:
    """Whether a buffer or variable still holds what it held."""
    kind, _, rest = words.partition(":")
    if kind == "b":
        assert answer.data is not None
        return answer.data == FILL * len(answer.data)
    if kind in ("l", "L"):
        return answer.number == int(rest)
    return True


def refused(route: NativeRoute, function: str, *words: str) -> bool:
    """6018, and nothing written."""
    code, answers = route.raw(function, *words)
    return code == BAD_ARGUMENT and all(map(untouched, answers, words))


def words_of(function: str, case: Case) -> list[str]:
    parameters = PROTOTYPES[function]
    return [word(parameter, parameters, case.given) for parameter in parameters]


# --- null pointers ------------------------------------------------------------------------------------------


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
    exact = outputs["pBuffer"]
    assert code == 0
    assert isinstance(exact, bytes)
    assert len(exact) == width
    for capacity in {width + 1, GENUINE.get(function, 2 * width), 32767}:
        assert larger_gives_the_same(native_route, function, capacity, exact)
    bridge.sim.clear_requests()
    for capacity in (width - 1, 0, -1, -72, -32768):
        assert refused(native_route, function, room(width, FILL), short(capacity)), capacity
    assert bridge.sim.requests() == []


def larger_gives_the_same(route: NativeRoute, function: str, capacity: int, exact: bytes) -> bool:
    code, outputs = route.call(function, pBuffer=capacity)
    record = outputs["pBuffer"]
    assert isinstance(record, bytes)
    if function == "csGetDateTime":  # the clock goes on
        return code == 0 and len(record) == len(exact) and record[:7] == exact[:7]
    return (code, record) == (0, exact)


def test_a_claim_of_more_than_there_is(bridge: Bridge, native_route: NativeRoute) -> None:
    """A program may state 32767 for a buffer of 72: nothing behind the record is touched."""
    code, answers = native_route.raw("hisGetBasicData", room(72, FILL), short(32767))
    assert (code, answers[1].number) == (0, 72)
    assert answers[0].data == expected.basic_data(expected.person(bridge.sim, CARD))


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
    assert native_route.raw("csOpenCom", dirty(1))[0] == -1
    assert native_route.raw("csOpenCom", dirty(0))[0] == 0
    assert native_route.raw("csVerifySAMDC")[0] == 0
    bridge.verify_doctor()
    code, answers = native_route.raw("csGetCardNo", dirty(2), room(12, FILL), short(12))
    assert (code, answers[1].data) == (0, CARD.encode())
    assert native_route.raw("hisGetCardStatus", dirty(2))[0] == 2
    code, answers = native_route.raw(
        "hisReadPrescriptMain", room(122, FILL), short(122), dirty(1), dirty(2), short(0)
    )
    assert (code, answers[1].number, answers[4].number) == (0, 122, 2)
    code, answers = native_route.raw("hpcGetHPCStatus", dirty(1), short(0))
    assert (code, answers[1].number) == (0, 1)
    person = [text(b"Z299999929\0"), text(b"0920315\0")]
    drug = text(b"LATEX".ljust(40) + b"\0")
    assert native_route.raw("hisWriteAllergicNum", *person, drug, room(10, FILL), dirty(2))[0] == 0
    assert bridge.sim.stored(CARD)["allergic_medicines"][1] == "LATEX"
    assert native_route.raw("csSoftwareReset", dirty(3))[0] == 0


@pytest.mark.parametrize("kind", [0, 4, -1, 32767])
def test_numbers_that_mean_nothing(bridge: Bridge, native_route: NativeRoute, kind: int) -> None:
    assert native_route.call("hisGetCardStatus", CardType=kind) == (BAD_ARGUMENT, {})
    assert native_route.call("csGetCardNo", CardType=kind, pBuffer=12) == (BAD_ARGUMENT, {})
    assert native_route.call("csSoftwareReset", Device=kind or 4) == (BAD_ARGUMENT, {})
    assert bridge.sim.requests() == []


# --- in-strings ---------------------------------------------------------------------------------------------

# How programs hand over a string: with what behind its characters.
FORMS = {
    "exact": lambda value: value + b"\0",
    "one blank": lambda value: value + b" \0",
    "padded to 20": lambda value: value.ljust(20) + b"\0",
    "padded to 200": lambda value: value.ljust(200) + b"\0",
    "padded with NUL": lambda value: value + b"\0" * 12,
    "blank, then anything behind the NUL": lambda value: value + b" \0\xff\xff",
}


@pytest.mark.parametrize("form", FORMS)
def test_in_strings(bridge: Bridge, native_route: NativeRoute, form: str) -> None:
    """All strings of three functions in one form; none is altered (the route looks), all mean the same."""

    def made(value: bytes) -> str:
        return text(FORMS[form](value))

    visit = Visit(NO_VISIT.id_no, NO_VISIT.birthday)
    open_with_doctor(bridge, native_route)
    assert take_number(native_route, visit)[0] == 0
    person = [made(visit.id_no), made(visit.birthday)]
    data = diagnoses("J029") + fees(450, 150)
    code, answers = native_route.raw(
        "hisWriteTreatmentData", made(visit.time), *person, made(data), room(10, FILL)
    )
    assert (code, answers[4].data) == (0, b"C123456789")
    assert bridge.sim.stored(CARD)["visits"][0]["codes"]["mainCode"] == "J029"
    assert native_route.raw("hisWriteEmergentTel", *person, made(b"0912345678"))[0] == 0
    assert bridge.sim.stored(CARD)["emergency_tel"] == "0912345678"
    assert native_route.raw("csUnGetSeqNumber", made(visit.time))[0] == 0


@pytest.mark.parametrize(
    "behind", [b"", b"\0", b" \0", b"X"], ids=["page end", "NUL", "blank NUL", "a letter"]
)
@pytest.mark.parametrize("mark", [b"1", b" "])
def test_one_byte_mark_without_nul(
    bridge: Bridge, native_route: NativeRoute, mark: bytes, behind: bytes
) -> None:
    """cTreatAfterCheck is one byte; what follows it is somebody else's, or no memory at all."""
    code, answers = native_route.raw(
        "hisGetSeqNumber256N1",
        text(b"01\0"), text(b" \0"), text(mark + behind), room(316, FILL), short(316),
    )  # fmt: skip
    assert (code, answers[4].number) == (0, 316)
    assert bridge.sim.stored(CARD)["visits"][0]["after_check"] == mark.decode().strip()


BEHIND = {
    "pDateTime": b"11501011200000\0",
    "pPatientID": b"Z299999929X\0",
    "pPatientBirthDate": b"09203150\0",
    "pUnTreatDate": b"1150101120000 1\0",
    "pEmergentTel": b"091234567890123\0",
    "cTreatItem": b"012\0",
    "cBabyTreat": b"  A\0",
    "pNoOfDelivered": b"12\0",
    "pServiceItem": b"02 3\0",
    "pItem": b"FLU      1\0",
    "pPackageNumber": b"TEST00090000X\0",
    "pCheckupCode": b"413\0",
    "pNewBornDate": b"11410010\0",
}


def owner_of(argument: str) -> str:
    """A function with this argument."""
    return next(
        function
        for function, parameters in PROTOTYPES.items()
        if function not in UNSUPPORTED and argument in [each.name for each in parameters]
    )


@pytest.mark.parametrize("argument", BEHIND)
@pytest.mark.parametrize("length", [0, 200], ids=["as it is", "far behind"])
def test_something_behind_the_width(
    bridge: Bridge, native_route: NativeRoute, tmp_path: Path, argument: str, length: int
) -> None:
    function = owner_of(argument)
    value = BEHIND[argument][:-1]
    far = value[:-1].ljust(length) + value[-1:] if length else value
    assert with_string(native_route, function, argument, far + b"\0", tmp_path)
    assert bridge.sim.requests() == []


def with_string(route: NativeRoute, function: str, argument: str, value: bytes, folder: Path) -> bool:
    """Whether a call with this string in one place is refused."""
    names = [each.name for each in PROTOTYPES[function]]
    words = words_of(function, cases(NO_VISIT, folder)[function])
    words[names.index(argument)] = text(value)
    return refused(route, function, *words)


INVALID = [b"\x80", b"\xff", b"\xb4", b"\xb4\x20", b"\xa4\x01", b"\xfe\xff"]


@pytest.mark.parametrize("argument", ["pPatientID", "pEmergentTel", "pItem", "pUnTreatDate", "cBabyTreat"])
@pytest.mark.parametrize("invalid", INVALID, ids=[each.hex() for each in INVALID])
def test_invalid_big5(
    bridge: Bridge, native_route: NativeRoute, tmp_path: Path, argument: str, invalid: bytes
) -> None:
    assert with_string(native_route, owner_of(argument), argument, invalid + b"\0", tmp_path)
    assert bridge.sim.requests() == []


@pytest.mark.parametrize(
    ("function", "width"),
    [("hisWriteTreatmentData", 81), ("hisWritePrescription", 61), ("hisWriteAllergicNum", 40)],
)
def test_blocks_that_are_none(
    bridge: Bridge, native_route: NativeRoute, tmp_path: Path, function: str, width: int
) -> None:
    given = cases(NO_VISIT, tmp_path)[function].given["pDataWrite"]
    assert isinstance(given, bytes)
    assert len(given) == width
    block = given.replace(b"LATEX", b"L\xb4TEX")  # half a character
    for wrong in (given[:-1], given + b"x", b"", given[: width // 2], given[:-3] + b"\xff\xfe\x80"):
        assert with_string(native_route, function, "pDataWrite", wrong + b"\0", tmp_path), wrong
    if block != given:
        assert with_string(
            native_route, function, "pDataWrite", block[:1] + b"\xff" + block[2:] + b"\0", tmp_path
        )
    assert bridge.sim.requests() == []


@pytest.mark.parametrize(
    ("argument", "value"),
    [("pPatientID", b""), ("pPatientID", b"          "), ("pPatientBirthDate", b"   "),
     ("pPatientBirthDate", b"0921315"), ("pPatientBirthDate", b"abcdefg"), ("pUnTreatDate", b"1151345120000"),
     ("pUnTreatDate", b"115010112000"), ("pUnTreatDate", b""), ("cTreatItem", b"")],
)  # fmt: skip
def test_values_that_make_no_sense(
    bridge: Bridge, native_route: NativeRoute, tmp_path: Path, argument: str, value: bytes
) -> None:
    assert with_string(native_route, owner_of(argument), argument, value + b"\0", tmp_path)
    assert bridge.sim.requests() == []


# --- buffers used again -------------------------------------------------------------------------------------


def test_buffer_used_again(bridge: Bridge, native_route: NativeRoute) -> None:
    """The answer to the call before still stands in the buffer: it neither shines through nor selects a form."""
    open_with_doctor(bridge, native_route)
    before = expected.person(bridge.sim, CARD)
    bridge.sim.insert("hc", "000099990009")  # a card without visits
    who = expected.person(bridge.sim, "000099990009")
    old = expected.treatment_need_hpc_icd10(before)
    code, answers = native_route.raw("hisGetTreatmentNeedHPC", room(540, old), short(540))
    assert (code, answers[1].number) == (0, 372)
    data = answers[0].data
    assert data is not None
    assert data[:372] == expected.treatment_need_hpc(who)
    assert data[372:] == old[372:]
    for function, width, pack in (
        ("hisGetTreatmentNoNeedHPC", 498, expected.treatment_no_need_hpc),
        ("hisGetBasicData", 72, expected.basic_data),
    ):
        code, answers = native_route.raw(function, room(width, pack(before)), short(width))
        assert (code, answers[0].data) == (0, pack(who)), function


@pytest.mark.parametrize("pattern", [b"[XXXXXXX]", b"[       ]", b"[J029   ]"])
def test_pattern_selects_icd_10(bridge: Bridge, native_route: NativeRoute, pattern: bytes) -> None:
    open_with_doctor(bridge, native_route)
    who = expected.person(bridge.sim, CARD)
    code, answers = native_route.raw("hisGetTreatmentNeedHPC", room(540, pattern), short(540))
    assert (code, answers[0].data) == (0, expected.treatment_need_hpc_icd10(who))
    assert native_route.raw("hisGetTreatmentNeedHPC", room(539, pattern), short(539))[0] == BAD_ARGUMENT


@pytest.mark.parametrize("pattern", [b"[XXXXXX]", b" [XXXXXXX", b"X" * 9, b"\0"])
def test_almost_a_pattern_does_not(bridge: Bridge, native_route: NativeRoute, pattern: bytes) -> None:
    open_with_doctor(bridge, native_route)
    code, answers = native_route.raw("hisGetTreatmentNeedHPC", room(540, pattern), short(540))
    data = answers[0].data
    assert (code, answers[1].number) == (0, 372)
    assert data is not None
    assert data[:372] == expected.treatment_need_hpc(expected.person(bridge.sim, CARD))
    assert data[372:] == (pattern * 540)[:540][372:]


def test_text_without_a_stated_capacity(bridge: Bridge, native_route: NativeRoute) -> None:
    """pBufferDocID: ten bytes are offered by a real client, eleven by the manual; a NUL only where it is shorter."""
    open_with_doctor(bridge, native_route)
    visit = Visit(NO_VISIT.id_no, NO_VISIT.birthday)
    assert take_number(native_route, visit)[0] == 0
    words = [text(each + b"\0") for each in (visit.time, visit.id_no, visit.birthday, diagnoses("J029"))]
    for size in (10, 11):
        code, answers = native_route.raw("hisWriteTreatmentCode", *words, room(size, FILL))
        assert (code, answers[4].data) == (0, b"C123456789".ljust(size, FILL))
    bridge.sim.remove("hpc")
    code, answers = native_route.raw("hisWriteTreatmentCode", *words, room(10, FILL))
    data = answers[4].data
    assert code == 0
    assert data is not None
    assert data[:1] == b"\0"
    assert data[2:] == FILL * 8


def test_failed_calls_write_nothing(bridge: Bridge, native_route: NativeRoute, tmp_path: Path) -> None:
    """Every function that asks the cloud, while it refuses everything: its code, and untouched memory."""
    open_with_doctor(bridge, native_route)
    bridge.sim.arm("cloud", "status", 3100)
    asked = 0
    for function, case in cases(NO_VISIT, tmp_path).items():
        lends = {"in", "out"} & {each.kind for each in PROTOTYPES[function]}
        if function.startswith("his") and function not in UNSUPPORTED and lends:
            assert native_route.call(function, **case.given) == (SIGNATURE_REFUSED, {}), function
            asked += 1
    assert asked > 40
