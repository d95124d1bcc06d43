"""Strings as programs hand them over, and as none should: each ends right before an unreadable page.

The route sees to it that none is altered.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.routes.battery import cases
from tests.routes.native_words import owner_of, with_string
from tests.support.bridge_process import Bridge
from tests.support.hosts.driver import room, short, text
from tests.support.legacy_routes import FILL, NativeRoute
from tests.support.visit_steps import DEMO_CARD, demo_patient, diagnoses, fees, open_with_doctor, take_number

NO_VISIT = demo_patient()


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

    visit = demo_patient()
    open_with_doctor(bridge, native_route)
    assert take_number(native_route, visit)[0] == 0
    person = [made(visit.id_no), made(visit.birthday)]
    data = diagnoses("J029") + fees(450, 150)
    code, answers = native_route.raw(
        "hisWriteTreatmentData", made(visit.time), *person, made(data), room(10, FILL)
    )
    assert (code, answers[4].data) == (0, b"C123456789")
    assert bridge.sim.stored(DEMO_CARD)["visits"][0]["codes"]["mainCode"] == "J029"
    assert native_route.raw("hisWriteEmergentTel", *person, made(b"0912345678"))[0] == 0
    assert bridge.sim.stored(DEMO_CARD)["emergency_tel"] == "0912345678"
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
        "hisGetSeqNumber256N1", text(b"01\0"), text(b" \0"), text(mark + behind), room(316, FILL), short(316)
    )
    assert (code, answers[4].number) == (0, 316)
    assert bridge.sim.stored(DEMO_CARD)["visits"][0]["after_check"] == mark.decode().strip()


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


@pytest.mark.parametrize("argument", BEHIND)
@pytest.mark.parametrize("length", [0, 200], ids=["as it is", "far behind"])
def test_nobody_looks_at_what_stands_behind_the_width(
    bridge: Bridge, native_route: NativeRoute, tmp_path: Path, argument: str, length: int
) -> None:
    function = owner_of(argument)
    value = BEHIND[argument][:-1]
    far = value[:-1].ljust(length) + value[-1:] if length else value
    assert not with_string(native_route, function, argument, far + b"\0", tmp_path)


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
    for wrong in (b"", b"\x1b" + given[1:], given[:-3] + b"\xff\xfe\x80"):
        assert with_string(native_route, function, "pDataWrite", wrong + b"\0", tmp_path), wrong
    if block != given:
        assert with_string(
            native_route, function, "pDataWrite", block[:1] + b"\xff" + block[2:] + b"\0", tmp_path
        )
    assert bridge.sim.requests() == []


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("pPatientID", b""),
        ("pPatientID", b"          "),
        ("pPatientBirthDate", b"   "),
        ("pPatientBirthDate", b"0921315"),
        ("pPatientBirthDate", b"abcdefg"),
        ("pUnTreatDate", b"1151345120000"),
        ("pUnTreatDate", b"115010112000"),
        ("pUnTreatDate", b""),
        ("cTreatItem", b""),
    ],
)
def test_values_that_make_no_sense(
    bridge: Bridge, native_route: NativeRoute, tmp_path: Path, argument: str, value: bytes
) -> None:
    assert with_string(native_route, owner_of(argument), argument, value + b"\0", tmp_path)
    assert bridge.sim.requests() == []
