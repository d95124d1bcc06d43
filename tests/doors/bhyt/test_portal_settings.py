"""What the settings decide: officers, accounts of several hospitals, how long visits are waited for, no
settings.
"""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bridge.sim.clock import Clock
from bridge.sim.portal.books import PortalBooks
from tests.doors.bhyt.old_programs import JsonProgram2018, NewcomerWithoutLogin, Program, Program2025
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
    line = r"ERROR bridge\.bhyt\.service: call=\d+ NhanLichSuKCB2018: NoOfficer: the program sends no"
    assert re.search(line, log)


def test_the_simulated_bridge_needs_no_settings(tmp_path: Path) -> None:
    with running_bridge(tmp_path) as bridge:
        assert result_of(NewcomerWithoutLogin(bridge.ready["legacy_http"])) == "000"
        assert bridge.ready["portal"].startswith("https://127.0.0.1:")


# The one of the settings is nobody of the portal: whoever looks up in that name is refused.
NOBODYS = """
[bhyt]
username = "00001_TN"
password = "thu-nghiem-1"

[bhyt.officers."*"]
hoTenCb = "Không Ai Thử Nghiệm"
cccdCb = "000000000009"
"""


def test_the_programs_own_officer_counts_and_a_setting_turns_it_round(tmp_path: Path) -> None:
    for number, (source, result) in enumerate([("program", "000"), ("settings", "054")]):
        place = tmp_path / str(number)
        place.mkdir()
        settings = NOBODYS.replace('"thu-nghiem-1"\n', f'"thu-nghiem-1"\nofficer_from = "{source}"\n')
        with running_bridge(place, settings) as bridge:
            program = Program2025(bridge.ready["legacy_http"])
            reply = program.check(*CARD)
            program.officer = {}
            without = program.check(*CARD)
            program.close()
        assert (reply["maKetQua"], without["maKetQua"]) == (result, "054")
        assert "bhyt.officers, mục 1" in without["ghiChu"]


def test_a_wrong_officer_of_the_program_is_said_to_be_its_own(tmp_path: Path) -> None:
    with running_bridge(tmp_path, "") as bridge:
        program = Program2025(bridge.ready["legacy_http"])
        for officer, code, part in (
            ({"hoTenCb": "Cán Bộ Thử Nghiệm Hai", "cccdCb": "000000000009"}, "054", "cccdCb"),
            ({"hoTenCb": "Người Khác Thử Nghiệm", "cccdCb": "000000000002"}, "055", "hoTenCb"),
        ):
            program.officer = officer
            reply = program.check(*CARD)
            assert reply["maKetQua"] == code
            assert reply["ghiChu"].endswith(f" {part}: cán bộ do chương trình gửi (cshis-bridge)")
        program.close()
        log = bridge.log.read_text(encoding="utf-8")
    assert log.count("error of the program: the portal answered") == 2
    assert "Người Khác" not in log


SLOW = """
[bhyt]
username = "00001_TN"
password = "thu-nghiem-1"
read_timeout = 1.0
visits_timeout = 0.3

[bhyt.officers.00001_TN]
hoTenCb = "Cán Bộ Thử Nghiệm Một"
cccdCb = "000000000001"
"""


def test_a_slow_portal_is_101_and_slow_visits_are_left_out(tmp_path: Path) -> None:
    with running_bridge(tmp_path, SLOW) as bridge:
        program = NewcomerWithoutLogin(bridge.ready["legacy_http"])
        bridge.sim.arm("portal", "slow", 3, path="Lskcb2025")
        started = time.monotonic()
        reply = program.check(*CARD)
        assert (reply["maKetQua"], reply["dsLichSuKCB2018"]) == ("000", None)
        assert time.monotonic() - started < 2.5
        bridge.sim.arm("portal", "slow", 3, path="2024")
        assert program.check(*CARD)["maKetQua"] == "101"
        program.close()


# Three hospitals behind one bridge: all of this machine here, so a program has to say which one it is of.
THREE = "".join(
    f"""
[bhyt.accounts.0000{number}_TN]
password = "thu-nghiem-{number}"
[bhyt.officers.0000{number}_TN]
hoTenCb = "Cán Bộ Thử Nghiệm {name}"
cccdCb = "00000000000{number}"
"""
    for number, name in enumerate(("Một", "Hai", "Ba"), start=1)
)
CARDS = [
    card for card in PortalBooks(Clock()).cards if card.result in ("000", "001", "002", "004", "010", "110")
]


def test_fifty_programs_of_three_hospitals_at_once_are_not_mixed_up(tmp_path: Path) -> None:
    """Every card is looked up by one hospital only: the portal tells who did with each answer."""
    with running_bridge(tmp_path, THREE) as bridge:
        base = bridge.ready["legacy_http"]
        kinds = (NamedAccount, JsonProgram2018)  # half of them bring no password

        def look_up(number: int) -> tuple[str, str, set[str], str]:
            card, username = CARDS[number % len(CARDS)], f"0000{number % 3 + 1}_TN"
            program = kinds[number % 2](base, username=username, password=f"thu-nghiem-{number % 3 + 1}")
            for _ in range(3):
                reply = program.check(card.number, card.name, card.born)
            program.close()
            users = {check["userKT"] for check in reply["dsLichSuKT2018"]}
            return reply["maThe"], reply["hoTen"], users, reply["maKetQua"]

        with ThreadPoolExecutor(50) as pool:
            found = list(pool.map(look_up, range(50)))
    for number, (card_number, name, users, result) in enumerate(found):
        card = CARDS[number % len(CARDS)]
        assert (card_number, name, result) == (card.number, card.name, card.result)
        assert users == {f"0000{number % 3 + 1}_TN"}


class NamedAccount(NewcomerWithoutLogin):
    """A program that says of which hospital it is, and brings no password."""

    def ask(self, number: str, name: str, born: str) -> dict[str, Any]:
        url = f"{self.base}/api/egw/NhanLichSuKCB2018?username={self.username}"
        body = {"maThe": number, "hoTen": name, "ngaySinh": born}
        return dict(self.session.post(url, json=body, timeout=20).json())


def test_a_program_that_names_no_hospital_gets_none(tmp_path: Path) -> None:
    with running_bridge(tmp_path, THREE) as bridge:
        assert result_of(NewcomerWithoutLogin(bridge.ready["legacy_http"])) == "401"
        assert result_of(NamedAccount(bridge.ready["legacy_http"], username="00009_TN")) == "401"
        log = bridge.log.read_text(encoding="utf-8")
    assert "3 of bhyt.accounts serve its address" in log
