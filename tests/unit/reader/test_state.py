# ruff: noqa: E501 - before and after stand side by side
"""What is known of a console session, event by event: every transition as a table."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from bridge.reader import state as events
from bridge.reader.state import Hold, PresentCard, SessionState, Why

Value = TypeVar("Value", SessionState, Hold)
Event = Callable[[SessionState], SessionState]
PHYSICAL, VIRTUAL = PresentCard.PHYSICAL, PresentCard.VIRTUAL
EXPORTED, UNKNOWN = PresentCard.EXPORTED, PresentCard.UNKNOWN
EVERY = tuple(PresentCard)

NEW = SessionState(device="COM1")
BEGUN = SessionState(device="COM1", initialised=True, owned=True)
JOINED = SessionState(device="COM1", initialised=True, owned=False, card=UNKNOWN)
VISIT = Hold("A", Why.VISIT, seconds=60, until=160)
HC_PIN = Hold("A", Why.HC_PIN, seconds=900, until=1000)
HPC_PIN = Hold("B", Why.HPC_PIN, seconds=900, until=1000)
SHOWN = Hold("B", Why.VIRTUAL, seconds=60, until=160)
BUSY = SessionState(
    device="COM1", initialised=True, owned=True, sam_verified=True, sam_checked=40, sam_id="sam", device_name="name",
    card=VIRTUAL, virtual_id="card", pin_card="other", pin_until=130, holds=(VISIT, HC_PIN, HPC_PIN, SHOWN),
    cloud_sam=True, failures=2, refusal="1301", open_for=frozenset("A"), kept={"/path": {"a": 1}},
)  # fmt: skip
LEFT = SessionState(
    device="COM1", sam_id="sam", device_name="name", failures=2, refusal="1301", open_for=frozenset("A")
)  # fmt: skip


def report_sam(verified: bool) -> Event:
    return lambda state: events.sam_reported(state, verified)


def verify_sam_at(now: float) -> Event:
    return lambda state: events.sam_verified(state, now)


def report_card(virtual: bool) -> Event:
    return lambda state: events.card_reported(state, virtual)


def look(exported: bool) -> Event:
    return lambda state: events.looked_anew(state, exported)


def but(value: Value, **changes: Any) -> Value:
    return value._replace(**changes)


WITHOUT_CARD = but(BUSY, virtual_id="", pin_card="", pin_until=0.0, holds=(VISIT, HPC_PIN))
LOGGED_OUT = but(WITHOUT_CARD, logged_out=True)
VAIN = but(BEGUN, in_vain=(1, 3), again=90)

SESSIONS: list[tuple[str, Event, SessionState, SessionState]] = [
    ("a fresh session is ours", events.begun, NEW, BEGUN),
    ("a fresh session has nothing of the one before, also not its SAM", events.begun, BUSY, but(BEGUN, failures=2, refusal="1301", open_for=frozenset("A"))),
    ("another program's session may have a virtual card", events.joined, NEW, JOINED),
    ("our own session goes on as it is", events.joined, BUSY, BUSY),
    ("an ended session leaves ports, SAM and failures", events.ended, BUSY, LEFT),
    ("of the console's own choice nothing is known next time", events.ended, but(BUSY, device=""), but(LEFT, device="", sam_id="", device_name="")),
    ("an ended session that never was", events.ended, NEW, NEW),
    ("a session is left to others", events.given_away, BUSY, but(BUSY, owned=False)),
    ("a port is opened", lambda s: events.port_opened(s, "B"), BUSY, but(BUSY, open_for=frozenset("AB"))),
    ("a closed port leaves the session", lambda s: events.port_closed(s, "A"), BUSY, but(BUSY, open_for=frozenset())),
    ("a stray close closes nobody else's", lambda s: events.port_closed(s, "B"), BUSY, BUSY),
    ("an answer is kept beside others", lambda s: events.keeping(s, "/b", {"b": 2}), BUSY, but(BUSY, kept={"/path": {"a": 1}, "/b": {"b": 2}})),
    ("a newer answer takes the place of the older", lambda s: events.keeping(s, "/path", {}), BUSY, but(BUSY, kept={"/path": {}})),
    ("a hold", lambda s: events.held(s, VISIT), BEGUN, but(BEGUN, holds=(VISIT,))),
    ("the same reason counts once", lambda s: events.held(s, but(VISIT, until=200)), but(BEGUN, holds=(VISIT, SHOWN)), but(BEGUN, holds=(SHOWN, but(VISIT, until=200)))),
    ("a call holds on", lambda s: events.used(s, "A", 150), BUSY, but(BUSY, holds=(but(VISIT, until=210), but(HC_PIN, until=1050), HPC_PIN, SHOWN))),
    ("what was let go by time stays so", lambda s: events.used(s, "A", 170), but(BEGUN, holds=(VISIT,)), but(BEGUN, holds=(VISIT,))),
    ("another's call holds nothing", lambda s: events.used(s, "C", 150), BUSY, BUSY),
    ("reasons are over", lambda s: events.let_go(s, Why.VISIT, Why.VIRTUAL), BUSY, but(BUSY, holds=(HC_PIN, HPC_PIN))),
    ("a verified SAM has no failures", verify_sam_at(50), but(BEGUN, failures=2), but(BEGUN, sam_verified=True, sam_checked=50)),
    ("a refusal counts", lambda s: events.sam_refused(s, "1301"), but(BEGUN, failures=2), but(BEGUN, failures=3, refusal="1301")),
    ("a refusal takes back what was known", lambda s: events.sam_refused(s, "1302"), but(BEGUN, sam_verified=True, sam_checked=50, refusal="1301"), but(BEGUN, failures=1, refusal="1302")),
    ("a SAM that is verified has refused nothing", verify_sam_at(50), but(BEGUN, failures=1, refusal="1301"), but(BEGUN, sam_verified=True, sam_checked=50)),
    ("a SAM in the cloud", lambda s: events.sam_kind_told(s, True), BEGUN, but(BEGUN, cloud_sam=True)),
    ("another kind of SAM", lambda s: events.sam_kind_told(s, False), but(BEGUN, cloud_sam=True), BEGUN),
    ("a SAM reported as verified keeps its failures", report_sam(True), but(BEGUN, failures=2), but(BEGUN, failures=2, sam_verified=True)),
    ("a SAM reported as not verified leaves the card", report_sam(False), BUSY, but(BUSY, sam_verified=False)),
    ("a lost SAM may have taken a virtual card along", events.sam_lost, BUSY, but(BUSY, sam_verified=False, card=UNKNOWN)),
    ("a SAM that was logged out took both cards along", events.sam_logged_out, BUSY, but(LOGGED_OUT, sam_verified=False, card=PHYSICAL, holds=())),
    ("a card answers after a log-out", events.card_answered, but(BEGUN, logged_out=True), BEGUN),
    ("a card was verified in vain", lambda s: events.not_moved_on(s, 1, 3, 90), BEGUN, VAIN),
    ("a card that failed is seen", lambda s: events.failed_card_seen(s, 31), VAIN, but(VAIN, failed_card=31)),
    ("a card is tried once more", events.card_tried, but(VAIN, failed_card=31), VAIN),
    ("an empty slot says nothing of the next card", events.slot_empty, but(VAIN, failed_card=31), but(BEGUN, again=90)),
    ("a verified SAM is a reason to try the card again", verify_sam_at(50), VAIN, but(BEGUN, sam_verified=True, sam_checked=50, again=90)),
    ("an ended session is one, too", events.ended, VAIN, NEW),
    ("a signature names the SAM", lambda s: events.sam_named(s, "1"), BEGUN, but(BEGUN, sam_id="1")),
    ("the console names the device", lambda s: events.device_named(s, "1"), BEGUN, but(BEGUN, device_name="1")),
    ("the console's own choice is named", events.device_chosen, but(BEGUN, device="", device_name="1"), but(BEGUN, device="1", device_name="1")),
    ("a PIN tells the card for a while", lambda s: events.pin_typed(s, "card", 30), BEGUN, but(BEGUN, pin_card="card", pin_until=30)),
    ("the card of the PIN is gone", events.pin_gone, BUSY, but(BUSY, pin_card="", pin_until=0.0, holds=(VISIT, HPC_PIN, SHOWN))),
]  # fmt: skip

# What each event makes of a card: before -> after, for every card there is, and of the rest of BUSY.
CARDS: list[tuple[str, Event, dict[PresentCard, PresentCard], SessionState]] = [
    ("in doubt", events.card_in_doubt, dict.fromkeys(EVERY, UNKNOWN), WITHOUT_CARD),
    ("logged out", events.card_logged_out, dict.fromkeys(EVERY, PHYSICAL), LOGGED_OUT),
    ("looked anew", look(False), dict.fromkeys(EVERY, PHYSICAL), LOGGED_OUT),
    ("looked anew after an export", look(True), dict.fromkeys(EVERY, EXPORTED), LOGGED_OUT),
    ("presented", lambda s: events.virtual_card_presented(s, "new"), dict.fromkeys(EVERY, VIRTUAL), but(BUSY, virtual_id="new")),
    ("exported", events.virtual_card_exported, dict.fromkeys(EVERY, EXPORTED), WITHOUT_CARD),
    ("reported virtual", report_card(True), dict.fromkeys(EVERY, VIRTUAL), BUSY),
]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "before", "after"), [pytest.param(event, b, a, id=name) for name, event, b, a in SESSIONS]
)
def test_an_event_of_the_session(event: Event, before: SessionState, after: SessionState) -> None:
    assert event(before) == after


@pytest.mark.parametrize("card", EVERY)
@pytest.mark.parametrize(
    ("event", "cards", "rest"), [pytest.param(event, cards, rest, id=n) for n, event, cards, rest in CARDS]
)
def test_an_event_of_the_card(
    event: Event, cards: dict[PresentCard, PresentCard], rest: SessionState, card: PresentCard
) -> None:
    assert event(but(BUSY, card=card)) == but(rest, card=cards[card])


@pytest.mark.parametrize("card", EVERY)
def test_a_virtual_card_that_is_gone_leaves_every_other_card_alone(card: PresentCard) -> None:
    before = but(BUSY, card=card)
    after = but(WITHOUT_CARD, card=UNKNOWN) if card is VIRTUAL else before
    assert events.virtual_card_gone(before) == after


@pytest.mark.parametrize("card", EVERY)
def test_a_card_that_is_not_virtual_has_no_number_of_one_and_an_export_is_not_forgotten(
    card: PresentCard,
) -> None:
    before = but(BUSY, card=card)
    after = before if card is EXPORTED else but(before, card=PHYSICAL, virtual_id="")
    assert report_card(False)(before) == after


def test_every_event_stands_in_one_of_the_tables() -> None:
    functions = {
        name
        for name, function in inspect.getmembers(events, inspect.isfunction)
        if function.__module__ == events.__name__ and not name.startswith("_")
    }
    source = inspect.getsource(inspect.getmodule(test_an_event_of_the_card))  # type: ignore[arg-type]
    assert functions == {name for name in functions if f"events.{name}" in source}
    assert len(functions) == 33


def test_a_state_cannot_be_changed_and_two_of_them_share_nothing() -> None:
    first, second = SessionState(), SessionState()
    with pytest.raises(AttributeError):
        first.sam_verified = True  # type: ignore[misc]
    kept = events.keeping(first, "/path", {})
    assert (dict(first.kept), dict(second.kept), dict(kept.kept)) == ({}, {}, {"/path": {}})


def test_what_was_kept_of_a_person_never_shows() -> None:
    shown = repr(but(BUSY, virtual_id="VIRTUAL-NUMBER", pin_card="PIN-CARD"))
    assert not any(secret in shown for secret in ("path", "VIRTUAL-NUMBER", "PIN-CARD"))
