"""Facts into tiles: what is missing decides which way is open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.desk.now import Facts, Tile, tiles
from bridge.doctor.finding import Finding, Section, broken, ok, warning
from bridge.reader.console_client import ConsoleStatus
from bridge.reader.view import Known, Wish
from bridge.table.default import default_table

STATES = default_table().console.states
OPEN = ConsoleStatus(
    initialised=True, device="COM1", reader="CASTLES EZ100PU 0", sam_state=2, sam_kind=1,
    practitioner_state=0, health_card_state=2, health_card_kind=1, pin_verified=False,
)  # fmt: skip
KNOWN = Known(True, "COM1", True, "physical", False, "", ())
WELL = (Section("Cloud", (ok("cloud.answer", "it answers"),)),)
FACTS = Facts(OPEN, None, KNOWN, (), 0, (), 0, WELL)
REFUSED = {"en": "refused", "zh": "拒絕"}
SHOWN = {"reader": "COM1", "seconds_since": 3, "seconds_left": 297, "used": False, "visit": False}


def found(finding: Finding) -> tuple[Section, ...]:
    return (Section("a section", (finding,)),)


def tile(name: str, **facts: Any) -> Tile:
    return next(each for each in tiles(replace(FACTS, **facts), STATES) if each.name == name)


def console(**changes: Any) -> ConsoleStatus:
    return OPEN._replace(**changes)


@pytest.mark.parametrize(
    ("facts", "level", "says", "code"),
    [
        ({}, "ok", "well", "B000"),
        ({"console": console(initialised=False)}, "ok", "waiting", "B000"),
        ({"sections": None}, "idle", "looking", None),
        ({"console": None, "silence": REFUSED}, "broken", "console", "A000"),
        ({"console": None, "sections": None}, "broken", "console", "A000"),
        ({"sections": found(broken("cloud.reached", "no", "", ""))}, "broken", "network", "A020"),
        ({"sections": found(warning("cloud.certificate", "soon", "", ""))}, "ok", "well", "B000"),
        ({"sections": found(broken("bhyt.address", "no", "", ""))}, "ok", "well", "B000"),
        ({"console": console(sam_state=0)}, "broken", "sam", "A030"),
        ({"sections": found(warning("console.readers", "none", "", ""))}, "warning", "reader", "A010"),
        ({"sections": found(broken("console.reader.plugged", "out", "", ""))}, "warning", "reader", "A010"),
        ({"sections": found(ok("console.readers", "one"))}, "ok", "well", "B000"),
        ({"console": console(reader="")}, "warning", "reader", "A010"),
        ({"console": console(reader=None, sam_state=0)}, "broken", "sam", "A030"),
    ],
)  # fmt: skip
def test_what_now(facts: dict[str, Any], level: str, says: str, code: str | None) -> None:
    found = tile("what_now", **facts)
    assert (found.level, found.says, found.values.get("code")) == (level, says, code)
    texts = default_table().texts
    assert texts is not None
    assert code is None or code in texts.exceptional.codes


@pytest.mark.parametrize(
    ("name", "facts", "level", "says", "values"),
    [
        ("console", {"console": None, "silence": REFUSED}, "broken", "silent", {"reason": REFUSED}),
        ("console", {"console": console(initialised=False)}, "ok", "waiting", {}),
        ("console", {}, "ok", "open", {"device": "COM1", "reader": "CASTLES EZ100PU 0"}),
        ("sam", {}, "ok", "verified", {"kind": "cloud"}),
        ("sam", {"console": console(sam_state=1, sam_kind=2)}, "warning", "present", {"kind": "physical"}),
        ("sam", {"console": console(sam_state=0)}, "broken", "absent", {}),
        ("sam", {"console": console(sam_state=None)}, "broken", "absent", {}),
        ("sam", {"console": console(initialised=False)}, "idle", "unknown", {}),
        ("card", {}, "ok", "physical", {}),
        ("card", {"console": console(health_card_state=1)}, "ok", "inserted", {}),
        ("card", {"console": console(health_card_state=0)}, "idle", "none", {}),
        ("card", {"console": console(health_card_kind=2)}, "ok", "virtual", {"until": ""}),
        ("card", {"presented": [SHOWN]}, "ok", "presented",
         {"reader": "COM1", "seconds": 297, "until": ""}),
        ("card", {"presented": [SHOWN | {"used": True}]}, "ok", "in_use",
         {"reader": "COM1", "seconds": 297, "until": ""}),
        ("card", {"presented": [SHOWN | {"visit": 1}]}, "ok", "in_visit",
         {"reader": "COM1", "seconds": 297, "until": ""}),
        ("card", {"known": replace(KNOWN, card="exported")}, "warning", "exported", {}),
        ("practitioner", {}, "idle", "none", {}),
        ("practitioner", {"console": console(practitioner_state=1)}, "ok", "present", {}),
        ("practitioner", {"console": console(practitioner_state=3)}, "ok", "pin", {}),
        ("practitioner", {"console": console(practitioner_state="?")}, "idle", "none", {}),
        ("queue", {}, "idle", "none", {}),
        ("queue", {"running": 1}, "ok", "calls", {"count": 1}),
        ("queue", {"running": 9}, "warning", "calls", {"count": 9}),
        ("pin", {}, "idle", "none", {}),
        ("pin", {"questions": (("hc", 7.4),)}, "warning", "open", {"question": "hc", "seconds": 7}),
        ("changes", {}, "ok", "none", {}),
        ("changes", {"pending": 2}, "warning", "pending", {"count": 2}),
        ("changes", {"pending": None}, "warning", "unreadable", {}),
        ("doctor", {}, "ok", "well", {}),
        ("doctor", {"sections": None}, "idle", "looking", {}),
        ("doctor", {"sections": found(warning("x", "y", "", ""))}, "warning", "warnings",
         {"broken": 0, "warnings": 1}),
        ("doctor", {"sections": found(broken("x", "y", "", ""))}, "broken", "broken",
         {"broken": 1, "warnings": 0}),
    ],
)  # fmt: skip
def test_each_tile(name: str, facts: dict[str, Any], level: str, says: str, values: dict[str, Any]) -> None:
    found = tile(name, **facts)
    assert (found.level, found.says, dict(found.values)) == (level, says, values)


def test_whose_turn_it_is() -> None:
    names = {"7:1": "his.exe (7)", "8:1": "lab.exe (8)"}
    busy = replace(KNOWN, at_work=True, program="7:1", wishes=(Wish("8:1", "visit", 40.2),))
    kept = replace(busy, at_work=False)
    assert tile("turn", known=busy, names=names).values == {"program": "his.exe (7)"}
    found = tile("turn", known=kept, names=names)
    assert (found.says, found.values) == ("kept", {"program": "lab.exe (8)", "why": "visit", "seconds": 40})
    assert tile("turn").says == "free"


def test_who_waits_for_the_reader() -> None:
    names = {"7:1": "his.exe (7)", "8:1": "lab.exe (8)"}
    known = replace(KNOWN, at_work=True, program="9:1", waiting=("8:1", "7:1", "", "8:1"))
    found = tile("queue", running=5, known=known, names=names)
    assert (found.level, found.says, found.values["count"]) == ("warning", "waiting", 5)
    assert found.values["waiting"] == [
        {"program": "lab.exe (8)", "calls": 2},
        {"program": "his.exe (7)", "calls": 1},
        {"program": "", "calls": 1},
    ]


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("2026-11-30T15:10:00+08:00", "2026-11-30T15:10:00+08:00"),
        (" 1151130151000 ", "1151130151000"),
        ("", ""),
        (None, ""),
        (20261130, ""),
        ("2026\x1b[2J", ""),
        ("9" * 41, ""),
    ],
)
def test_until_when_a_virtual_card_is_verified_is_shown_as_the_console_tells_it(
    told: object, shown: str
) -> None:
    status = console(health_card_kind=2, health_card_until=told)
    assert tile("card", console=status).values == {"until": shown}
    assert tile("card", console=status, presented=[SHOWN]).values["until"] == shown
