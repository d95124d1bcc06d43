"""Buffers that were used before, patterns in them, text without a stated capacity, failed calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.routes.battery import cases
from tests.routes.native_words import BAD_ARGUMENT
from tests.support import record_bytes as expected
from tests.support.bridge_process import Bridge
from tests.support.hosts.driver import room, short, text
from tests.support.legacy_routes import FILL, NativeRoute
from tests.support.prototypes import PROTOTYPES, UNSUPPORTED
from tests.support.visit_steps import DEMO_CARD, demo_patient, diagnoses, open_with_doctor, take_number

NO_VISIT = demo_patient()
SIGNATURE_REFUSED = 9020


def test_buffer_used_again(bridge: Bridge, native_route: NativeRoute) -> None:
    """The answer before still stands in the buffer: it neither shines through nor selects a form."""
    open_with_doctor(bridge, native_route)
    before = expected.person(bridge.sim, DEMO_CARD)
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
    who = expected.person(bridge.sim, DEMO_CARD)
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
    assert data[:372] == expected.treatment_need_hpc(expected.person(bridge.sim, DEMO_CARD))
    assert data[372:] == (pattern * 540)[:540][372:]


def test_text_without_a_stated_capacity(bridge: Bridge, native_route: NativeRoute) -> None:
    """pBufferDocID: a real client offers ten bytes, the manual eleven; a NUL only behind a shorter id."""
    open_with_doctor(bridge, native_route)
    visit = demo_patient()
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
