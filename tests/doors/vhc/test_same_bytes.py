"""The same scenario by HTTP and by the C library, for the same person: the same bytes.

By HTTP the person shows the virtual card, to the library the physical one, which lies in the reader.
"""

from __future__ import annotations

import pytest

from tests.support.bridge_process import Bridge
from tests.support.hosts.driver import room, short
from tests.support.legacy_routes import HttpRoute, NativeRoute, Outputs, Result, Route, record_of
from tests.support.record_bytes import cards
from tests.support.visit_steps import (
    SAME_DAY,
    Visit,
    both_prescriptions,
    diagnoses,
    fees,
    give_number_back,
    take_number,
)

DEMO, ELDER = "000073898381", "000099990004"
PATTERN = b"[XXXXXXX]"
A_MANS_CARD = 5079
# Every function without arguments that both doors have: documented bytes.
READS = {
    "hisGetBasicData": 72,
    "hisGetRegisterBasic": 78,
    "hisGetTreatmentNoNeedHPC": 498,
    "hisGetTreatmentNeedHPC": 372,
    "hisGetOrganDonate": 1,
    "hisGetLastSeqNum": 7,
    "hisGetCriticalIllness": 114,
}
# What the SDK did not have. Not every card has each: a man's no prenatal check-ups (5079).
FURTHER_READS = {
    "hisGetRegisterBasic2": 9,
    "hisGetRegisterPrevent": 126,
    "hisGetRegisterPregnant": 209,
    "hisGetCumulativeData": 134,
    "hisGetCumulativeFee": 20,
    "hisGetInoculateData": 1400,
    "hisGetEmergentTel": 14,
}
# Reads of some positions, and their records.
RANGES = {
    "hisReadPrescriptMain": ("pOutpatientPrescription", 3660),
    "hisReadPrescriptLongTerm": ("pLongTermPrescription", 1320),
    "hisReadPrescriptHVE": ("pImportantTreatmentCode", 360),
    "hisReadPrescriptAllergic": ("pIrritationDrug", 120),
}
IN_ICD_10_FORM = {"hisGetTreatmentNeedHPC": 540, "hisGetCriticalIllness": 138}


def by_http(bridge: Bridge, http: HttpRoute, card: str) -> dict[str, Result]:
    """Every read by its path, and the ICD-10 forms by theirs."""
    assert http.upload(bridge.sim.qr(card)) == 0
    bridge.verify_doctor()
    found = {name: http.call(name) for name in (*READS, *FURTHER_READS)}
    for name in IN_ICD_10_FORM:
        answer = http.post(f"/VHC/VHC{name}10", {})
        found[f"{name}10"] = int(answer["ERRORCODE"]), {"pBuffer": answer["pBuffer"].encode("cp950")}
    return found


def by_library(bridge: Bridge, library: NativeRoute) -> dict[str, Result]:
    """Every read by its C function, and the ICD-10 forms by the pattern in the buffer."""
    assert library.call("csOpenCom", pComNum=0) == (0, {})
    assert library.call("csVerifySAMDC") == (0, {})
    bridge.verify_doctor()
    every = {**READS, **FURTHER_READS}
    found = {name: library.call(name, pBuffer=width) for name, width in every.items()}
    for name, width in IN_ICD_10_FORM.items():
        code, answers = library.raw(name, room(width, PATTERN), short(width))
        assert answers[0].data is not None
        found[f"{name}10"] = code, {"pBuffer": answers[0].data}
    return found


@pytest.mark.parametrize("card", sorted(set(cards()) - {"000099990010"}))  # 010 has a PIN: another code
def test_every_read(bridge: Bridge, http: HttpRoute, library: NativeRoute, card: str) -> None:
    bridge.sim.insert("hc", card)
    shown = by_http(bridge, http, card)
    assert shown == by_library(bridge, library)
    widths = {**READS, **{f"{name}10": width for name, width in IN_ICD_10_FORM.items()}}
    assert {name: (shown[name][0], len(record_of(shown[name][1]))) for name in widths} == {
        name: (0, width) for name, width in widths.items()
    }
    for name, width in FURTHER_READS.items():
        code, outputs = shown[name]
        if code == 0:
            assert len(record_of(outputs)) == width, name
        else:
            assert (name, code) == ("hisGetRegisterPregnant", A_MANS_CARD), name
    assert record_of(shown["hisGetBasicData"][1])[:12] == card.encode()


def test_card_status_number_and_time(bridge: Bridge, http: HttpRoute, library: NativeRoute) -> None:
    assert http.upload(bridge.sim.qr(DEMO)) == 0
    number = http.call("csGetCardNo", CardType=2)
    assert number == http.call("csGetCardNo") == (0, {"pBuffer": DEMO.encode()})
    assert http.call("hisGetCardStatus") == (2, {})
    day = record_of(http.call("csGetDateTime")[1])
    assert library.call("csGetCardNo", CardType=2, pBuffer=12) == number
    assert library.call("hisGetCardStatus", CardType=2) == (2, {})
    assert len(day) == 13
    assert day[:5] == record_of(library.call("csGetDateTime", pBuffer=13)[1])[:5]


def write(route: Route, visit: Visit) -> list[Result]:
    """Diagnoses, fees and prescriptions of a visit."""
    about = {"pDateTime": visit.time, "pPatientID": visit.id_no, "pPatientBirthDate": visit.birthday}
    prescriptions = both_prescriptions(visit.time)
    return [
        route.call("hisWriteTreatmentCode", **about, pDataWrite=diagnoses("J029", "R509")),
        route.call("hisWriteTreatmentFee", **about, pDataWrite=fees(1250, 50)),
        route.call("hisWritePrescriptionSign", **about, pDataWrite=prescriptions[:61], pBuffer=40),
        route.call(
            "hisWriteMultiPrescriptSign", **about, pDataWrite=prescriptions, iWriteCount=2, pBuffer=80
        ),
    ]


def shapes(results: list[Result]) -> list[tuple[int, dict[str, int]]]:
    """Codes and lengths: signatures differ from one write to the next."""
    return [(code, {name: _length(value) for name, value in outputs.items()}) for code, outputs in results]


def _length(value: bytes | int) -> int:
    return len(value.strip()) if isinstance(value, bytes) else value


def visit_by(bridge: Bridge, route: Route) -> tuple[Visit, Outputs, list[Result]]:
    """A whole visit; the demo card must be there for this route."""
    visit = Visit(b"Z299999929", b"0920315")
    code, outputs = take_number(route, visit)
    assert code in (0, SAME_DAY)
    return visit, outputs, write(route, visit)


def test_a_visit(bridge: Bridge, http: HttpRoute, library: NativeRoute) -> None:
    assert http.upload(bridge.sim.qr(DEMO)) == 0
    visit, number, written = visit_by(bridge, http)
    assert [code for code, _ in written] == [0, 0, 0, 0]
    held = bridge.sim.stored(DEMO)
    read_back = {name: http.call(name) for name in ("hisGetTreatmentNoNeedHPC", "hisGetLastSeqNum")}
    for name, result in read_back.items():
        assert library.call(name, pBuffer=READS[name]) == result

    bridge.sim.reset()
    other, same_number, same_written = visit_by(bridge, library)
    assert shapes(written) == shapes(same_written)
    assert len(record_of(number)) == len(record_of(same_number)) == 316
    assert record_of(number)[13:27] == record_of(same_number)[13:27]  # W sequence and hospital
    again = bridge.sim.stored(DEMO)
    assert _without_times(held, visit) == _without_times(again, other)

    assert http.upload(bridge.sim.qr(DEMO)) == 0
    assert give_number_back(http, other) == (0, {})  # taken by the library, given back by HTTP
    assert bridge.sim.stored(DEMO)["visits"][0]["rolled_back"] is True


def _without_times(held: dict[str, object], visit: Visit) -> str:
    """What the cloud holds, as text, the visit's own time, numbers and signature left out."""
    first = held["visits"][0]  # type: ignore[index]
    text = repr({key: value for key, value in held.items() if key not in ("qr_with_visit",)})
    for gone in (visit.time.decode(), *(str(first[key]) for key in first if key in VARYING)):
        text = text.replace(gone, "")
    return text


VARYING = ("at", "treatment_number")


def test_reads_of_some_positions(bridge: Bridge, http: HttpRoute, library: NativeRoute) -> None:
    positions = {"iStartPos": 1, "iEndPos": 2}
    assert http.upload(bridge.sim.qr(DEMO)) == 0
    bridge.verify_doctor()
    shown = {name: http.call(name, **positions) for name in RANGES}
    assert library.call("csOpenCom", pComNum=0) == (0, {})
    bridge.verify_doctor()
    found = {
        name: library.call(name, **{record: width}, **positions) for name, (record, width) in RANGES.items()
    }
    assert shown == found
    assert {code for code, _ in shown.values()} == {0}


def test_marks_written_with_a_virtual_card_are_read_with_the_physical_one(
    bridge: Bridge, http: HttpRoute, library: NativeRoute
) -> None:
    whose = {"pPatientID": b"Z299999929", "pPatientBirthDate": b"0920315"}
    assert http.upload(bridge.sim.qr(DEMO)) == 0
    assert http.call("hisWriteEmergentTel", **whose, pEmergentTel=b"0900000123") == (0, {})
    assert http.call("hisWriteInoculateData", **whose, pItem=b"FLU", pPackageNumber=b"LOT77")[0] == 0
    assert http.call("hisWriteHealthInsurance", **whose, pServiceItem=b"02", pServiceItemCode=b"21")[0] == 0
    assert http.call("csUpdateHCContents") == (0, {})
    assert library.call("csOpenCom", pComNum=0) == (0, {})
    assert record_of(library.call("hisGetEmergentTel", pBuffer=14)[1]).strip() == b"0900000123"
    assert b"LOT77" in record_of(library.call("hisGetInoculateData", pBuffer=1400)[1])
    other = {**whose, "pPatientID": b"A123456789"}
    assert http.upload(bridge.sim.qr(DEMO)) == 0
    assert http.call("hisWriteEmergentTel", **other, pEmergentTel=b"0900000999") == (5020, {})
    assert http.call("hisGetCriticalIllnessID", **other)[0] == 5020
