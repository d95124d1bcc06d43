"""The life of a QR code: shown, read, exported, imported, expired, used up, forgotten; never old data."""

from __future__ import annotations

import pytest

from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import HttpRoute, NativeRoute
from tests.support.record_bytes import cards

DEMO, CHILD, ELDER = "000073898381", "000099990001", "000099990004"
PIN_REFUSED = 5105
NO_QR, USED, TIMED_OUT, INVALID, MISSING = 1019, 1020, 1021, 1022, 1023
OTHER_HOSPITAL = 4029
EXPORT, IMPORT = "/QRCodeReader/GetVHCQRCodeCloudToken", "/QRCodeReader/UploadVHCQRCodeCloudToken"
CLEAN = "/QRCodeReader/VHCcleanQRCode"
READS = (
    "VHC/VHChisGetBasicData", "VHC/VHChisGetBasicDataBig5", "VHC/VHChisGetBasicDataJson",
    "VHC/VHChisGetBasicDataJsonBig5", "VHC/VHChisGetRegisterBasic", "VHC/VHChisGetRegisterBasicBig5",
    "VHC/VHChisGetRegisterBasicJson", "VHC/VHChisGetRegisterBasicJsonBig5", "VHC/VHChisGetTreatmentNoNeedHPC",
    "VHC/VHChisGetTreatmentNeedHPC", "VHC/VHChisGetTreatmentNeedHPC10", "VHC/VHChisGetCriticalIllness",
    "VHC/VHChisGetCriticalIllness10", "VHC/VHChisGetOrganDonate", "VHC/VHChisGetLastSeqNum",
    "VHC/VHChisGetQuickInsurance", "VHC/VHCcsGetCardNo",
)  # fmt: skip


def code(http: HttpRoute, path: str, **body: object) -> int:
    """What a path answers, as a number; a failure gives nothing else."""
    answer = http.post(path, body)
    number = int(answer["ERRORCODE"])
    if number != 0:
        assert set(answer) <= {"ERRORCODE", "errorCode", "statusCode", "message"}
    return number


def name_of(http: HttpRoute) -> str:
    """Whose card is read."""
    return str(http.post("/VHC/VHChisGetBasicDataJson", {})["pBuffer"]["card_no"])


def export(http: HttpRoute) -> str:
    """Export the card that was shown; out: the transfer code."""
    answer = http.post(EXPORT, {})
    assert answer["ERRORCODE"] == "0"
    return str(answer["transferToken"])


def test_an_export_logs_out_at_once_and_an_import_brings_the_card_back(
    bridge: Bridge, http: HttpRoute, library: NativeRoute
) -> None:
    """The card in the slot is another person's all the time."""
    bridge.sim.insert("hc", ELDER)
    assert http.upload(bridge.sim.qr(CHILD)) == 0
    assert name_of(http) == CHILD
    token = export(http)
    assert {path: code(http, f"/{path}") for path in READS} == dict.fromkeys(READS, MISSING)
    assert code(http, EXPORT) == MISSING
    assert bridge.sim.state()["console"]["hc"]["card"] is None
    assert library.call("csGetCardNo", CardType=2, pBuffer=12) == (0, {"pBuffer": ELDER.encode()})
    assert code(http, "/VHC/VHChisGetBasicData") == MISSING
    assert code(http, IMPORT, transferToken=token + " ") == 0
    assert name_of(http) == CHILD
    assert code(http, IMPORT, transferToken=token) == USED
    assert code(http, "/VHC/VHChisGetBasicData") == NO_QR


def test_before_a_code_is_shown_and_after_it_is_forgotten_nothing_is_read(
    bridge: Bridge, http: HttpRoute
) -> None:
    nothing = dict.fromkeys(READS, NO_QR)
    assert {path: code(http, f"/{path}") for path in READS} == nothing
    assert code(http, EXPORT) == NO_QR
    assert code(http, CLEAN) == 0  # there is nothing to forget
    assert http.upload(bridge.sim.qr(CHILD)) == 0
    assert code(http, CLEAN) == 0
    assert {path: code(http, f"/{path}") for path in READS} == nothing
    assert not any(entry["path"].startswith("/api/v1") for entry in bridge.sim.requests())


def test_forgetting_leaves_the_physical_card_to_the_library(
    bridge: Bridge, http: HttpRoute, library: NativeRoute
) -> None:
    basic = library.call("hisGetBasicData", pBuffer=72)
    bridge.sim.clear_requests()
    assert code(http, CLEAN) == 0
    assert [entry["path"] for entry in bridge.sim.requests()] == []
    assert library.call("hisGetBasicData", pBuffer=72) == basic


def test_codes_that_cannot_be_used(bridge: Bridge, http: HttpRoute) -> None:
    expired = bridge.sim.qr(DEMO, minutes=1)
    once = bridge.sim.qr(DEMO, uses=1)
    assert http.upload(once) == 0
    assert http.upload(once) == USED
    for wrong in ("abc", "YQ==.YQ==", once[:-8] + "AAAAAA=="):
        assert http.upload(wrong) == INVALID
    bridge.sim.shift_clock(61)
    assert http.upload(expired) == TIMED_OUT
    assert code(http, "/VHC/VHChisGetBasicData") == NO_QR


def test_transfer_codes_that_cannot_be_used(bridge: Bridge, http: HttpRoute) -> None:
    assert code(http, IMPORT) == 6018
    assert code(http, IMPORT, transferToken="YQ==.YQ==") == MISSING
    assert code(http, IMPORT, transferToken="nonsense") == INVALID
    assert http.upload(bridge.sim.qr(CHILD)) == 0
    token = export(http)
    bridge.sim.shift_clock(11 * 60)
    assert code(http, IMPORT, transferToken=token) == INVALID
    assert code(http, "/VHC/VHChisGetBasicData") == NO_QR


def test_a_session_that_has_ended(bridge: Bridge, http: HttpRoute) -> None:
    assert http.upload(bridge.sim.qr(CHILD)) == 0
    bridge.sim.shift_clock(31 * 60)
    assert code(http, "/VHC/VHChisGetBasicData") == TIMED_OUT
    assert code(http, "/VHC/VHChisGetBasicData") == NO_QR


@pytest.mark.parametrize("kind", ["lost", "garbage"])
def test_an_export_whose_answer_is_of_no_use(bridge: Bridge, http: HttpRoute, kind: str) -> None:
    """It may have been carried out: neither the old card nor the one in the slot is read."""
    assert http.upload(bridge.sim.qr(CHILD)) == 0
    bridge.sim.arm("console", kind, path="/VirtualHc/Export", times=1)
    assert code(http, EXPORT) in (4000, 9001)
    assert code(http, "/VHC/VHChisGetBasicData") == NO_QR
    assert http.upload(bridge.sim.qr(CHILD)) == 0
    assert name_of(http) == CHILD


def test_a_patient_who_does_not_type_the_pin_in_the_app(bridge: Bridge, http: HttpRoute) -> None:
    """The records stay closed to reads and writes; nobody is asked for a PIN at the desk."""
    before = bridge.sim.stored(DEMO)
    whose = {"pPatientID": "Z299999929", "pPatientBirthDate": "0920315"}
    assert http.upload(bridge.sim.qr(DEMO, pin_refused=True)) == 0
    assert code(http, "/VHC/VHCcsGetCardNo") == 0  # whose card it is, the console knows
    bridge.sim.clear_requests()
    assert code(http, "/VHC/VHChisGetEmergentTel") == PIN_REFUSED
    assert code(http, "/VHC/VHChisGetOrganDonate") == PIN_REFUSED
    assert code(http, "/VHC/VHChisWriteEmergentTel", **whose, pEmergentTel="0900000999") == PIN_REFUSED
    assert code(
        http, "/VHC/VHChisGetSeqNumber256N1", cTreatItem="01", cBabyTreat=" ", cTreatAfterCheck="1"
    ) == (PIN_REFUSED)
    assert not [entry for entry in bridge.sim.requests() if entry["path"] == "/api/hc/v1/Pin"]
    assert bridge.sim.stored(DEMO) == before
    assert http.upload(bridge.sim.qr(DEMO)) == 0  # typed after all, and shown anew
    assert code(http, "/VHC/VHChisGetEmergentTel") == 0


def test_the_network_status_is_a_real_one(bridge: Bridge, http: HttpRoute) -> None:
    assert code(http, "/Offline/getNetworkStatus") == 0
    assert [entry["path"] for entry in bridge.sim.requests()][-1] == "/api/v1/Icd/Encode"
    bridge.sim.arm("cloud", "status", 3501, path="/Icd/Encode", times=1)
    assert code(http, "/Offline/getNetworkStatus") == 0
    bridge.sim.arm("cloud", "down")
    assert code(http, "/Offline/getNetworkStatus") == 4061
    bridge.sim.clear_faults()
    bridge.sim.arm("cloud", "http", 503, times=1)
    assert code(http, "/Offline/getNetworkStatus") == 9004
    assert code(http, "/Offline/getNetworkStatus") == 0


def test_no_person_stands_in_the_log(bridge: Bridge, http: HttpRoute) -> None:
    assert http.upload(bridge.sim.qr(CHILD)) == 0
    token = export(http)
    assert code(http, IMPORT, transferToken=token) == 0
    assert name_of(http) == CHILD
    log = bridge.log.read_text(encoding="utf-8")
    printed = cards()[CHILD]
    for secret in (token, CHILD, *(str(printed[field]) for field in ("name", "id_no", "birthday"))):
        assert secret not in log
