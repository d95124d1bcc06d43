"""``cshis-bridge test-card apply`` against the simulated test environment."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.support.bridge_process import ROOT, Bridge, clean_environment
from tests.support.legacy_routes import HttpRoute


@pytest.fixture
def bridge_settings() -> str:
    """A bridge of its own: programs of the shared one work with the SAM that is taken away here."""
    return "# test environment\n"


@pytest.fixture(autouse=True)
def _test_environment(bridge: Bridge) -> None:
    """Test cards need a test SAM: the console has no other, and its session begins anew."""
    bridge.ask_console("POST", "/api/common/v1/Initial")
    bridge.import_sam()
    assert bridge.ask_console("POST", "/api/common/v1/Finalize") == 0
    assert bridge.ask_console("DELETE", "/api/settings/v1/CloudSam/001000000103") == 0


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "bridge", "test-card", *words],
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
    done = run("apply", "--sex", sex, "--birthday", "0920315", *foreigner, "--config", str(bridge.config))
    assert done.returncode == 0, done.stderr
    card = json.loads(done.stdout)
    assert card["idCardNum"][1] == kind
    assert http.upload(bridge.sim.qr(card["cardSn"])) == 0
    fields = http.post("/VHC/VHChisGetBasicDataJson", {})["pBuffer"]
    assert (fields["id_no"], fields["sex"], fields["birthday"]) == (card["idCardNum"], sex, "0920315")


def test_a_refusal_is_told(bridge: Bridge) -> None:
    bridge.sim.arm("cloud", "status", 3235, path="/test/v1/ApplyVirtualHc/Apply", times=1)
    done = run("apply", "--sex", "F", "--birthday", "0920315", "--config", str(bridge.config))
    assert (done.returncode, done.stdout) == (1, "")
    assert "refused: 9092 其他" in done.stderr
    assert "ten test cards" in done.stderr


@pytest.mark.parametrize("birthday", ["0920230", "20030315x", "", "出生日期"])
def test_a_birthday_that_is_none_asks_nothing(bridge: Bridge, birthday: str) -> None:
    done = run("apply", "--sex", "F", "--birthday", birthday, "--config", str(bridge.config))
    assert done.returncode == 1
    assert "6018" in done.stderr
    assert "ten test cards" not in done.stderr
    assert bridge.changes() == []


def test_the_production_environment_is_left_alone() -> None:
    url = "https://medvpndc.nhi.gov.tw"
    done = run("apply", "--sex", "F", "--birthday", "0920315", CSHIS_BRIDGE_CLOUD__URL=url)
    assert done.returncode == 1
    assert "cloud.url is the production environment" in done.stderr


# --- its QR code and its marks ------------------------------------------------------------------------------

BIRTHDAY = "0920315"


@pytest.fixture
def card(bridge: Bridge) -> str:
    """The number of a fresh test card."""
    done = run("apply", "--sex", "F", "--birthday", BIRTHDAY, "--config", str(bridge.config))
    return str(json.loads(done.stdout)["cardSn"])


def marked(bridge: Bridge, command: str, card: str, *words: str) -> dict[str, Any]:
    """Give the card a mark. Out: what is stored for it then."""
    done = run(command, card, BIRTHDAY, *words, "--config", str(bridge.config))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return bridge.sim.stored(card)


@pytest.mark.parametrize(("pin", "code"), [([], 0), (["--pin", "verified"], 0), (["--pin", "set"], 5105)])
def test_a_qr_code_opens_the_card_unless_its_pin_is_not_verified(
    bridge: Bridge, http: HttpRoute, card: str, pin: list[str], code: int
) -> None:
    done = run("qr", card, BIRTHDAY, *pin, "--config", str(bridge.config))
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.strip().split(".")) == 3
    assert http.upload(done.stdout.strip()) == 0
    assert http.post("/VHC/VHChisGetBasicData", {})["ERRORCODE"] == "0"
    assert http.post("/VHC/VHChisGetOrganDonate", {})["ERRORCODE"] == str(code)


def test_a_critical_illness(bridge: Bridge, card: str) -> None:
    stored = marked(
        bridge, "critical-illness", card, "--code", "C50", "--from", "1130101", "--until", "1181231"
    )
    assert stored["critical_illnesses"] == [
        {"ciCode": "C50", "validityStart": "1130101", "validityEnd": "1181231"}
    ]


def test_an_identity_mark(bridge: Bridge, card: str) -> None:
    assert marked(bridge, "identity", card, "2")["insurer_id"] == "2"


def test_a_mark_of_organ_donation(bridge: Bridge, card: str) -> None:
    assert marked(bridge, "organ-donation", card, "A")["organ_donation"] == "A"


@pytest.mark.parametrize(
    ("number", "birthday", "text"),
    [("{card}", "0920316", "9002"), ("000073898381", BIRTHDAY, "9002"), ("{card}", "0920230", "6018")],
)
def test_another_card_is_left_alone(bridge: Bridge, card: str, number: str, birthday: str, text: str) -> None:
    done = run("identity", number.format(card=card), birthday, "2", "--config", str(bridge.config))
    assert (done.returncode, done.stdout) == (1, "")
    assert text in done.stderr
    assert bridge.sim.stored(card)["insurer_id"] == "3"
