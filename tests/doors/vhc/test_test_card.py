"""``cshis-bridge test-card apply`` against the simulated test environment."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.bridge_process import ROOT, Bridge, clean_environment
from tests.support.legacy_routes import HttpRoute


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "bridge", "test-card", "apply", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        timeout=60,
        env=clean_environment(PYTHONUTF8="1", **environment),
    )


@pytest.mark.parametrize(
    ("sex", "foreigner", "kind"),
    [("F", [], "2"), ("M", [], "1"), ("F", ["--foreigner"], "9"), ("M", ["--foreigner"], "8")],
)
def test_a_new_card_can_be_used(
    bridge: Bridge, http: HttpRoute, sex: str, foreigner: list[str], kind: str
) -> None:
    done = run("--sex", sex, "--birthday", "0920315", *foreigner, "--config", str(bridge.config))
    assert done.returncode == 0, done.stderr
    card = json.loads(done.stdout)
    assert card["idCardNum"][1] == kind
    assert http.upload(bridge.sim.qr(card["cardSn"])) == 0
    fields = http.post("/VHC/VHChisGetBasicDataJson", {})["pBuffer"]
    assert (fields["id_no"], fields["sex"], fields["birthday"]) == (card["idCardNum"], sex, "0920315")


def test_a_refusal_is_told(bridge: Bridge) -> None:
    bridge.sim.arm("cloud", "status", 3235, path="/test/v1/ApplyVirtualHc/Apply", times=1)
    done = run("--sex", "F", "--birthday", "0920315", "--config", str(bridge.config))
    assert (done.returncode, done.stdout) == (1, "")
    assert "refused: 9092 其他" in done.stderr


@pytest.mark.parametrize("birthday", ["0920230", "20030315x", "", "出生日期"])
def test_a_birthday_that_is_none_asks_nothing(bridge: Bridge, birthday: str) -> None:
    done = run("--sex", "F", "--birthday", birthday, "--config", str(bridge.config))
    assert done.returncode == 1
    assert "6018" in done.stderr
    assert bridge.changes() == []


def test_the_production_environment_is_left_alone() -> None:
    url = "https://medvpndc.nhi.gov.tw"
    done = run("--sex", "F", "--birthday", "0920315", CSHIS_BRIDGE_CLOUD__URL=url)
    assert done.returncode == 1
    assert "cloud.url is the production environment" in done.stderr
