"""The visits of 2025 on every path, against a real bridge process: in their places, and never to the harm of
the answer about the card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from bridge.sim.clock import Clock
from bridge.sim.portal.books import PortalBooks
from tests.doors.bhyt.old_programs import PROGRAMS, FormProgram595, OldestProgram, Program, Program2025
from tests.support.bridge_process import Bridge

CARDS = {card.result: card for card in PortalBooks(Clock()).cards}
GOOD = CARDS["000"]
VISITS = "/api/egw/Lskcb2025"
LOOKUP = "/api/egw/KQNhanLichSuKCB2024"
LISTS = {FormProgram595: "dsLichSuKCB", OldestProgram: "dsLichSuKCB"}


@pytest.fixture(params=(*PROGRAMS, OldestProgram), ids=lambda program: program.__name__)
def program(request: pytest.FixtureRequest, bridge: Bridge) -> Iterator[Program]:
    made = request.param(bridge.ready["legacy_http"])
    yield made
    made.close()


@pytest.fixture
def newest(bridge: Bridge) -> Iterator[Program2025]:
    made = Program2025(bridge.ready["legacy_http"])
    yield made
    made.close()


def visits_of(program: Program, result: str = "000") -> Any:
    card = CARDS[result]
    reply = program.check(card.number, card.name, card.born)
    return reply[LISTS.get(type(program), "dsLichSuKCB2018")]


def asked(bridge: Bridge, path: str) -> list[int | None]:
    """The result codes of what the portal was asked there."""
    entries = [entry for entry in bridge.sim.requests() if entry["service"] == "portal"]
    return [entry["status"] for entry in entries if entry["path"] == path]


@pytest.mark.parametrize(("result", "count"), [("000", 2), ("004", 1), ("010", 0)])
def test_every_program_finds_the_visits_where_it_reads_them(
    program: Program, bridge: Bridge, result: str, count: int
) -> None:
    visits = visits_of(program, result)
    assert len(visits) == count
    assert asked(bridge, VISITS) == [0]
    for visit in visits:
        assert re.fullmatch(r"[0-9]{12}", visit["ngayVao"])
        if isinstance(program, OldestProgram):
            assert (visit["tuNgay"], visit["denNgay"]) == (visit["ngayVao"], visit["ngayRa"])


def test_a_card_without_visits_stays_without(program: Program) -> None:
    assert visits_of(program, "001") is None


@pytest.mark.parametrize("born", ["05031994", "1994-03-05", "5/3/1994", "1994"])
def test_the_visits_are_asked_for_with_a_date_that_the_portal_takes(program: Program, born: str) -> None:
    reply = program.check(GOOD.number, GOOD.name, born)
    assert len(reply[LISTS.get(type(program), "dsLichSuKCB2018")]) == 2


def test_a_card_that_was_not_found_is_not_asked_further(program: Program, bridge: Bridge) -> None:
    program.check(GOOD.number, "Lê Văn Khác", GOOD.born)
    assert asked(bridge, VISITS) == []


FAULTS: dict[str, dict[str, Any]] = {
    "HTML": {"kind": "garbage"},
    "an empty object": {"kind": "empty"},
    "closed after it was done": {"kind": "lost"},
    "closed in the middle": {"kind": "half"},
    "ill": {"kind": "http", "value": 503},
    "not registered": {"kind": "http", "value": 403},
    "its own fault": {"kind": "status", "value": 100},
    "an officer refused": {"kind": "status", "value": 54},
    "another form": {"kind": "status", "value": 205},
    "something else in the list": {"kind": "wrong_type", "field": "maKetQua"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failure_of_the_visits_leaves_the_answer_about_the_card(
    bridge: Bridge, newest: Program2025, fault: str
) -> None:
    bridge.sim.arm("portal", path="Lskcb2025", **FAULTS[fault])
    reply = newest.check(GOOD.number, GOOD.name, GOOD.born)
    bridge.sim.clear_faults("portal")
    assert (reply["maKetQua"], reply["maThe"], reply["dsLichSuKCB2018"]) == ("000", GOOD.number, None)
    assert "KQNhanLichSuKCB2024: dsLichSuKCB2025 stays open: " in bridge.log.read_text(encoding="utf-8")


def test_failures_of_the_visits_are_counted(bridge: Bridge, newest: Program2025) -> None:
    bridge.sim.arm("portal", "garbage", path="Lskcb2025")
    newest.check(GOOD.number, GOOD.name, GOOD.born)
    bridge.sim.clear_faults("portal")
    newest.check(GOOD.number, GOOD.name, GOOD.born)
    metrics = requests.get(f"{bridge.ready['legacy_http']}/metrics", timeout=10).text
    for code in ("0", "101"):
        labels = f'code="{code}",door="bhyt-fill",function="Lskcb2025"'
        assert re.search(f"cshis_bridge_calls_total{{{labels}}} [1-9]", metrics)


def test_names_in_another_letter_case_are_read(bridge: Bridge, program: Program) -> None:
    bridge.sim.arm("portal", "capitals")
    visits = visits_of(program)
    bridge.sim.clear_faults("portal")
    assert len(visits) == 2
    assert {"maHoSo", "maCSKCB", "ngayVao"} <= set(visits[0])


def test_an_answer_about_another_card_is_thrown_away(bridge: Bridge, program: Program) -> None:
    bridge.sim.change_settings({"portal_person": "other"})
    reply = program.check(GOOD.number, GOOD.name, GOOD.born)
    assert reply["maKetQua"] == "101"
    assert not [value for value in reply.values() if value == "Lê Quân Đội Thử Nghiệm"]
    assert asked(bridge, VISITS) == []


# --- the functions of 2024 and 2025 themselves --------------------------------------------------------------


@pytest.mark.parametrize("kind", ["data", "json"])
@pytest.mark.parametrize("officer", [None, {}], ids=["own officer", "no officer"])
def test_the_visits_alone(newest: Program2025, kind: str, officer: dict[str, str] | None) -> None:
    newest.officer = newest.officer if officer is None else officer
    newest.log_in()
    reply = newest.ask_visits(GOOD.number, GOOD.name, "05031994", kind)
    assert (reply["maKetQua"], len(reply["dsLichSuKCB2025"])) == ("000", 2)
    assert set(reply) == {"maKetQua", "ghiChu", "dsLichSuKCB2025"}


def test_the_visits_alone_of_a_birth_date_that_is_none(newest: Program2025, bridge: Bridge) -> None:
    newest.log_in()
    reply = newest.ask_visits(GOOD.number, GOOD.name, "không rõ")
    assert (reply["maKetQua"], reply["dsLichSuKCB2025"]) == ("205", None)
    assert asked(bridge, VISITS) == []


def test_a_token_that_is_over_is_renewed_for_the_visits_alone(newest: Program2025, bridge: Bridge) -> None:
    newest.log_in()
    bridge.sim.shift_clock(7200)
    assert newest.ask_visits(GOOD.number, GOOD.name, GOOD.born)["maKetQua"] == "000"
    assert asked(bridge, VISITS) == [401, 0]


TWO_DIGITS = {
    "000": "00",
    "001": "001",
    "003": "01",
    "004": "00",
    "010": "01",
    "100": "10",
    "101": "101",
    "110": "01",
}


@pytest.mark.parametrize(("result", "code"), TWO_DIGITS.items())
def test_the_oldest_lookup_answers_in_its_own_codes(bridge: Bridge, result: str, code: str) -> None:
    program, card = OldestProgram(bridge.ready["legacy_http"]), CARDS[result]
    assert program.check(card.number, card.name, card.born)["maKetQua"] == code
    program.close()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": "DN4010000099999"}, "05"),
        ({"number": "DN401"}, "05"),
        ({"name": "Lê Văn Khác"}, "06"),
        ({"born": "06/03/1994"}, "07"),
        ({"born": "không rõ"}, "11"),
    ],
    ids=str,
)
def test_the_oldest_lookup_answers_what_depends_on_the_request(
    bridge: Bridge, changes: dict[str, str], code: str
) -> None:
    program = OldestProgram(bridge.ready["legacy_http"])
    wanted = {"number": GOOD.number, "name": GOOD.name, "born": GOOD.born, **changes}
    reply = program.check(**wanted)
    program.close()
    assert (reply["maKetQua"], reply["dsLichSuKCB"]) == (code, None)
