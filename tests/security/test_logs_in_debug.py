"""A bridge that says everything: level DEBUG of every logger, asyncio's own debugging, real processes. No
person stands in its log, and none in its journal.
"""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.support.bridge_process import running_bridge
from tests.support.log_leaks import Watch

DEMO, ID, BIRTHDAY = "000073898381", "Z299999929", "0920315"
READS = (
    "csGetCardNo",
    "hisGetBasicData",
    "hisGetRegisterBasic",
    "hisGetTreatmentNoNeedHPC",
    "hisReadPrescription",
)
WRONG = (
    b'{"pPatientID": "Z299999929", "pPatientBirthDate": "0920315"',
    b'{"pPatientID": 299999929}',
    b"pPatientID=Z299999929&pPatientBirthDate=0920315",
    "測試十".encode(),
    "測試十".encode("cp950"),
)


def test_nobody_stands_in_a_log_of_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    with running_bridge(tmp_path) as bridge:
        with httpx.Client(base_url=bridge.ready["legacy_http"], trust_env=False, timeout=60) as client:
            visit(client, bridge.sim.qr(DEMO))
            bridge.verify_doctor()
            bridge.sim.arm("cloud", "garbage", path="BasicData", times=1)
            bridge.sim.arm("cloud", "lost", path="EmergentTel", times=2)
            visit(client, bridge.sim.qr(DEMO))
        log = bridge.log.read_text(encoding="utf-8")
    watch = Watch()
    watch.examine_files(tmp_path)
    assert list(watch.report()) == []
    assert " DEBUG " in log
    assert "function=hisGetBasicData code=0" in log
    assert watch.examined > 10


def visit(client: httpx.Client, qr: str) -> None:
    """Reads, a write with the person's data, and all kinds of wrong requests with them."""
    client.post("/QRCodeReader/uploadqrcode", json={"QRCodeString": qr})
    for name in READS:
        for form in ("", "Json", "Big5"):
            client.post(f"/VHC/VHC{name}{form}", json={})
    person = {"pPatientID": ID, "pPatientBirthDate": BIRTHDAY}
    for path in ("/VHC/VHChisWriteEmergentTel", f"/VHC/{ID}/{DEMO}", "/VHC/測試十"):
        client.post(path, json={**person, "pEmergentTel": "0212345678"})
        client.post(path, json={**person, "pEmergentTel": "測試十"}, headers={"X-Patient": ID})
        client.post(path, json=person, params={"id": ID})
        for body in WRONG:
            client.post(path, content=body)
    client.post("/QRCodeReader/uploadqrcode", content=json.dumps({"QRCodeString": qr + "x"}))
