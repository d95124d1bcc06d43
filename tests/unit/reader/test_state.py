# ruff: noqa: E501 - before and after stand side by side
"""What is known of a console session, event by event: every transition as a table."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable

import pytest

from bridge.reader import state as events
from bridge.reader.state import PresentCard, SessionState

Event = Callable[[SessionState], SessionState]
PHYSICAL, VIRTUAL = PresentCard.PHYSICAL, PresentCard.VIRTUAL
EXPORTED, UNKNOWN = PresentCard.EXPORTED, PresentCard.UNKNOWN
EVERY = tuple(PresentCard)

NEW = SessionState()
BEGUN = SessionState(initialised=True, owned=True, device="COM1")
JOINED = SessionState(initialised=True, owned=False, device="COM1", card=UNKNOWN)
BUSY = SessionState(
    initialised=True, owned=True, device="COM1", sam_verified=True, card=VIRTUAL, failures=2, port_open=True,
    kept={"/path": {"a": 1}},
)  # fmt: skip


def begin(device: str) -> Event:
    return lambda state: events.begun(state, device)


def join(device: str) -> Event:
    return lambda state: events.joined(state, device)


def report_sam(verified: bool) -> Event:
    return lambda state: events.sam_reported(state, verified)


def report_card(virtual: bool) -> Event:
    return lambda state: events.card_reported(state, virtual)


def but(state: SessionState, **changes: object) -> SessionState:
    return dataclasses.replace(state, **changes)  # type: ignore[arg-type]


SESSIONS: list[tuple[str, Event, SessionState, SessionState]] = [
    ("a fresh session is ours", begin("COM1"), NEW, BEGUN),
    ("a fresh session has nothing of the one before", begin("COM2"), BUSY, but(BEGUN, device="COM2", failures=2, port_open=True)),
    ("another program's session may have a virtual card", join("COM1"), NEW, JOINED),
    ("our own session goes on as it is", join("COM2"), BUSY, but(BUSY, device="COM2")),
    ("an ended session leaves port and failures", events.ended, BUSY, SessionState(failures=2, port_open=True)),
    ("an ended session that never was", events.ended, NEW, NEW),
    ("a session is left to others", events.given_away, BUSY, but(BUSY, owned=False)),
    ("a port is opened", events.port_opened, BEGUN, but(BEGUN, port_open=True)),
    ("a closed port leaves the session", events.port_closed, BUSY, but(BUSY, port_open=False)),
    ("an answer is kept beside others", lambda s: events.keeping(s, "/b", {"b": 2}), BUSY, but(BUSY, kept={"/path": {"a": 1}, "/b": {"b": 2}})),
    ("a newer answer takes the place of the older", lambda s: events.keeping(s, "/path", {}), BUSY, but(BUSY, kept={"/path": {}})),
    ("a verified SAM has no failures", events.sam_verified, but(BEGUN, failures=2), but(BEGUN, sam_verified=True)),
    ("a refusal counts", events.sam_refused, but(BEGUN, failures=2), but(BEGUN, failures=3)),
    ("a SAM reported as verified keeps its failures", report_sam(True), but(BEGUN, failures=2), but(BEGUN, failures=2, sam_verified=True)),
    ("a SAM reported as not verified leaves the card", report_sam(False), BUSY, but(BUSY, sam_verified=False)),
    ("a lost SAM may have taken a virtual card along", events.sam_lost, BUSY, but(BUSY, sam_verified=False, card=UNKNOWN)),
    ("a SAM that was logged out took both cards along", events.sam_logged_out, BUSY, but(BUSY, sam_verified=False, card=PHYSICAL)),
]  # fmt: skip

# What each event makes of a card: before -> after, for every card there is.
CARDS: list[tuple[str, Event, dict[PresentCard, PresentCard]]] = [
    ("in doubt", events.card_in_doubt, dict.fromkeys(EVERY, UNKNOWN)),
    ("logged out", events.card_logged_out, dict.fromkeys(EVERY, PHYSICAL)),
    ("presented", events.virtual_card_presented, dict.fromkeys(EVERY, VIRTUAL)),
    ("exported", events.virtual_card_exported, dict.fromkeys(EVERY, EXPORTED)),
    ("gone", events.virtual_card_gone, {PHYSICAL: PHYSICAL, VIRTUAL: UNKNOWN, EXPORTED: EXPORTED, UNKNOWN: UNKNOWN}),
    ("reported virtual", report_card(True), dict.fromkeys(EVERY, VIRTUAL)),
    ("reported not virtual", report_card(False), {PHYSICAL: PHYSICAL, VIRTUAL: PHYSICAL, EXPORTED: EXPORTED, UNKNOWN: PHYSICAL}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "before", "after"), [pytest.param(event, b, a, id=name) for name, event, b, a in SESSIONS]
)
def test_an_event_of_the_session(event: Event, before: SessionState, after: SessionState) -> None:
    assert event(before) == after


@pytest.mark.parametrize("card", EVERY)
@pytest.mark.parametrize(("event", "cards"), [pytest.param(event, cards, id=n) for n, event, cards in CARDS])
def test_an_event_of_the_card(event: Event, cards: dict[PresentCard, PresentCard], card: PresentCard) -> None:
    before = but(BUSY, card=card)
    assert event(before) == but(before, card=cards[card])


def test_every_event_stands_in_one_of_the_tables() -> None:
    functions = {
        name
        for name, function in inspect.getmembers(events, inspect.isfunction)
        if function.__module__ == events.__name__
    }
    source = inspect.getsource(inspect.getmodule(test_an_event_of_the_card))  # type: ignore[arg-type]
    assert functions == {name for name in functions if f"events.{name}" in source}
    assert len(functions) == 18


def test_a_state_cannot_be_changed_and_two_of_them_share_nothing() -> None:
    first, second = SessionState(), SessionState()
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.sam_verified = True  # type: ignore[misc]
    kept = events.keeping(first, "/path", {})
    assert (dict(first.kept), dict(second.kept), dict(kept.kept)) == ({}, {}, {"/path": {}})


def test_what_was_kept_of_a_person_never_shows() -> None:
    assert "path" not in repr(BUSY)
