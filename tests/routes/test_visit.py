"""A whole visit by each route, compared with what the simulated cloud has stored."""

from __future__ import annotations

import re

from tests.support import record_bytes as expected
from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import HttpRoute, Route, record_of
from tests.support.visit_steps import (
    DEMO_CARD,
    Visit,
    demo_patient,
    give_number_back,
    open_with_doctor,
    take_number,
    write_diagnoses_and_fees,
    write_prescriptions,
)

HOSPITAL = b"3501200000"
SAM = b"001000000103"
SAME_DAY = 5010
ROLLED_BACK_ALREADY = 5153


def check_number(bridge: Bridge, record: bytes, sequence: bytes, same_day: bytes) -> None:
    newest = bridge.sim.stored(DEMO_CARD)["visits"][0]
    assert len(record) == 316
    assert record[:13].decode() == newest["at"]
    assert record[13:17] == sequence == newest["sequence"].encode()
    assert record[17:27] == HOSPITAL
    assert re.fullmatch(rb"[0-9A-Fa-f]{256}", record[27:283])
    assert record[283:295] == SAM
    assert record[295:296] == same_day
    assert record[296:] == newest["treatment_number"].encode()


def test_whole_visit(bridge: Bridge, route: Route) -> None:
    visit = demo_patient()
    before = bridge.sim.stored(DEMO_CARD)
    open_with_doctor(bridge, route)

    code, outputs = take_number(route, visit)
    assert code == 0
    check_number(bridge, record_of(outputs), b"W001", b"N")
    assert bridge.sim.stored(DEMO_CARD)["counter"] == before["counter"] - 1

    assert write_diagnoses_and_fees(route, visit) == (0, {"pBufferDocID": b"C123456789"})
    stored = bridge.sim.stored(DEMO_CARD)["visits"][0]
    assert stored["after_check"] == "1"
    assert stored["codes"] == {
        "mainCode": "J029", "subCode1": "R509", "subCode2": "H401324",
        "subCode3": "", "subCode4": "", "subCode5": "",
    }  # fmt: skip
    assert stored["fees"] == {
        "outpatientFee": "1250",
        "costFee": "50",
        "inpatientFee": "0",
        "inpatient30Fee": "0",
        "inpatient180Fee": "0",
    }

    code, outputs = write_prescriptions(route, visit)
    signatures = record_of(outputs)
    assert code == 0
    assert re.fullmatch(rb"[0-9A-F]{80}", signatures)
    assert signatures[:40] != signatures[40:]
    common = {"treatmentDateTime": visit.time.decode(), "treatmentItem": "1", "treatmentPosition": ""}
    assert bridge.sim.stored(DEMO_CARD)["prescriptions"][:2] == [
        {**common, "treatmentItemCode": "AC44444100", "usage": "TIDPC", "days": "3",
         "totalQuantity": "9.00", "deliveryNotes": "01"},
        {**common, "treatmentItemCode": "BC33333100", "usage": "HS", "days": "7",
         "totalQuantity": "17.50", "deliveryNotes": "01"},
    ]  # fmt: skip
    check_read_back(bridge, route, visit)
    check_roll_back(bridge, route, visit, before["counter"])


def check_read_back(bridge: Bridge, route: Route, visit: Visit) -> None:
    """Everything written is read again, the newest first."""
    who = expected.person(bridge.sim, DEMO_CARD)
    code, outputs = route.call("hisGetTreatmentNoNeedHPC", pBuffer=498)
    record = record_of(outputs)
    assert (code, record) == (0, expected.treatment_no_need_hpc(who))
    assert record[84:115] == b"01 " + visit.time + b"1W001" + HOSPITAL
    assert record[115:153] == b"00001250" + b"00000050" + b"0" * 22
    times = [record[at : at + 13] for at in range(84 + 3, 498, 69)]
    assert [time for time in times if time.strip()] == sorted(filter(bytes.strip, times), reverse=True)

    code, outputs = route.call("hisGetTreatmentNeedHPC", pBuffer=372)
    assert (code, record_of(outputs)) == (0, expected.treatment_need_hpc(who))
    assert record_of(outputs)[114:157] == visit.time + b"J029 R509 #:5BK" + b" " * 15

    code, outputs = route.call("hisReadPrescriptMain", pOutpatientPrescription=122, iStartPos=1, iEndPos=2)
    assert code == 0
    assert outputs["iRecCount"] == 2
    assert record_of(outputs, "pOutpatientPrescription") == (
        visit.time
        + b"1AC44444100        TIDPC             03000090001"
        + visit.time
        + b"1BC33333100        HS                07000175001"
    )


def check_roll_back(bridge: Bridge, route: Route, visit: Visit, counter: int) -> None:
    """The number goes back once; the visit is no longer listed."""
    assert give_number_back(route, visit) == (0, {})
    stored = bridge.sim.stored(DEMO_CARD)
    assert stored["visits"][0]["rolled_back"] is True
    assert stored["counter"] == counter
    record = record_of(route.call("hisGetTreatmentNoNeedHPC", pBuffer=498)[1])
    assert visit.time not in record
    assert give_number_back(route, visit) == (ROLLED_BACK_ALREADY, {})
    assert route.call("csCloseCom") == (0, {})


def test_second_number_of_the_day_is_a_notice(bridge: Bridge, route: Route) -> None:
    assert take_number(route, demo_patient())[0] == 0
    code, outputs = take_number(route, demo_patient())
    assert code == SAME_DAY
    check_number(bridge, record_of(outputs), b"W002", b"Y")
    assert [visit["sequence"] for visit in bridge.sim.stored(DEMO_CARD)["visits"][:2]] == ["W002", "W001"]


def test_older_forms_of_the_number(bridge: Bridge, route: Route) -> None:
    """1.37 gives 296 bytes; 1.9, dropped by 6.0, the same signature as 128 raw bytes."""
    code, outputs = route.call(
        "hisGetSeqNumber256", cTreatItem=b"01", cBabyTreat=b" ", cTreatAfterCheck=b" ", pBuffer=296
    )
    record = record_of(outputs)
    assert (code, len(record), record[13:27], record[283:296]) == (0, 296, b"W001" + HOSPITAL, SAM + b"N")
    code, outputs = route.call("hisGetSeqNumber", cTreatItem=b"01", cBabyTreat=b" ", pBuffer=167)
    record = record_of(outputs)
    assert (code, len(record), record[13:27], record[155:]) == (SAME_DAY, 167, b"W002" + HOSPITAL, SAM)


def test_a_write_that_is_repeated_counts_as_done(bridge: Bridge, route: Route) -> None:
    visit = demo_patient()
    assert take_number(route, visit)[0] == 0
    assert write_diagnoses_and_fees(route, visit)[0] == 0
    stored = bridge.sim.stored(DEMO_CARD)
    assert write_diagnoses_and_fees(route, visit)[0] == 0
    assert bridge.sim.stored(DEMO_CARD) == stored


def test_number_by_http_and_back(bridge: Bridge, vhc_route: HttpRoute) -> None:
    bridge.sim.remove("hc")
    assert vhc_route.upload(bridge.sim.qr(DEMO_CARD)) == 0
    visit = demo_patient()
    code, outputs = take_number(vhc_route, visit)
    assert code == 0
    check_number(bridge, record_of(outputs), b"W001", b"N")
    assert give_number_back(vhc_route, visit) == (0, {})
    assert bridge.sim.stored(DEMO_CARD)["visits"][0]["rolled_back"] is True
