"""What the doctor says of Viet Nam's portal: address, accounts, officers, clock."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.config import BhytSettings
from bridge.doctor.examine import examine
from bridge.doctor.portal import DAY, DAYS, check_refused_officers, check_store
from bridge.doctor.report import as_json
from bridge.records.call_lines import CallRecord
from bridge.records.call_log import CallLog
from bridge.records.journal import JOURNAL_NAME, Journal
from tests.support.bridge_process import ROOT, Bridge, clean_environment, running_bridge

# The second hospital's password is wrong, and it has no officer.
TWO = """
[bhyt]
username = "00001_TN"
password = "thu-nghiem-1"

[bhyt.accounts.00002_TN]
password = "sai-mat-khau"

[bhyt.officers.00001_TN]
hoTenCb = "Cán Bộ Thử Nghiệm Một"
cccdCb = "000000000001"
"""


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    with running_bridge(tmp_path_factory.mktemp("two"), TWO) as running:
        yield running


def found(bridge: Bridge, portal_only: bool = True) -> dict[str, dict[str, Any]]:
    told = as_json(examine(bridge.config, None, (), portal_only))
    return {finding["check"]: finding for section in told["sections"] for finding in section["findings"]}


@pytest.fixture(autouse=True)
def fresh(two: Bridge) -> None:
    two.sim.reset()


def test_a_portal_that_is_well(two: Bridge) -> None:
    told = found(two)
    for check in ("bhyt", "bhyt.certificate", "bhyt.answer", "bhyt.address", "bhyt.username", "clock.portal"):
        assert told[check]["status"] == "ok"
    assert "it is registered" in told["bhyt.address"]["what"]


def test_only_what_the_portal_needs_is_looked_at(two: Bridge) -> None:
    names = set(found(two))
    assert not {name for name in names if name.startswith(("console", "cloud", "pin", "port"))}
    assert {"console", "cloud", "bhyt.address"} <= set(found(two, portal_only=False))


def test_an_address_that_is_not_registered(two: Bridge) -> None:
    two.sim.change_settings({"portal_addresses": "192.0.2.1"})
    finding = found(two)["bhyt.address"]
    assert (finding["status"], "turns this machine away (HTTP 403)" in finding["what"]) == ("broken", True)
    assert "THIS machine" in finding["advice"]


@pytest.mark.parametrize("kind", ["garbage", "half", "lost"])
def test_a_portal_that_answers_something_else(two: Bridge, kind: str) -> None:
    two.sim.arm("portal", kind, path="take")
    finding = found(two)["bhyt.address"]
    assert (finding["status"], "no answer to a request for a token" in finding["what"]) == ("broken", True)


def test_a_password_that_is_wrong_and_an_officer_that_is_missing(two: Bridge) -> None:
    told = found(two)
    account, officers = told["bhyt.accounts.1"], told["bhyt.officers"]
    assert (account["status"], officers["status"]) == ("broken", "warning")
    assert "bhyt.accounts, entry 1" in account["what"]
    assert "bhyt.accounts, entry 1" in officers["what"]


def test_another_result_is_told(two: Bridge) -> None:
    two.sim.arm("portal", "status", 205, path="take")
    assert "the portal answers 205" in found(two)["bhyt.username"]["what"]


def test_what_the_portal_tells_of_the_password_is_passed_on(two: Bridge) -> None:
    two.sim.change_settings({"portal_note": "Mật khẩu hết hạn ngày 31/12/2026"})
    assert found(two)["bhyt.username.note"]["what"].endswith("Mật khẩu hết hạn ngày 31/12/2026")


def test_a_clock_that_is_off(two: Bridge) -> None:
    two.sim.shift_clock(600)
    finding = found(two)["clock.portal"]
    assert (finding["status"], "10 minutes slow" in finding["what"]) == ("warning", True)


def test_nobody_stands_in_what_is_told(two: Bridge) -> None:
    told = str(found(two))
    assert not [
        text for text in ("00001_TN", "00002_TN", "mat-khau", "Cán Bộ Thử", "000000000001") if text in told
    ]


def test_the_command(two: Bridge) -> None:
    command = [sys.executable, "-m", "bridge", "doctor", "--bhyt", "--config", str(two.config)]
    done = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env=clean_environment(),
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "the portal refuses user name and password of bhyt.accounts, entry 1" in done.stdout


@pytest.mark.parametrize(("age", "counted"), [(0.0, 2), (DAYS * DAY + 60, 0)])
def test_officers_that_were_refused_lately(tmp_path: Path, age: float, counted: int) -> None:
    now = 1_800_000_000.0
    files = [tmp_path / "worker-1.sqlite3", tmp_path / "worker-2.sqlite3"]
    for file, code in zip(files, (54, 55), strict=True):
        journal = Journal(file)
        calls = CallLog(journal)
        for number, (door, told) in enumerate([("bhyt", code), ("bhyt", 0), ("channel", 54)], start=1):
            calls.note(CallRecord(number, now - age, door, "x", told, 1.0, 1.0))
        calls.flush()
        journal.close()
    findings = list(check_refused_officers([tmp_path / "missing.sqlite3", *files], now))
    assert [finding.what.rpartition(": ")[2] for finding in findings] == [str(counted)] * bool(counted)


def test_without_a_journal_nothing_is_said_of_it(tmp_path: Path) -> None:
    assert not list(check_refused_officers([tmp_path / JOURNAL_NAME]))


@pytest.mark.parametrize(
    ("store", "named"),
    [
        ({"url": "redis://127.0.0.1:9/0"}, "ConnectionError"),
        ({"url": "rediss://127.0.0.1:9/0", "ca_file": "/missing.pem"}, "/missing.pem"),
    ],
)
def test_a_token_store_that_cannot_be_used(store: dict[str, str], named: str) -> None:
    [finding] = check_store(BhytSettings.model_validate({"gateway": {"store": store}}))
    assert (finding.status, named in finding.what) == ("warning", True)


def test_without_a_token_store_nothing_is_said_of_it() -> None:
    assert not list(check_store(BhytSettings()))
