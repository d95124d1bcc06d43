"""Telemedicine (視訊診療) as clients of the old cloud service ask for it; the cloud of 6.0 does it."""

from __future__ import annotations

import base64
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from bridge.calls.context import TAIWAN
from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import HttpRoute

HOSPITAL, PATIENT, CARD = "3501200000", "Z299999929", "000073898381"
TELEMEDICINE = "/vhc/cloud/tlm"
REQUEST = f"{TELEMEDICINE}/GetVHCTeleMedicineReqCode"
RESPONSE = f"{TELEMEDICINE}/getQRCodeByVHCTLMRReqCode"
PENDING, TIMED_OUT, REFUSED, MISSING = 1005, 1021, 1022, 1023


def encrypted(id_no: str) -> str:
    """The id as a real client sends it."""
    now = datetime.now(TAIWAN)
    key = (HOSPITAL + f"{now:%Y%m%d}" + "0" * 14).encode()
    encryptor = Cipher(algorithms.AES(key), modes.CBC((HOSPITAL + f"{now:%y%m%d}").encode())).encryptor()
    padder = PKCS7(128).padder()
    padded = padder.update(id_no.encode()) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def ask(http: HttpRoute, path: str, **more: str) -> dict[str, str]:
    """What a real client reads of the answer."""
    body = {"HospID": HOSPITAL, "sToken": "an authorisation of the old service", **more}
    answer = http.post(path, body)
    inner = answer["responseBody"]
    assert inner["ErrorCode"] == answer["ERRORCODE"]
    assert inner["message"]
    return dict(inner)


@pytest.mark.parametrize(
    ("request_path", "response_path"),
    [
        (REQUEST, RESPONSE),
        ("/GetVHCTeleMedicineReqCode", "/getQRCodeByVHCTLMReqCode"),
        ("/getvhctelemedicinereqcode", "/GetQRCodeByVHCTLMRReqCode"),
    ],
)
@pytest.mark.parametrize("make", [encrypted, str], ids=["encrypted", "plain"])
def test_consent_given(
    bridge: Bridge, http: HttpRoute, request_path: str, response_path: str, make: type[str]
) -> None:
    asked = ask(http, request_path, ROCID=make(PATIENT))
    assert asked["ErrorCode"] == "0"
    got = ask(http, response_path, ROCID=make(PATIENT), ReqCode=asked["ReqCode"])
    assert got["ErrorCode"] == "0"
    assert http.upload(got["QRCode"]) == 0
    assert http.post("/VHC/VHChisGetBasicDataJson", {})["pBuffer"]["card_no"] == CARD


def test_consent_pending_then_given(bridge: Bridge, http: HttpRoute) -> None:
    bridge.sim.change_settings({"telemedicine_consent": "pending"})
    req_code = ask(http, REQUEST, ROCID=PATIENT)["ReqCode"]
    for _ in range(2):
        answer = ask(http, RESPONSE, ROCID=PATIENT, ReqCode=req_code)
        assert (answer["ErrorCode"], answer["QRCode"]) == (str(PENDING), "")
    bridge.sim.change_settings({"telemedicine_consent": "yes"})
    assert ask(http, RESPONSE, ROCID=PATIENT, ReqCode=req_code)["QRCode"].count(".") == 2


def test_consent_refused(bridge: Bridge, http: HttpRoute) -> None:
    bridge.sim.change_settings({"telemedicine_consent": "no"})
    req_code = ask(http, REQUEST, ROCID=PATIENT)["ReqCode"]
    answer = ask(http, RESPONSE, ReqCode=req_code)
    assert (answer["ErrorCode"], answer["QRCode"]) == (str(REFUSED), "")


def test_a_request_that_has_expired_and_one_that_never_was(bridge: Bridge, http: HttpRoute) -> None:
    req_code = ask(http, REQUEST, ROCID=PATIENT)["ReqCode"]
    bridge.sim.shift_clock(31 * 60)
    assert ask(http, RESPONSE, ReqCode=req_code)["ErrorCode"] == str(TIMED_OUT)
    assert ask(http, RESPONSE, ReqCode="nobody asked")["ErrorCode"] == str(MISSING)


def test_a_person_without_a_card(bridge: Bridge, http: HttpRoute) -> None:
    assert ask(http, REQUEST, ROCID="A123456789")["ErrorCode"] == str(MISSING)


@pytest.mark.parametrize("id_no", ["", "x", "Z29999992", encrypted(PATIENT)[:-4] + "AAAA"])
def test_a_person_that_cannot_be_read(bridge: Bridge, http: HttpRoute, id_no: str) -> None:
    """Nobody's phone is asked."""
    answer = ask(http, REQUEST, ROCID=id_no)
    assert (answer["ErrorCode"], answer["ReqCode"]) == ("6018", "")
    assert bridge.changes() == []
