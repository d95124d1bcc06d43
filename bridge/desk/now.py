"""The tiles of the page: what is well, what is not, and which way is open for a patient who waits. Pure.

A tile says a key that the page has words for, in two languages, and values for them; never a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bridge.doctor.finding import Finding, Section
from bridge.reader.console_client import ConsoleStatus
from bridge.reader.view import Known
from bridge.table.model.console import ConsoleStates

Level = Literal["ok", "warning", "broken", "idle"]
LONG_QUEUE = 4
MOST_TIME = 40  # characters of a time that the console tells
READER_FINDINGS = (
    "console.reader.plugged",
    "console.readers",
)  # of the doctor, about a reader that is not there


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the tiles are made of.

    ``console``: its status, None where it did not answer: ``silence`` says why, by language; ``presented``:
    virtual cards for all programs, as the engine tells them; ``running``: calls under way; ``questions``:
    open ones, by key, with their seconds; ``pending``: changes that need a person, None where the journal
    does not say; ``sections``: what the doctor found, None before its first look; ``names``: programs in
    words, by what calls say of them.
    """

    console: ConsoleStatus | None
    silence: Mapping[str, str] | None
    known: Known
    presented: Sequence[Mapping[str, Any]]
    running: int
    questions: tuple[tuple[str, float], ...]
    pending: int | None
    sections: Sequence[Section] | None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: its name, how things are, and the key and values of its words."""

    name: str
    level: Level
    says: str
    values: Mapping[str, object] = field(default_factory=dict)


def tiles(facts: Facts, states: ConsoleStates) -> list[Tile]:
    """All tiles, in the order of the page."""
    return [
        what_now(facts, states),
        _console(facts),
        _sam(facts, states),
        _card(facts, states),
        _practitioner(facts, states),
        _turn(facts),
        _queue(facts),
        _pin(facts),
        _changes(facts),
        _doctor(facts),
    ]


def what_now(facts: Facts, states: ConsoleStates) -> Tile:
    """Which way is open for the next patient: the first thing that is missing decides."""
    found = facts.sections or ()
    if facts.console is None:
        return Tile("what_now", "broken", "console", {"code": "A000"})
    if _is_broken(found, "cloud"):
        return Tile("what_now", "broken", "network", {"code": "A020"})
    if _sam_is_missing(facts.console, states):
        return Tile("what_now", "broken", "sam", {"code": "A030"})
    if (facts.console.initialised and not facts.console.reader) or _is_found(found, READER_FINDINGS):
        return Tile("what_now", "warning", "reader", {"code": "A010"})
    if facts.sections is None:
        return Tile("what_now", "idle", "looking")
    return Tile("what_now", "ok", "well" if facts.console.initialised else "waiting", {"code": "B000"})


def _is_broken(sections: Sequence[Section], section: str) -> bool:
    """Whether the doctor found something broken on the way to the server of a section of the settings."""
    findings = (finding for each in sections for finding in each.findings)
    return any(each.status == "broken" and each.check.split(".")[0] == section for each in findings)


def _is_found(sections: Sequence[Section], checks: Sequence[str]) -> bool:
    """Whether one of these checks found something that is not as it should be."""
    findings = (finding for each in sections for finding in each.findings)
    return any(each.check in checks and each.status in ("broken", "warning") for each in findings)


def _sam_is_missing(console: ConsoleStatus, states: ConsoleStates) -> bool:
    return bool(console.initialised) and console.sam_state == states.sam_absent


def _console(facts: Facts) -> Tile:
    if facts.console is None:
        return Tile("console", "broken", "silent", {"reason": facts.silence})
    if not facts.console.initialised:
        return Tile("console", "ok", "waiting")
    values = {"device": facts.console.device or facts.known.device, "reader": facts.console.reader or ""}
    return Tile("console", "ok", "open", values)


def _sam(facts: Facts, states: ConsoleStates) -> Tile:
    console = facts.console
    if console is None or not console.initialised:
        return Tile("sam", "idle", "unknown")
    kinds = {states.cloud_sam: "cloud", states.physical_sam: "physical"}
    values = {"kind": kinds.get(console.sam_kind, "") if isinstance(console.sam_kind, int) else ""}
    if console.sam_state == states.sam_verified:
        return Tile("sam", "ok", "verified", values)
    if console.sam_state == states.sam_present:
        return Tile("sam", "warning", "present", values)
    return Tile("sam", "broken", "absent")


def _card(facts: Facts, states: ConsoleStates) -> Tile:
    console, known = facts.console, facts.known
    if console is None or not console.initialised:
        return Tile("card", "idle", "unknown")
    if facts.presented:
        shown = facts.presented[0]
        says = "in_visit" if shown["visit"] else "in_use" if shown["used"] else "presented"
        values = {"reader": shown["reader"], "seconds": shown["seconds_left"], "until": _until(console)}
        return Tile("card", "ok", says, values)
    if known.card == "exported":
        return Tile("card", "warning", "exported")
    if console.health_card_state == states.card_absent:
        return Tile("card", "idle", "none")
    if console.health_card_kind == states.virtual_card:
        return Tile("card", "ok", "virtual", {"until": _until(console)})
    joined = console.health_card_state in (states.card_verified, states.card_joined)
    return Tile("card", "ok", "physical" if joined else "inserted")


def _until(console: ConsoleStatus) -> str:
    """Until when the console says that a virtual card is verified, as it says it: no document tells in which
    form, so that nothing is counted down. "" where it does not say.
    """
    until = console.health_card_until
    return until.strip() if isinstance(until, str) and until.isprintable() and len(until) <= MOST_TIME else ""


def _practitioner(facts: Facts, states: ConsoleStates) -> Tile:
    console = facts.console
    if console is None or not console.initialised:
        return Tile("practitioner", "idle", "unknown")
    state = console.practitioner_state
    if not isinstance(state, int) or state == states.card_absent:
        return Tile("practitioner", "idle", "none")
    return Tile("practitioner", "ok", "pin" if state >= states.practitioner_pin_verified else "present")


def _turn(facts: Facts) -> Tile:
    wishes = facts.known.wishes
    name = facts.names.get(facts.known.program, facts.known.program)
    if facts.known.at_work:
        return Tile("turn", "ok", "at_work", {"program": name})
    if wishes:
        wish = wishes[0]
        values = {
            "program": facts.names.get(wish.program, wish.program),
            "why": wish.why,
            "seconds": round(wish.seconds),
        }
        return Tile("turn", "ok", "kept", values)
    return Tile("turn", "idle", "free", {"program": name})


def _queue(facts: Facts) -> Tile:
    level: Level = "warning" if facts.running >= LONG_QUEUE else "ok" if facts.running else "idle"
    if not facts.running:
        return Tile("queue", level, "none")
    names = Counter(facts.names.get(program, program) for program in facts.known.waiting)
    waiting = [{"program": name, "calls": calls} for name, calls in names.items()]
    if not waiting:
        return Tile("queue", level, "calls", {"count": facts.running})
    return Tile("queue", level, "waiting", {"count": facts.running, "waiting": waiting})


def _pin(facts: Facts) -> Tile:
    if not facts.questions:
        return Tile("pin", "idle", "none")
    key, seconds = facts.questions[0]
    return Tile("pin", "warning", "open", {"question": key, "seconds": round(seconds)})


def _changes(facts: Facts) -> Tile:
    if facts.pending is None:
        return Tile("changes", "warning", "unreadable")
    if facts.pending:
        return Tile("changes", "warning", "pending", {"count": facts.pending})
    return Tile("changes", "ok", "none")


def _doctor(facts: Facts) -> Tile:
    if facts.sections is None:
        return Tile("doctor", "idle", "looking")
    findings = [finding for section in facts.sections for finding in section.findings]
    broken, warnings = (_count(findings, status) for status in ("broken", "warning"))
    values = {"broken": broken, "warnings": warnings}
    if broken:
        return Tile("doctor", "broken", "broken", values)
    return Tile("doctor", "warning", "warnings", values) if warnings else Tile("doctor", "ok", "well")


def _count(findings: Sequence[Finding], status: str) -> int:
    return sum(finding.status == status for finding in findings)
