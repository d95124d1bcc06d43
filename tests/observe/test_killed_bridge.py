"""A bridge that is killed in the middle of a change: the change is under way, then cut off, then resolved."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import requests

from bridge.records.journal import JOURNAL_NAME
from bridge.records.journal_view import JournalView
from bridge.sim.control.remote import Remote
from tests.support.bridge_process import FREE_PORTS, ROOT, clean_environment, running_bridge

CHILD = "000099990001"
ALLOCATE = "/VHC/VHChisGetSeqNumber256N1"
PATIENCE = 20.0


def journal(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bridge", "journal", *arguments, "--data-dir", str(data_dir)]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=ROOT, env=clean_environment(), check=False
    )


def wait_for_the_request(data_dir: Path) -> None:
    ends = time.monotonic() + PATIENCE
    view = JournalView(data_dir / JOURNAL_NAME)
    while not view.unclear():
        assert time.monotonic() < ends, "no change was begun"
        time.sleep(0.05)


def test_a_change_that_a_kill_cuts_off(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "bridge",
        "serve",
        "--simulate",
        "--data-dir",
        str(tmp_path),
        *FREE_PORTS,
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, env=clean_environment()
    ) as process:
        try:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["legacy_http"]
            sim = Remote(tmp_path)
            shown = {"QRCodeString": sim.qr(CHILD)}
            assert requests.post(f"{url}/QRCodeReader/uploadqrcode", json=shown, timeout=30).ok
            sim.arm("cloud", "slow", 60)
            caller = threading.Thread(target=allocate, args=(url,))
            caller.start()
            wait_for_the_request(tmp_path)
            during = journal(tmp_path, "pending", "--json")
        finally:
            process.kill()
    caller.join()
    assert (during.returncode, [each["state"] for each in json.loads(during.stdout)]) == (0, ["under-way"])
    after = journal(tmp_path, "pending")
    assert after.returncode == 1
    for word in ("cut-off", "取得就醫序號", "look in the cloud whether the request was carried out"):
        assert word in after.stdout
    with running_bridge(tmp_path) as again:
        assert "1 change(s) did not end clearly" in again.log.read_text(encoding="utf-8")
        number = str(json.loads(journal(tmp_path, "pending", "--json").stdout)[0]["id"])
        assert journal(tmp_path, "resolve", number, "--yes").returncode == 0
    assert journal(tmp_path, "pending").returncode == 0


def allocate(url: str) -> None:
    """The clinic program that asks for a visit number when the bridge dies."""
    with suppress(requests.RequestException):
        body = {"cTreatItem": "01", "cBabyTreat": "", "cTreatAfterCheck": "1"}
        requests.post(url + ALLOCATE, json=body, timeout=60)
