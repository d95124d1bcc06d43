"""Logging in by mobile credential (醫事人員行動憑證), by HTTP and by command, at the running bridge."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.support.bridge_process import ROOT, Bridge, clean_environment

DOCTOR = "000000329470"
PATH = "/HPC/VerificationMobileHca"


@pytest.fixture
def credential(bridge: Bridge) -> dict[str, str]:
    """What the doctor's phone gives; no practitioner's card lies in the reader."""
    bridge.sim.remove("hpc")
    return bridge.sim.mobile_login(DOCTOR)


def post(bridge: Bridge, body: dict[str, str]) -> dict[str, object]:
    answer: dict[str, object] = requests.post(
        bridge.ready["legacy_http"] + PATH, json=body, timeout=30
    ).json()
    return answer


def run(bridge: Bridge, *words: object, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bridge", "hpc", "login-mobile", *map(str, words)]
    return subprocess.run(
        [*command, "--config", str(bridge.config)],
        capture_output=True, encoding="utf-8", timeout=60, cwd=ROOT, check=False, input=stdin,
        env=clean_environment(PYTHONUTF8="1"),
    )  # fmt: skip


def saved(folder: Path, content: object) -> Path:
    file = folder / "credential.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def asked(bridge: Bridge) -> list[str]:
    return [entry["path"] for entry in bridge.sim.requests() if "Verification/Mobil" in entry["path"]]


def test_a_credential_by_http(bridge: Bridge, credential: dict[str, str]) -> None:
    assert post(bridge, credential)["ERRORCODE"] == "0"
    assert post(bridge, {})["ERRORCODE"] == "6018"
    card = requests.post(
        bridge.ready["legacy_http"] + "/VPN/VPNH_SignX",
        json={"pRandom": " ", "CardType": 2, "pServiceCode": "01"},
        timeout=30,
    ).json()
    assert card["ERRORCODE"] == "0"  # the practitioner signs without a card


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"hospitalId": "7777777777"}, "4029"),
        ({"idNo": "F223456786"}, "4042"),
        ({"loginDateTime": "2020-03-10T02:00:01Z"}, "4042"),
        ({"signatureCertificate": "QUJD"}, "6018"),
        ({"idNo": ""}, "6018"),
    ],
)
def test_a_credential_that_is_refused(
    bridge: Bridge, credential: dict[str, str], changed: dict[str, str], code: str
) -> None:
    assert post(bridge, credential | changed)["ERRORCODE"] == code
    assert post(bridge, credential)["ERRORCODE"] == "0"


def test_a_console_that_knows_the_other_spelling(bridge: Bridge, credential: dict[str, str]) -> None:
    bridge.sim.clear_requests()
    bridge.sim.arm("console", "http", 404, path="/MobiliHca")
    assert post(bridge, credential)["ERRORCODE"] == "0"
    assert [path.rsplit("/", 1)[1] for path in asked(bridge)][-2:] == ["MobiliHca", "MobileHca"]


def test_a_console_that_knows_neither(bridge: Bridge, credential: dict[str, str]) -> None:
    bridge.sim.arm("console", "http", 404, path="Hca")
    assert post(bridge, credential)["ERRORCODE"] == "4000"


@pytest.mark.parametrize("status", [400, 500])
def test_another_refusal_by_http_is_not_asked_again(
    bridge: Bridge, credential: dict[str, str], status: int
) -> None:
    bridge.sim.clear_requests()
    bridge.sim.arm("console", "http", status, path="/MobiliHca")
    assert post(bridge, credential)["ERRORCODE"] == "4000"
    assert len(asked(bridge)) == 1


@pytest.mark.parametrize("by_input", [False, True])
def test_the_command_leaves_the_practitioner_logged_in(
    bridge: Bridge, credential: dict[str, str], tmp_path: Path, by_input: bool
) -> None:
    done = (
        run(bridge, "-", stdin=json.dumps(credential))
        if by_input
        else run(bridge, saved(tmp_path, credential))
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "行動憑證驗證成功" in done.stdout
    assert not any(value in done.stdout for value in credential.values() if len(value) > 1)
    assert bridge.ask_console("GET", "/api/hpc/v1/Basic") == 0


def test_the_command_works_in_the_running_bridges_session(
    bridge: Bridge, credential: dict[str, str], tmp_path: Path
) -> None:
    """A session of its own would end, or take, the one that programs work in."""
    assert post(bridge, credential)["ERRORCODE"] == "0"
    assert bridge.ask_console("DELETE", "/api/hpc/v1/Logout") == 0
    bridge.sim.clear_requests()
    assert run(bridge, saved(tmp_path, credential)).returncode == 0
    paths = [entry["path"].rsplit("/", 1)[1] for entry in bridge.sim.requests()]
    assert paths == ["MobiliHca"], "neither Initial nor Status: it is no session of its own"
    calls = [line for line in bridge.log.read_text(encoding="utf-8").splitlines() if "MobileHca" in line]
    assert any("channel" in line or "native" in line for line in calls), calls[-2:]


def test_with_standalone_it_has_a_session_of_its_own(
    bridge: Bridge, credential: dict[str, str], tmp_path: Path
) -> None:
    bridge.sim.clear_requests()
    done = run(bridge, saved(tmp_path, credential), "--standalone")
    assert (done.returncode, done.stderr) == (0, "")
    paths = [entry["path"].rsplit("/", 1)[1] for entry in bridge.sim.requests()]
    assert "Initial" in paths
    assert "Finalize" not in paths
    assert bridge.ask_console("GET", "/api/hpc/v1/Basic") == 0


def test_the_command_tells_a_refusal(bridge: Bridge, credential: dict[str, str], tmp_path: Path) -> None:
    done = run(bridge, saved(tmp_path, credential | {"hospitalId": "7777777777"}))
    assert (done.returncode, done.stdout) == (1, "")
    assert "refused: 4029 IC卡權限不足" in done.stderr


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([], "a JSON object is needed"),
        ({}, "idNo, birthday, cName"),
        ({"idNo": 5}, "birthday"),
        ({"cName": "測試\U0001f600"}, "cName: character 3 is not in Big5"),
        ({"medId": "AB"}, "medId is longer than 1 bytes"),
        ({"signature": ["x"]}, "signature is no text"),
    ],
)
def test_a_file_that_is_no_credential_asks_nothing(
    bridge: Bridge, credential: dict[str, str], tmp_path: Path, content: object, text: str
) -> None:
    whole = isinstance(content, dict) and content and "idNo" not in content
    bridge.sim.clear_requests()
    done = run(bridge, saved(tmp_path, {**credential, **content} if whole else content))
    assert done.returncode == 1
    assert text in done.stderr
    assert credential["signature"] not in done.stderr
    assert asked(bridge) == []


def test_a_file_that_is_no_json(bridge: Bridge, tmp_path: Path) -> None:
    file = tmp_path / "credential.json"
    file.write_bytes(b"\xff{")
    done = run(bridge, file)
    assert done.returncode == 1
    assert "no JSON can be read from it" in done.stderr
