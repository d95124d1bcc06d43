"""Malformed bodies and unusable QR codes at the HTTP doors: HTTP 200 with a code, never a stack trace."""

from __future__ import annotations

import pytest

from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import HttpRoute, Route
from tests.support.record_bytes import cards
from tests.support.visit_steps import (
    DEMO_CARD,
    demo_patient,
    read_basic,
    take_number,
    works,
)

BAD_ARGUMENT = 6018
NEXT = "/api/v1/SequelNumber/Next"


BODIES = {
    "no JSON": b"{",
    "half a string": b'{"QRCodeString": "abc',
    "a list": b"[]",
    "a number": b"17",
    "null": b"null",
    "binary": bytes(range(256)),
    "latin-1": '{"QRCodeString": "é"}'.encode("latin-1"),
    "thousands of brackets": b"[" * 100_000,
    "a long number": b'{"QRCodeString": ' + b"9" * 10_000 + b"}",
    "a name twice": b'{"QRCodeString": "a", "qrcodestring": "b"}',
    "wrong type": b'{"QRCodeString": 5}',
    "a list in place": b'{"QRCodeString": ["a"]}',
    "nothing": b"",
    "an empty object": b"{}",
    "a blank": b'{"QRCodeString": "  "}',
    "not in the code page": '{"QRCodeString": "喆"}'.encode(),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_malformed_body(bridge: Bridge, vhc_route: HttpRoute, body: bytes) -> None:
    answer = vhc_route.post("/QRCodeReader/uploadqrcode", body)
    assert answer["ERRORCODE"] == str(BAD_ARGUMENT)
    assert "Traceback" not in str(answer)
    assert bridge.sim.requests() == []


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"cTreatItem": 1}',
        b'{"cTreatItem": "\\u001b1", "cBabyTreat": " ", "cTreatAfterCheck": "1"}',
        b"{}",
    ],
)
def test_malformed_visit(bridge: Bridge, vhc_route: HttpRoute, body: bytes) -> None:
    assert vhc_route.upload(bridge.sim.qr(DEMO_CARD)) == 0
    answer = vhc_route.post("/VHC/VHChisGetSeqNumber256N1", body)
    assert (answer["ERRORCODE"], "pBuffer" in answer) == (str(BAD_ARGUMENT), False)
    assert bridge.sim.stored(DEMO_CARD)["visits_taken"] == 0


def test_nothing_uploaded(bridge: Bridge, vhc_route: HttpRoute, client_route: Route) -> None:
    assert works(client_route)  # the physical card is there, and not meant
    assert vhc_route.call("hisGetBasicData") == (1019, {})
    assert take_number(vhc_route, demo_patient()) == (1019, {})
    assert bridge.sim.stored(DEMO_CARD)["visits_taken"] == 0


def test_expired_qr_code(bridge: Bridge, vhc_route: HttpRoute) -> None:
    token = bridge.sim.qr(DEMO_CARD, minutes=1)
    bridge.sim.shift_clock(61)
    assert vhc_route.upload(token) == 1021
    assert vhc_route.call("hisGetBasicData") == (1019, {})
    assert vhc_route.upload(bridge.sim.qr(DEMO_CARD)) == 0
    assert works(vhc_route)


def test_qr_code_that_expires_after_the_upload(bridge: Bridge, vhc_route: HttpRoute) -> None:
    assert vhc_route.upload(bridge.sim.qr(DEMO_CARD, minutes=1)) == 0
    assert works(vhc_route)
    bridge.sim.shift_clock(3600 * 3)
    code, outputs = vhc_route.call("hisGetBasicData")
    assert (code in (1019, 1021, 1022, 1023), outputs) == (True, {}), code


def test_used_and_wrong_qr_codes(bridge: Bridge, vhc_route: HttpRoute) -> None:
    token = bridge.sim.qr(DEMO_CARD, uses=1)
    assert vhc_route.upload(token) == 0
    assert vhc_route.upload(token) == 1020
    assert vhc_route.upload("abc") == 1022
    altered = "A" + token[1:] if token[0] != "A" else "B" + token[1:]
    assert vhc_route.upload(altered) == 1022
    assert vhc_route.call("hisGetBasicData") == (1019, {})


def test_two_visits_with_one_qr_code(bridge: Bridge, vhc_route: HttpRoute) -> None:
    assert vhc_route.upload(bridge.sim.qr(DEMO_CARD)) == 0
    assert take_number(vhc_route, demo_patient())[0] == 0
    assert take_number(vhc_route, demo_patient()) == (1020, {})
    assert bridge.sim.stored(DEMO_CARD)["visits_taken"] == 1


def test_lost_answer_to_a_number_by_http(bridge: Bridge, vhc_route: HttpRoute) -> None:
    assert vhc_route.upload(bridge.sim.qr(DEMO_CARD)) == 0
    bridge.sim.arm("cloud", "lost", path=NEXT, times=1)
    assert take_number(vhc_route, demo_patient()) == (5007, {})
    assert bridge.sim.stored(DEMO_CARD)["visits_taken"] == 1


def test_unknown_path_is_no_success(bridge: Bridge, vhc_route: HttpRoute) -> None:
    reply = vhc_route.client.post("/VHC/VHChisGetNothing", json={})
    assert (reply.status_code, reply.json()["ERRORCODE"]) == (404, "-2")


def test_no_patient_in_the_log(bridge: Bridge, client_route: Route, vhc_http_route: HttpRoute) -> None:
    """What went through the doors stands in no log line."""
    for card in cards():
        bridge.sim.insert("hc", card)
        assert read_basic(client_route)[0] == 0
        assert vhc_http_route.upload(bridge.sim.qr(card)) == 0
        assert vhc_http_route.call("hisGetBasicData")[0] == 0
    log = bridge.log.read_text(encoding="utf-8")
    assert "function=hisGetBasicData" in log
    for printed in cards().values():
        for field in ("number", "name", "id_no", "birthday"):
            assert str(printed[field]) not in log, field
