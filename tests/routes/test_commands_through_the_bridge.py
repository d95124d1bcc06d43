"""Commands beside a running bridge: through its doors, as one program of the shell they are typed into."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.config import Settings, save_settings
from bridge.serving.owners import RUNNING_FILE, own_data_dir
from tests.support.bridge_process import ROOT, Bridge, clean_environment
from tests.support.legacy_routes import HttpRoute
from tests.support.record_bytes import cards

DEMO, CHILD, ELDER = "000073898381", "000099990001", "000099990004"
NO_QR, NO_CARD = 1019, 4013
COMMAND = f"{sys.executable} -m bridge"
NUMBER = {"cTreatItem": "01", "cBabyTreat": "", "cTreatAfterCheck": "1"}


@pytest.fixture
def vhc(bridge: Bridge) -> Iterator[HttpRoute]:
    """A client of the VHC SDK."""
    with HttpRoute("3033", bridge.ready["legacy_http"], None) as route:
        yield route


def shell(script: str) -> subprocess.CompletedProcess[str]:
    """Commands typed into one shell; ``bridge`` stands for the command."""
    return subprocess.run(
        ["sh", "-c", script.replace("bridge ", f"{COMMAND} ")],
        cwd=ROOT, env=clean_environment(PYTHONUTF8="1"), capture_output=True, encoding="utf-8", timeout=120,
    )  # fmt: skip


def call(bridge: Bridge, words: str) -> str:
    """The words of one command."""
    return f"bridge call --data-dir {bridge.config.parent} {words}"


def sessions(bridge: Bridge) -> list[str]:
    """How often the console was asked to begin or end a session."""
    ends = ("Initial", "Finalize")
    paths = [entry["path"] for entry in bridge.sim.requests() if entry["service"] == "console"]
    return [path for path in paths if path.endswith(ends)]


def test_the_calls_of_one_shell_are_those_of_one_program(bridge: Bridge) -> None:
    """PIN, then read, as a program does it; in a session of its own each would begin without the PIN."""
    steps = ("csOpenCom pComNum=0", "hpcVerifyHPCPIN", "hisGetTreatmentNeedHPC --json", "csCloseCom")
    done = shell(" && ".join(call(bridge, step) for step in steps))
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"code": 0' in done.stdout
    alone = shell(call(bridge, "--standalone csCloseCom"))
    assert alone.returncode == 0


def test_a_call_takes_no_session_from_the_bridge(bridge: Bridge) -> None:
    assert shell(call(bridge, "csOpenCom pComNum=0")).returncode == 0
    bridge.sim.clear_requests()
    done = shell(call(bridge, "hisGetBasicData"))
    assert done.returncode == 0, done.stderr
    assert cards()[DEMO]["name"] in done.stdout
    assert sessions(bridge) == []


def test_standalone_has_a_session_of_its_own(bridge: Bridge) -> None:
    done = shell(call(bridge, "--standalone hisGetBasicData"))
    assert (done.returncode, cards()[DEMO]["name"] in done.stdout) == (0, True)
    assert sessions(bridge) != []


def test_a_virtual_card_and_commands_are_never_mixed(bridge: Bridge, vhc: HttpRoute) -> None:
    """A VHC client shows one patient's QR code, a person at the desk reads the card in the reader."""
    for virtual in (CHILD, ELDER):
        assert vhc.upload(bridge.sim.qr(virtual)) == 0
        done = shell(call(bridge, "hisGetBasicData"))
        assert (done.returncode, cards()[DEMO]["name"] in done.stdout) == (0, True), done.stdout
        assert cards()[virtual]["name"] not in done.stdout
        code, outputs = vhc.call("hisGetBasicData")
        assert code in (0, NO_QR)
        shown = outputs.get("pBuffer", b"")
        assert isinstance(shown, bytes)
        assert cards()[DEMO]["id_no"].encode() not in shown
        assert (cards()[virtual]["id_no"].encode() in shown) == (code == 0)


def test_a_visit_of_a_vhc_client_is_never_stored_for_the_card_in_the_reader(
    bridge: Bridge, vhc: HttpRoute
) -> None:
    assert vhc.upload(bridge.sim.qr(CHILD)) == 0
    assert shell(call(bridge, "hisGetBasicData")).returncode == 0
    before = {card: len(bridge.sim.stored(card)["visits"]) for card in (DEMO, CHILD)}
    answer = vhc.post("/VHC/VHChisGetSeqNumber256N1", NUMBER)
    assert answer["errorCode"] in (0, NO_QR)
    after = {card: len(bridge.sim.stored(card)["visits"]) for card in (DEMO, CHILD)}
    assert after == {**before, CHILD: before[CHILD] + (answer["errorCode"] == 0)}


def test_a_call_for_clients_of_the_vhc_sdk(bridge: Bridge, vhc: HttpRoute) -> None:
    """The same function by two doors means two cards."""
    qr = bridge.sim.qr(CHILD)
    steps = (f"uploadqrcode QRCodeString={qr}", "--door vhc hisGetBasicData", "VHCcleanQRCode")
    done = shell(" && ".join(call(bridge, step) for step in steps))
    assert done.returncode == 0, done.stdout + done.stderr
    assert cards()[CHILD]["name"] in done.stdout
    assert cards()[DEMO]["name"] not in done.stdout
    refused = shell(call(bridge, "--door vhc --json hisGetBasicData"))
    assert (refused.returncode, json.loads(refused.stdout)["code"]) == (1, NO_QR)


def test_a_door_that_does_not_have_the_function(bridge: Bridge) -> None:
    done = shell(call(bridge, "--door vpn hisGetBasicData"))
    assert (done.returncode, "--door native, vhc" in done.stderr) == (2, True)


def test_uploads_are_signed_and_sent_by_the_bridge(bridge: Bridge, tmp_path: Path) -> None:
    assert shell(call(bridge, "csOpenCom pComNum=0")).returncode == 0
    file = tmp_path / "records.xml"
    file.write_text("<RECS/>")
    bridge.sim.clear_requests()
    where = f"--data-dir {bridge.config.parent}"
    done = shell(f"bridge upload {file} --type ZZ {where}")
    assert done.returncode == 0, done.stderr
    code = done.stdout.strip()
    assert bridge.sim.upload(code)["bytes"] == file.stat().st_size
    result = shell(f"bridge upload-result {code} --type ZZ {where}")
    assert json.loads(result.stdout)["bytes"] == file.stat().st_size
    assert sessions(bridge) == []


def test_a_test_card_is_applied_for_by_the_bridge(bridge: Bridge) -> None:
    assert shell(call(bridge, "csOpenCom pComNum=0")).returncode == 0
    bridge.sim.clear_requests()
    done = shell(f"bridge test-card apply --sex F --birthday 0920315 --data-dir {bridge.config.parent}")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["cardSn"]
    assert sessions(bridge) == []


def test_a_bridge_that_has_not_said_where_it_is(tmp_path: Path) -> None:
    """It is just starting, or its disk is full: nothing is done behind its back."""
    with own_data_dir(tmp_path):
        done = shell(f"bridge call --data-dir {tmp_path} csGetVersion")
    assert done.returncode == 1
    assert f"process {os.getpid()}" in done.stderr
    assert "--standalone" in done.stderr


def test_a_bridge_that_does_not_answer(tmp_path: Path) -> None:
    """Its lock is held and its settings are there, but nobody listens."""
    settings = Settings(data_dir=tmp_path)
    closed = settings.channel.model_copy(update={"port": 1})
    with own_data_dir(tmp_path):
        save_settings(settings.model_copy(update={"channel": closed}), tmp_path / RUNNING_FILE)
        done = shell(f"bridge call --data-dir {tmp_path} csGetVersion")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing was sent" in done.stderr
    assert "Traceback" not in done.stderr
