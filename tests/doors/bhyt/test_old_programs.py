"""Old programs against a real bridge process: they get what the function of 2024 says, and never notice."""

from __future__ import annotations

import json
import sqlite3
import time
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from bridge.records.call_log import FLUSH_SECONDS
from bridge.sim.clock import Clock
from bridge.sim.portal.books import PortalBooks, PortalCard
from tests.doors.bhyt.old_programs import (
    GOOD,
    PROGRAMS,
    FormProgram595,
    JsonProgram2018,
    NewcomerWithoutLogin,
    Program,
    md5,
)
from tests.support.bridge_process import Bridge

CARDS = PortalBooks(Clock()).cards
GOOD_CARD = CARDS[0]
LOOKUP = "/api/egw/KQNhanLichSuKCB2024"
VISITS = "/api/egw/Lskcb2025"
TOKEN = "/api/token/take"


@pytest.fixture(params=PROGRAMS, ids=lambda program: program.__name__)
def program(request: pytest.FixtureRequest, bridge: Bridge) -> Iterator[Program]:
    made = request.param(bridge.ready["legacy_http"])
    yield made
    made.close()


@pytest.fixture
def json_program(bridge: Bridge) -> Iterator[JsonProgram2018]:
    made = JsonProgram2018(bridge.ready["legacy_http"])
    yield made
    made.close()


def ask(program: Program, card: PortalCard = GOOD_CARD, **changes: str) -> dict[str, Any]:
    wanted = {"number": card.number, "name": card.name, "born": card.born, **changes}
    return program.check(**wanted)


def portal_requests(bridge: Bridge) -> list[tuple[str, int | None]]:
    """(path, result code) of what the portal was asked, but for the visits."""
    entries = [entry for entry in bridge.sim.requests() if entry["service"] == "portal"]
    return [(entry["path"], entry["status"]) for entry in entries if entry["path"] != VISITS]


# --- results ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.result)
def test_every_program_gets_the_result_of_every_card(
    program: Program, bridge: Bridge, card: PortalCard
) -> None:
    assert ask(program, card)["maKetQua"] == card.result
    assert portal_requests(bridge)[-1] == (LOOKUP, int(card.result))


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("050", {"number": "DN4010000099999"}),
        ("051", {"number": "DN401"}),
        ("052", {"number": "DN4000000000000"}),
        ("053", {"number": "DN9010000000000"}),
        ("060", {"name": "Lê Văn Khác"}),
        ("061", {"name": "Trịnh Văn Khác"}),
        ("070", {"born": "06/03/1994"}),
        ("205", {"born": "không rõ"}),
        ("205", {"name": ""}),
    ],
)
def test_every_program_gets_the_codes_that_depend_on_its_request(
    program: Program, code: str, changes: dict[str, str]
) -> None:
    assert ask(program, **changes)["maKetQua"] == code


def test_a_wrong_password_is_401(bridge: Bridge) -> None:
    program = JsonProgram2018(bridge.ready["legacy_http"], password="khác")
    with pytest.raises(PermissionError, match="401"):
        ask(program)
    program.close()


@pytest.mark.parametrize(
    "born", ["05/03/1994", "5/3/1994", "1994-03-05", "05031994", "5/3/1994 12:00:00 AM", "1994"]
)
def test_birth_dates_as_programs_write_them(program: Program, born: str) -> None:
    assert ask(program, born=born)["maKetQua"] == "000"


def test_clients_of_595_find_the_visits_under_their_name(bridge: Bridge, json_program: Program) -> None:
    program = FormProgram595(bridge.ready["legacy_http"])
    old, new = ask(program), ask(json_program)
    program.close()
    assert len(old["dsLichSuKCB"]) == 2
    assert old["dsLichSuKCB"] == new["dsLichSuKCB2018"]
    assert "dsLichSuKCB" not in new
    assert "dsLichSuKCB2018" not in json.loads(old["text"])


def test_https_serves_them_as_well(bridge: Bridge) -> None:
    url = f"{bridge.ready['facade']}/api/egw/NhanLichSuKCB2018"
    body = {"maThe": GOOD_CARD.number, "hoTen": GOOD_CARD.name, "ngaySinh": GOOD_CARD.born}
    with requests.Session() as session:
        session.trust_env = False
        reply = session.post(url, json=body, timeout=10, verify=bridge.ready["ca_file"])
    assert reply.json()["maKetQua"] in GOOD


# --- text ---------------------------------------------------------------------------------------------------


def test_vietnamese_text_comes_byte_for_byte_as_the_portal_sent_it(program: Program) -> None:
    reply = ask(program)
    text = reply["text"] if "text" in reply else json.dumps(reply, ensure_ascii=False)
    for sent in (GOOD_CARD.name, "Phường Thử Nghiệm, Quận Giả Định, Thành phố Hà Nội", "Nơi KCBBĐ: 01832"):
        assert unicodedata.is_normalized("NFC", sent)
        assert sent.encode() in text.encode()


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_arrives_in_either_form_of_its_accents(program: Program, form: str) -> None:
    assert ask(program, name=unicodedata.normalize(form, GOOD_CARD.name))["maKetQua"] == "000"


# --- tokens -------------------------------------------------------------------------------------------------


def test_a_program_logs_in_once_and_its_token_is_the_portals(bridge: Bridge, json_program: Program) -> None:
    for _ in range(3):
        assert ask(json_program)["maKetQua"] == "000"
    assert json_program.logins == 1
    assert portal_requests(bridge) == [(TOKEN, 200), *[(LOOKUP, 0)] * 3]


def test_an_expired_token_is_renewed_without_the_programs_help(bridge: Bridge, json_program: Program) -> None:
    ask(json_program)
    bridge.sim.shift_clock(7200)
    assert ask(json_program)["maKetQua"] == "000"
    assert json_program.logins == 1
    assert portal_requests(bridge)[2:] == [(LOOKUP, 401), (TOKEN, 200), (LOOKUP, 0)]


def test_the_bridges_own_token_is_renewed_when_it_is_refused(bridge: Bridge) -> None:
    program = NewcomerWithoutLogin(bridge.ready["legacy_http"])
    ask(program)
    bridge.sim.clear_requests()
    ask(program)
    bridge.sim.shift_clock(7200)
    ask(program)
    program.close()
    assert portal_requests(bridge) == [(LOOKUP, 0), (LOOKUP, 401), (TOKEN, 200), (LOOKUP, 0)]


def test_a_token_that_expires_at_once_is_told_as_401_after_one_renewal(bridge: Bridge) -> None:
    bridge.sim.change_settings({"portal_tokens": "expired"})
    program = NewcomerWithoutLogin(bridge.ready["legacy_http"])
    assert ask(program)["maKetQua"] == "401"
    program.close()
    assert [code for path, code in portal_requests(bridge) if path == LOOKUP] == [401, 401]


def test_the_account_of_the_bridge_gives_no_token_to_strangers(bridge: Bridge) -> None:
    with requests.Session() as session:
        session.trust_env = False
        url = f"{bridge.ready['legacy_http']}{TOKEN}"
        for body in ({}, {"username": "00001_TN"}, {"username": "00001_TN", "password": ""}):
            assert session.post(url, json=body, timeout=10).json()["maKetQua"] == "401"
    assert portal_requests(bridge) == []


# --- officers -----------------------------------------------------------------------------------------------


def test_each_account_looks_up_in_the_name_of_its_own_officer(bridge: Bridge) -> None:
    """The portal knows the second account with the second officer only, so a mix-up would be 054."""
    first = JsonProgram2018(bridge.ready["legacy_http"])
    second = JsonProgram2018(bridge.ready["legacy_http"], username="00002_TN", password="thu-nghiem-2")
    assert [ask(program)["maKetQua"] for program in (first, second, first)] == ["000"] * 3
    users = [check["userKT"] for check in ask(second)["dsLichSuKT2018"]]
    assert users == ["00001_TN", "00002_TN", "00001_TN"]
    first.close()
    second.close()


def test_many_programs_at_once_get_each_their_own_patient(bridge: Bridge) -> None:
    told = [card for card in CARDS if card.result in ("000", "003", "004", "010", "110", "120", "121")]

    def look_up(card: PortalCard) -> tuple[str, str]:
        program = NewcomerWithoutLogin(bridge.ready["legacy_http"])
        reply = ask(program, card)
        program.close()
        return reply["maThe"], reply["hoTen"]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(look_up, told * 6))
    assert found == [(card.number, card.name) for card in told] * 6
    assert [path for path, _ in portal_requests(bridge)].count(TOKEN) <= 1


# --- faults -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["garbage", "empty", "lost", "down"])
def test_a_fault_of_the_portal_is_101_and_never_a_word_about_the_card(
    bridge: Bridge, program: Program, kind: str
) -> None:
    ask(program)
    bridge.sim.arm("portal", kind)
    reply = ask(program)
    bridge.sim.clear_faults("portal")
    assert reply["maKetQua"] == "101"
    assert ask(program)["maKetQua"] == "000"


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_an_http_failure_of_the_portal_is_101(bridge: Bridge, program: Program, status: int) -> None:
    ask(program)
    bridge.sim.arm("portal", "http", status)
    reply = ask(program)
    bridge.sim.clear_faults("portal")
    assert reply["maKetQua"] == "101"


def test_an_address_that_is_not_registered_is_told_so(bridge: Bridge) -> None:
    bridge.sim.change_settings({"portal_addresses": "192.0.2.1"})
    program = NewcomerWithoutLogin(bridge.ready["legacy_http"])
    reply = ask(program)
    program.close()
    assert reply["maKetQua"] == "101"
    assert "địa chỉ IP đã đăng ký" in reply["ghiChu"]


@pytest.mark.parametrize("code", [100, 101])
def test_the_portals_own_server_faults_reach_the_program(bridge: Bridge, program: Program, code: int) -> None:
    ask(program)
    bridge.sim.arm("portal", "status", code, path="2024", times=1)
    if isinstance(program, FormProgram595):  # cuts the text at a list that such a reply does not have
        with pytest.raises(ValueError, match="not enough values"):
            ask(program)
    else:
        assert ask(program)["maKetQua"] == str(code)


# --- log and journal ----------------------------------------------------------------------------------------


def test_log_and_journal_know_the_lookups_and_nobody_in_them(bridge: Bridge, json_program: Program) -> None:
    ask(json_program)
    ask(json_program, born="31/02/1994")
    journal = sqlite3.connect(bridge.config.parent / "journal.sqlite3")
    asked = "SELECT function, code FROM calls WHERE door = 'bhyt' ORDER BY id DESC"
    wanted = [("NhanLichSuKCB2018", 205), ("NhanLichSuKCB2018", 0)]
    ends = time.monotonic() + 30
    while (calls := journal.execute(asked).fetchmany(2)) != wanted:
        assert time.monotonic() < ends, calls
        time.sleep(FLUSH_SECONDS)
    stored = "\n".join(journal.iterdump())
    journal.close()
    log = bridge.log.read_text(encoding="utf-8")
    assert "door=bhyt function=NhanLichSuKCB2018 code=0 " in log
    known = {text for card in CARDS for text in (card.number, card.name)}
    known |= {
        *json_program.key.values(),
        md5("thu-nghiem-1"),
        "000000000001",
        "Cán Bộ Thử Nghiệm Một",
        "31/02",
    }
    known -= {json_program.key["token_type"]}
    assert [text for text in known if text in log or text in stored] == []
