"""Ports, SAM and cards that cannot be used: the code that the old program gets."""

from __future__ import annotations

import pytest

from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import Route, record_of
from tests.support.visit_steps import (
    DEMO_CARD,
    demo_patient,
    read_basic,
    take_number,
    works,
    write_diagnoses_and_fees,
)

NO_CONNECTION = -1
NO_CARD = 4013


@pytest.mark.parametrize("port", [1, 7, 254])
def test_unknown_port(bridge: Bridge, route: Route, port: int) -> None:
    assert route.call("csOpenCom", pComNum=0) == (0, {})
    bridge.import_sam()
    assert route.call("csOpenCom", pComNum=port) == (NO_CONNECTION, {})
    assert route.call("csOpenCom", pComNum=0) == (0, {})
    assert works(route)


def test_default_device(bridge: Bridge, route: Route) -> None:
    assert route.call("csOpenCom", pComNum=-1) == (0, {})
    assert works(route)


def test_no_port_and_stray_closes(bridge: Bridge, route: Route) -> None:
    assert [route.call("csCloseCom") for _ in range(2)] == [(0, {})] * 2
    assert works(route)


@pytest.mark.parametrize(
    ("status", "asked", "on_demand"),
    [
        (1300, 4051, 4050),
        (1301, 4051, 4050),
        (1302, 9062, 9062),
        (1303, 9060, 9060),
        (1304, 9013, 9013),
        (1700, 4061, 4061),
    ],
)
def test_sam_that_cannot_be_verified(
    bridge: Bridge, route: Route, status: int, asked: int, on_demand: int
) -> None:
    assert route.call("csOpenCom", pComNum=0) == (0, {})
    bridge.sim.arm("console", "status", status, path="/sam/v1/Verification")
    assert read_basic(route) == (on_demand, {})
    assert route.call("csVerifySAMDC") == (asked, {})
    assert bridge.changes() == []
    bridge.sim.clear_faults()
    assert route.call("csVerifySAMDC") == (0, {})
    assert works(route)


def test_no_card(bridge: Bridge, route: Route) -> None:
    bridge.sim.remove("hc")
    assert read_basic(route) == (NO_CARD, {})
    assert route.call("csGetCardNo", CardType=2, pBuffer=12) == (NO_CARD, {})
    assert route.call("hisGetCardStatus", CardType=2) == (0, {})
    assert take_number(route, demo_patient()) == (NO_CARD, {})
    assert route.call("csUpdateHCContents") == (NO_CARD, {})
    bridge.sim.insert("hc", DEMO_CARD)
    assert works(route)


def test_no_practitioner_card(bridge: Bridge, route: Route) -> None:
    bridge.sim.remove("hpc")
    assert route.call("hisGetTreatmentNeedHPC", pBuffer=372) == (4014, {})
    assert route.call("hpcGetHPCSN", SN=20) == (4014, {})
    assert route.call("hpcGetHPCStatus", Req=1) == (0, {"Status": 0})
    code, outputs = route.call("hisGetCriticalIllness", pBuffer=114)
    assert (code, len(record_of(outputs))) == (5141, 114)


def test_practitioner_pin_not_verified(bridge: Bridge, route: Route) -> None:
    assert route.call("csOpenCom", pComNum=0) == (0, {})
    assert route.call("hisGetTreatmentNeedHPC", pBuffer=372) == (4042, {})
    bridge.verify_doctor()
    assert route.call("hisGetTreatmentNeedHPC", pBuffer=372)[0] == 0


def test_cancelled_card(bridge: Bridge, route: Route) -> None:
    bridge.sim.insert("hc", "000099990009")
    code, outputs = read_basic(route)
    assert code == 0
    assert record_of(outputs)[57:58] == b"2"  # 註銷
    assert take_number(route, demo_patient()) == (5002, {})
    assert route.call("csUpdateHCContents") == (9082, {})
    assert bridge.sim.stored("000099990009")["visits"] == []


@pytest.mark.parametrize("update", ["csUpdateHCContents", "csUpdateHCNoReset"])
def test_expired_card(bridge: Bridge, route: Route, update: str) -> None:
    card = "000099990007"
    bridge.sim.insert("hc", card)
    assert take_number(route, demo_patient()) == (5003, {})
    assert bridge.sim.stored(card)["visits_taken"] == 0
    assert route.call(update) == (0, {})
    assert take_number(route, demo_patient())[0] == 0
    assert bridge.sim.stored(card)["visits_taken"] == 1


def test_no_visits_left(bridge: Bridge, route: Route) -> None:
    bridge.sim.insert("hc", "000099990008")
    assert take_number(route, demo_patient()) == (5001, {})
    assert route.call("csUpdateHCContents") == (0, {})
    assert take_number(route, demo_patient())[0] == 0


def test_no_longer_insured(bridge: Bridge, route: Route) -> None:
    bridge.sim.insert("hc", "000099990011")
    assert take_number(route, demo_patient()) == (5012, {})


@pytest.mark.parametrize("wrong", ["id", "birthday"])
def test_wrong_person(bridge: Bridge, route: Route, wrong: str) -> None:
    visit = demo_patient()
    assert take_number(route, visit)[0] == 0
    if wrong == "id":
        visit.id_no = b"Z199999016"
    else:
        visit.birthday = b"0920316"
    bridge.sim.clear_requests()
    assert write_diagnoses_and_fees(route, visit) == (5020, {})
    assert bridge.changes() == []


def test_roll_back_of_an_unknown_visit(bridge: Bridge, route: Route) -> None:
    assert route.call("csUnGetSeqNumber", pUnTreatDate=b"1100101120000") == (5150, {})


def test_roll_back_after_a_day(bridge: Bridge, route: Route) -> None:
    visit = demo_patient()
    assert take_number(route, visit)[0] == 0
    bridge.sim.shift_clock(25 * 3600)
    assert route.call("csUnGetSeqNumber", pUnTreatDate=visit.time) == (5154, {})


def test_console_started_again_between_two_calls(bridge: Bridge, route: Route) -> None:
    assert works(route)
    assert bridge.ask_console("POST", "/api/common/v1/Finalize") == 0
    assert works(route)
