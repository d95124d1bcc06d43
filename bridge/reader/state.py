"""What is known of one console session, as a value, and how each event changes it. Pure.

A SessionState is frozen and belongs to nobody: there can be one for each device. Every function here takes
one and gives the next; ``tests/unit/reader/test_state.py`` has them all as a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

Kept = Mapping[str, dict[str, Any]]


class PresentCard(Enum):
    """Which health card the console takes as present, as far as this side knows.

    ``EXPORTED``: a virtual one was, and has been given away; its number must not be read for another's.
    """

    PHYSICAL = "physical"
    VIRTUAL = "virtual"
    EXPORTED = "exported"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SessionState:
    """One console session.

    ``owned``: this side began it, and did not find it begun by another program. ``device``: the name it was
    opened with, "" for the console's own choice, None without a session. ``failures``: verifications of the
    SAM that failed in a row. ``port_open``: a program has opened the port and not closed it. ``kept``: by
    path, answers that stay the same until the session ends.
    """

    initialised: bool = False
    owned: bool = False
    device: str | None = None
    sam_verified: bool = False
    card: PresentCard = PresentCard.PHYSICAL
    failures: int = 0
    port_open: bool = False
    kept: Kept = field(default_factory=dict, repr=False)


# --- the session --------------------------------------------------------------------------------------------


def begun(state: SessionState, device: str) -> SessionState:
    """The console has begun a fresh session: whatever was verified is not any more."""
    return replace(ended(state), initialised=True, owned=True, device=device)


def joined(state: SessionState, device: str) -> SessionState:
    """The console has a session already. Another program that began it may have left a virtual card."""
    card = state.card if state.initialised else PresentCard.UNKNOWN
    return replace(state, initialised=True, device=device, card=card)


def ended(state: SessionState) -> SessionState:
    """There is no session, or none that is known of. Port and failures of the SAM stay as they are."""
    return SessionState(failures=state.failures, port_open=state.port_open)


def given_away(state: SessionState) -> SessionState:
    """Others go on with the session: this side does not end it."""
    return replace(state, owned=False)


def port_opened(state: SessionState) -> SessionState:
    """A program has opened the port."""
    return replace(state, port_open=True)


def port_closed(state: SessionState) -> SessionState:
    """The program has closed the port; the session goes on."""
    return replace(state, port_open=False)


def keeping(state: SessionState, path: str, reply: dict[str, Any]) -> SessionState:
    """An answer that stays the same until the session ends."""
    return replace(state, kept={**state.kept, path: reply})


# --- the SAM ------------------------------------------------------------------------------------------------


def sam_verified(state: SessionState) -> SessionState:
    """The SAM was verified now."""
    return replace(state, sam_verified=True, failures=0)


def sam_refused(state: SessionState) -> SessionState:
    """A verification of the SAM has failed."""
    return replace(state, failures=state.failures + 1)


def sam_reported(state: SessionState, verified: bool) -> SessionState:
    """The console says whether the SAM is verified. It is not verified now, so that failures still count."""
    return replace(state, sam_verified=verified)


def sam_lost(state: SessionState) -> SessionState:
    """The SAM's session has ended by itself: a virtual card may have gone with it, or may not."""
    return replace(state, sam_verified=False, card=PresentCard.UNKNOWN)


def sam_logged_out(state: SessionState) -> SessionState:
    """The SAM was logged out, and both cards with it."""
    return replace(state, sam_verified=False, card=PresentCard.PHYSICAL)


# --- the health card ----------------------------------------------------------------------------------------


def card_in_doubt(state: SessionState) -> SessionState:
    """A request that changes the present card is under way, and its answer may get lost."""
    return replace(state, card=PresentCard.UNKNOWN)


def card_logged_out(state: SessionState) -> SessionState:
    """No virtual card is present: the next one is what lies in the slot."""
    return replace(state, card=PresentCard.PHYSICAL)


def virtual_card_presented(state: SessionState) -> SessionState:
    """A virtual card is present."""
    return replace(state, card=PresentCard.VIRTUAL)


def virtual_card_exported(state: SessionState) -> SessionState:
    """The virtual card was given to another device."""
    return replace(state, card=PresentCard.EXPORTED)


def virtual_card_gone(state: SessionState) -> SessionState:
    """A status says that the present virtual card is gone; of no other card."""
    if state.card is not PresentCard.VIRTUAL:
        return state
    return replace(state, card=PresentCard.UNKNOWN)


def card_reported(state: SessionState, virtual: bool) -> SessionState:
    """The console says whether its card is virtual. One that was exported stays exported."""
    if virtual:
        return replace(state, card=PresentCard.VIRTUAL)
    if state.card is PresentCard.EXPORTED:
        return state
    return replace(state, card=PresentCard.PHYSICAL)
