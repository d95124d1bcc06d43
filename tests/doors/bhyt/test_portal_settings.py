"""What the settings decide: officers whom the portal does not accept, none for an account, no settings."""

from __future__ import annotations

import re
from pathlib import Path

from tests.doors.bhyt.old_programs import JsonProgram2018, NewcomerWithoutLogin, Program
from tests.support.bridge_process import running_bridge

WRONG_OFFICERS = """
[bhyt.officers.00001_TN]
hoTenCb = "Cán Bộ Thử Nghiệm Một"
cccdCb = "000000000009"

[bhyt.officers.00002_TN]
hoTenCb = "Cán Bộ Thử Nghiệm Một"
cccdCb = "000000000002"
"""
CARD = ("DN4010000000000", "Trần Thử Nghiệm", "05/03/1994")


def result_of(program: Program) -> str:
    reply = program.check(*CARD)
    program.close()
    return str(reply["maKetQua"])


def test_wrong_officers_are_told_to_the_program_and_logged_as_faults_of_the_settings(tmp_path: Path) -> None:
    with running_bridge(tmp_path, WRONG_OFFICERS) as bridge:
        base = bridge.ready["legacy_http"]
        assert result_of(JsonProgram2018(base)) == "054"
        assert result_of(JsonProgram2018(base, username="00002_TN", password="thu-nghiem-2")) == "055"
        assert result_of(NewcomerWithoutLogin(base)) == "401"  # no bhyt.username
        errors = [line for line in bridge.log.read_text(encoding="utf-8").splitlines() if " ERROR " in line]
    assert len(errors) == 2
    assert (
        "configuration error: the portal answered 054 to bhyt.officers, entry 1: correct its cccdCb"
        in errors[0]
    )
    assert (
        "configuration error: the portal answered 055 to bhyt.officers, entry 2: correct its hoTenCb"
        in errors[1]
    )


def test_an_account_without_an_officer_is_054_and_names_the_setting(tmp_path: Path) -> None:
    settings = WRONG_OFFICERS.replace("00001_TN", "somebody")
    with running_bridge(tmp_path, settings) as bridge:
        program = JsonProgram2018(bridge.ready["legacy_http"])
        reply = program.check(*CARD)
        program.close()
        asked = [entry["path"] for entry in bridge.sim.requests() if entry["service"] == "portal"]
        log = bridge.log.read_text(encoding="utf-8")
    assert (reply["maKetQua"], "bhyt.officers" in reply["ghiChu"]) == ("054", True)
    assert asked == ["/api/token/take"]  # the program's own login; nothing was looked up
    line = r"ERROR bridge\.bhyt\.service: call=\d+ NhanLichSuKCB2018: NoOfficer: bhyt\.officers has no"
    assert re.search(line, log)


def test_the_simulated_bridge_needs_no_settings(tmp_path: Path) -> None:
    with running_bridge(tmp_path) as bridge:
        assert result_of(NewcomerWithoutLogin(bridge.ready["legacy_http"])) == "000"
        assert bridge.ready["portal"].startswith("https://127.0.0.1:")
