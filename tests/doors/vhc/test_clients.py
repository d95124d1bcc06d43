"""Clients as real ones are written, in Python and in JavaScript, against the real server process."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.doors.vhc.client_requests import VhcClient
from tests.support.bridge_process import Bridge

HERE = Path(__file__).parent
DEMO = "000073898381"
NODE_VERSION = 18  # the first with fetch
SEEN = {
    "patient": {"card": DEMO, "name": "測試十", "id": "Z299999929", "birthday": "0920315"},
    "bytes": [72, 78, 316],
    "doctor": "C123456789",
    "signatures": [40, 40, 40, 40],
}
DOORS = pytest.mark.parametrize("door", ["facade", "legacy_http"], ids=["5067", "3033"])


def check(seen: dict[str, object], bridge: Bridge) -> None:
    """What the client has understood, and what the cloud holds afterwards."""
    sequence = str(seen.pop("sequence"))
    assert re.fullmatch(r"W\w{3}", sequence)
    assert seen == SEEN
    held = bridge.sim.stored(DEMO)
    assert held["visits"][0]["sequence"] == sequence
    assert held["visits"][0]["rolled_back"] is True
    assert held["visits"][0]["codes"]["mainCode"] == "J029"
    assert held["visits"][0]["fees"]["outpatientFee"] == "1250"
    assert [order["totalQuantity"] for order in held["prescriptions"][:4]] == ["10.50"] * 4


def prepared(bridge: Bridge) -> str:
    """The doctor's card is verified. Out: the text of a QR code."""
    VhcClient(bridge.ready["legacy_http"]).good("/VHC/VHCcsOpenCom", {})
    assert bridge.ask_console("POST", "/api/sam/v1/Verification") == 0
    bridge.verify_doctor()
    return bridge.sim.qr(DEMO)


@DOORS
def test_a_client_in_python(bridge: Bridge, door: str) -> None:
    words = [bridge.ready[door], prepared(bridge), bridge.ready["ca_file"]]
    command = [sys.executable, str(HERE / "client_requests.py"), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    check(json.loads(done.stdout), bridge)


def node() -> str:
    """The node to run; skips where there is none that can fetch."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=30).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < NODE_VERSION:
        pytest.skip(f"node {version} has no fetch; {NODE_VERSION} has")
    return found


@DOORS
def test_a_client_in_javascript(bridge: Bridge, door: str) -> None:
    command = [node(), str(HERE / "client.mjs"), bridge.ready[door], prepared(bridge)]
    env = {**os.environ, "NODE_EXTRA_CA_CERTS": bridge.ready["ca_file"]}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, env=env)
    assert done.returncode == 0, done.stderr
    check(json.loads(done.stdout), bridge)


def test_a_client_that_trusts_nobody_gets_no_answer(bridge: Bridge) -> None:
    stranger = VhcClient(bridge.ready["facade"])
    with pytest.raises(requests.exceptions.SSLError):
        stranger.post("/utility/getSDKVersion", {})


# --- bodies -------------------------------------------------------------------------------------------------

NUMBER = "/VHC/VHChisGetSeqNumber256N1"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"cTreatItem":"01 ","cBabyTreat":"  ","cTreatAfterCheck":"1"}', {}),
        (b'{"cTreatItem":"01\\u0000","cTreatAfterCheck":"1\\u0000"}', {"Content-Type": "text/plain"}),
        (b"cTreatItem=01+&cBabyTreat=+&cTreatAfterCheck=1", FORM),
        (b'\xef\xbb\xbf{"CTREATITEM":"01","cTreatAfterCheck":"1","other":null}', FORM),
    ],
    ids=["no Content-Type", "NUL", "a form", "a byte order mark"],
)
def test_sloppy_bodies(bridge: Bridge, body: bytes, headers: dict[str, str]) -> None:
    client = VhcClient(bridge.ready["legacy_http"])
    client.good("/QRCodeReader/uploadqrcode", {"QRCodeString": bridge.sim.qr(DEMO)})
    reply = requests.post(client.url + NUMBER, data=body, headers=headers, timeout=60)
    assert client.code(reply.json()) in (0, 5010)
    assert bridge.sim.stored(DEMO)["visits_taken"] == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"  ", b"\0"])
def test_reads_need_no_body(bridge: Bridge, body: bytes) -> None:
    client = VhcClient(bridge.ready["legacy_http"])
    client.good("/QRCodeReader/uploadqrcode", {"QRCodeString": bridge.sim.qr(DEMO)})
    reply = requests.post(client.url + "/VHC/VHCcsGetCardNo", data=body, timeout=60)
    assert reply.json()["pBuffer"] == DEMO


@pytest.mark.parametrize(
    ("kind", "code"), [("2", 0), (" 2 ", 0), (2, 0), (None, 0), ("4", 6018), ("two", 6018), (2.0, 6018)]
)
def test_numbers_may_be_texts(bridge: Bridge, kind: object, code: int) -> None:
    client = VhcClient(bridge.ready["legacy_http"])
    client.good("/QRCodeReader/uploadqrcode", {"QRCodeString": bridge.sim.qr(DEMO)})
    assert client.code(client.post("/VHC/VHCcsGetCardNo", {"CardType": kind})) == code  # type: ignore[dict-item]


def test_a_number_in_place_of_a_text_is_not_guessed(bridge: Bridge) -> None:
    """A birthday as a number has lost its leading zero."""
    client = VhcClient(bridge.ready["legacy_http"])
    client.good("/QRCodeReader/uploadqrcode", {"QRCodeString": bridge.sim.qr(DEMO)})
    given = {"cTreatItem": 1, "cTreatAfterCheck": "1"}
    assert client.code(client.post(NUMBER, given)) == 6018  # type: ignore[arg-type]
    assert bridge.sim.stored(DEMO)["visits_taken"] == 0


# --- pages in a browser -------------------------------------------------------------------------------------

PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}


@pytest.mark.parametrize(
    "origin", ["https://www.nhi.gov.tw", "https://medvpn.nhi.gov.tw", "http://localhost:8080"]
)
def test_a_page_of_an_allowed_origin_may_call(bridge: Bridge, origin: str) -> None:
    client = VhcClient(bridge.ready["facade"], bridge.ready["ca_file"])
    address = client.url + "/utility/getSDKVersion"
    asked = client.session.options(address, headers={"Origin": origin, **PREFLIGHT}, timeout=60)
    assert (asked.status_code, asked.headers["Access-Control-Allow-Origin"]) == (204, origin)
    assert asked.headers["Access-Control-Allow-Headers"] == "content-type"
    reply = client.session.post(address, json={}, headers={"Origin": origin}, timeout=60)
    assert (reply.status_code, reply.headers["Access-Control-Allow-Origin"]) == (200, origin)
    assert client.code(reply.json()) == 0


@pytest.mark.parametrize(
    "origin", ["https://example.org", "https://nhi.gov.tw.example.org", "https://www-nhi.gov.tw", "null"]
)
def test_a_page_of_another_origin_may_not(bridge: Bridge, origin: str) -> None:
    client = VhcClient(bridge.ready["facade"], bridge.ready["ca_file"])
    address = client.url + "/QRCodeReader/uploadqrcode"
    body = {"QRCodeString": bridge.sim.qr(DEMO)}
    for headers, method in (({"Origin": origin, **PREFLIGHT}, "OPTIONS"), ({"Origin": origin}, "POST")):
        reply = client.session.request(method, address, json=body, headers=headers, timeout=60)
        assert reply.status_code == 403
        assert "Access-Control-Allow-Origin" not in reply.headers
    assert bridge.sim.state()["console"]["hc"]["card"] is None
