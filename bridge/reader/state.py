"""What is known of one console session, as a value, and how each event changes it. Pure.

A SessionState cannot be changed and belongs to nobody: there is one for each device. Every function here
takes one and gives the next; ``tests/unit/reader/test_state.py`` has them all as a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

from bridge.words import said

Kept = Mapping[str, dict[str, Any]]
NOTHING_KEPT: Kept = MappingProxyType({})
_UNTOLD = ("virtual_id", "pin_card", "kept")


class PresentCard(Enum):
    """Which health card the console takes as present, as far as this side knows.

    ``EXPORTED``: a virtual one was, and has been given away; its number must not be read for another's.
    """

    PHYSICAL = "physical"
    VIRTUAL = "virtual"
    EXPORTED = "exported"
    UNKNOWN = "unknown"


class Why(Enum):
    """Why a program wants to keep the session of its device. The values are for the log."""

    VISIT = said("a visit is open")
    HC_PIN = said("a health card's PIN is verified")
    HPC_PIN = said("a practitioner's PIN is verified")
    VIRTUAL = said("a virtual card is present")


class Hold(NamedTuple):
    """A program keeps the session until ``until`` (monotonic seconds); each call puts that off to
    ``seconds`` from then.
    """

    program: str
    why: Why
    seconds: float
    until: float


class SessionState(NamedTuple):
    """The session of one device. A tuple: the next one is made in a quarter of a dataclass's time, and each
    read of a card makes several.

    ``device``: the name that opens it, "" for the console's own choice. ``owned``: this side began the
    session, and did not find it begun by another program. ``sam_checked``: when the data centre was asked
    last about the SAM and had no objection (monotonic seconds); None: not by this side. ``cloud_sam``: the
    console has said that the SAM is one in the cloud. ``sam_id``, ``device_name``: whose signatures the
    device gives, and what the console calls it; "" until seen. ``virtual_id``: the number of the virtual card
    that was presented. ``pin_card``, ``pin_until``: the card whose PIN was typed, and until when (monotonic
    seconds) that tells which card is there. ``logged_out``: this side has logged the health card out, and
    none has answered since: the console says that there is none, though one may lie there. ``in_vain``: the
    state of the health card that its verification did not change, and the state that was wanted; ``again``:
    from when on (monotonic seconds) that may be tried once more; ``failed_card``: when the card that was
    itself the reason was seen there last (monotonic seconds), None where it was not. ``holds``: who wants to
    keep the session. ``failures``: verifications of the SAM that failed in a row, the last one with the
    status ``refusal``. ``open_for``: the programs that have opened the port and not closed it. ``kept``: by
    path, answers that stay the same until the session ends.
    """

    device: str = ""
    initialised: bool = False
    owned: bool = False
    sam_verified: bool = False
    sam_checked: float | None = None
    cloud_sam: bool = False
    sam_id: str = ""
    device_name: str = ""
    card: PresentCard = PresentCard.PHYSICAL
    virtual_id: str = ""
    pin_card: str = ""
    pin_until: float = 0.0
    logged_out: bool = False
    in_vain: tuple[int, int] | None = None
    again: float = 0.0
    failed_card: float | None = None
    holds: tuple[Hold, ...] = ()
    failures: int = 0
    refusal: str = ""
    open_for: frozenset[str] = frozenset()
    kept: Kept = NOTHING_KEPT

    def __repr__(self) -> str:
        """Without numbers of cards and answers of the console."""
        told = (f"{name}={value!r}" for name, value in self._asdict().items() if name not in _UNTOLD)
        return f"SessionState({', '.join(told)})"


_PLACES = {name: place for place, name in enumerate(SessionState._fields)}


def _with(state: SessionState, **changes: Any) -> SessionState:
    """The state with these changes. As ``_replace``, in a third of its time: each read of a card makes four.
    Raises KeyError for a field that there is not.
    """
    values = list(state)
    for name, value in changes.items():
        values[_PLACES[name]] = value
    return SessionState._make(values)


# --- the session --------------------------------------------------------------------------------------------


def begun(state: SessionState) -> SessionState:
    """The console has begun a fresh session: whatever was verified is not any more, and the SAM may be
    another one.
    """
    return _with(ended(state), initialised=True, owned=True, sam_id="", device_name="")


def joined(state: SessionState) -> SessionState:
    """The console has a session already. Another program that began it may have left a virtual card."""
    card = state.card if state.initialised else PresentCard.UNKNOWN
    return _with(state, initialised=True, card=card)


def ended(state: SessionState) -> SessionState:
    """There is no session, or none that is known of. Device, SAM, open ports and failures stay as they are.
    Of the console's own choice it is not known which device it will be next.
    """
    return SessionState(
        device=state.device,
        sam_id=state.sam_id if state.device else "",
        device_name=state.device_name if state.device else "",
        failures=state.failures,
        refusal=state.refusal,
        open_for=state.open_for,
    )


def given_away(state: SessionState) -> SessionState:
    """Others go on with the session: this side does not end it."""
    return _with(state, owned=False)


def port_opened(state: SessionState, program: str) -> SessionState:
    """A program has opened the port."""
    return _with(state, open_for=state.open_for | {program})


def port_closed(state: SessionState, program: str) -> SessionState:
    """The program has closed the port; the session goes on."""
    return _with(state, open_for=state.open_for - {program})


def keeping(state: SessionState, path: str, reply: dict[str, Any]) -> SessionState:
    """An answer that stays the same until the session ends."""
    return _with(state, kept={**state.kept, path: reply})


# --- who wants to keep it -----------------------------------------------------------------------------------


def held(state: SessionState, hold: Hold) -> SessionState:
    """A program wants to keep the session; one reason counts once for a program."""
    others = (each for each in state.holds if (each.program, each.why) != (hold.program, hold.why))
    return _with(state, holds=(*others, hold))


def used(state: SessionState, program: str, now: float) -> SessionState:
    """A program makes a call: what it holds, it holds on."""
    if not state.holds:
        return state
    holds = [
        Hold(hold.program, hold.why, hold.seconds, now + hold.seconds)
        if hold.program == program and hold.until > now
        else hold
        for hold in state.holds
    ]
    return _with(state, holds=tuple(holds))


def let_go(state: SessionState, *reasons: Why) -> SessionState:
    """These reasons to keep the session are over, whoever had them."""
    kept = tuple([hold for hold in state.holds if hold.why not in reasons])
    return state if len(kept) == len(state.holds) else _with(state, holds=kept)


# --- the SAM ------------------------------------------------------------------------------------------------


def sam_verified(state: SessionState, now: float) -> SessionState:
    """The SAM was verified now (monotonic seconds): the data centre was asked."""
    return _with(state, sam_verified=True, sam_checked=now, failures=0, refusal="", in_vain=None)


def sam_refused(state: SessionState, status: str) -> SessionState:
    """A verification of the SAM has failed with a status."""
    failures = state.failures + 1
    return _with(state, sam_verified=False, sam_checked=None, failures=failures, refusal=status)


def sam_reported(state: SessionState, verified: bool) -> SessionState:
    """The console says whether the SAM is verified. It is not verified now, so that failures still count."""
    return _with(state, sam_verified=verified)


def sam_lost(state: SessionState) -> SessionState:
    """The SAM's session has ended by itself: a virtual card may have gone with it, or may not."""
    return _with(state, sam_verified=False, card=PresentCard.UNKNOWN)


def sam_logged_out(state: SessionState) -> SessionState:
    """The SAM was logged out, and both cards with it."""
    without = let_go(state, Why.VISIT, Why.HPC_PIN)
    return _with(card_logged_out(without), sam_verified=False)


def sam_kind_told(state: SessionState, cloud: bool) -> SessionState:
    """The console tells whether the SAM is one in the cloud."""
    return state if state.cloud_sam is cloud else _with(state, cloud_sam=cloud)


def sam_named(state: SessionState, sam_id: str) -> SessionState:
    """A signature tells which SAM it is."""
    return _with(state, sam_id=sam_id)


def device_named(state: SessionState, name: str) -> SessionState:
    """The console tells what it calls the device."""
    return state if state.device_name == name else _with(state, device_name=name)


def device_chosen(state: SessionState) -> SessionState:
    """What the console has chosen by itself is named by a program now: the session is of that device."""
    return _with(state, device=state.device_name)


# --- the health card ----------------------------------------------------------------------------------------


def card_in_doubt(state: SessionState) -> SessionState:
    """A request that changes the present card is under way, and its answer may get lost."""
    without = let_go(state, Why.HC_PIN, Why.VIRTUAL)
    if without.card is PresentCard.UNKNOWN and not (without.virtual_id or without.pin_card):
        return without  # as it is
    return _with(without, card=PresentCard.UNKNOWN, virtual_id="", pin_card="", pin_until=0.0)


def card_logged_out(state: SessionState) -> SessionState:
    """No virtual card is present: the next one is what lies in the slot."""
    return _with(card_in_doubt(state), card=PresentCard.PHYSICAL, logged_out=True)


def card_answered(state: SessionState) -> SessionState:
    """A health card is there after all, or there is none to answer: the console's word counts again."""
    return _with(state, logged_out=False)


def card_tried(state: SessionState) -> SessionState:
    """A card is verified now: why the last attempt failed counts no more."""
    return state if state.failed_card is None else _with(state, failed_card=None)


def failed_card_seen(state: SessionState, now: float) -> SessionState:
    """A card that could not be verified lies there now (monotonic seconds)."""
    return _with(state, failed_card=now)


def not_moved_on(state: SessionState, at: int, wanted: int, again: float) -> SessionState:
    """A card that was put in could not be brought from one state of the console to another."""
    return _with(state, in_vain=(at, wanted), again=again)


def slot_empty(state: SessionState) -> SessionState:
    """No health card lies there: what the last one could not be brought to says nothing of the next."""
    return _with(state, in_vain=None, failed_card=None)


def looked_anew(state: SessionState, exported: bool) -> SessionState:
    """The console looks at the slot anew. A virtual card that was ``exported`` before stays so."""
    after = card_logged_out(state)
    return _with(after, card=PresentCard.EXPORTED) if exported else after


def pin_typed(state: SessionState, card_id: str, until: float) -> SessionState:
    """The PIN of the card in the slot was verified: nobody else's lies there for the next moments."""
    return _with(state, pin_card=card_id, pin_until=until)


def pin_gone(state: SessionState) -> SessionState:
    """The card whose PIN was typed is not there any more."""
    return _with(let_go(state, Why.HC_PIN), pin_card="", pin_until=0.0)


def virtual_card_presented(state: SessionState, card_id: str) -> SessionState:
    """The virtual card with this number is present."""
    return _with(state, card=PresentCard.VIRTUAL, virtual_id=card_id)


def virtual_card_exported(state: SessionState) -> SessionState:
    """The virtual card was given to another device."""
    return _with(card_in_doubt(state), card=PresentCard.EXPORTED)


def virtual_card_gone(state: SessionState) -> SessionState:
    """A status says that the present virtual card is gone; of no other card."""
    return card_in_doubt(state) if state.card is PresentCard.VIRTUAL else state


def card_reported(state: SessionState, virtual: bool) -> SessionState:
    """The console says whether its card is virtual. One that was exported stays exported."""
    if virtual:
        return _with(state, card=PresentCard.VIRTUAL)
    if state.card is PresentCard.EXPORTED or (state.card is PresentCard.PHYSICAL and not state.virtual_id):
        return state
    return _with(state, card=PresentCard.PHYSICAL, virtual_id="")
