"""Behaviour of the world that a test may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bridge.sim.errors import ControlError


@dataclass
class Switches:
    """What a test may change about the world's behaviour.

    ``auto_verify_sam``: the console verifies a cloud SAM by itself when a call needs it. ``virtual_ports``:
    it opens a cloud SAM also by its virtual COM port. ``mixed_cards``: it takes test cards with a real SAM,
    and real ones with a test SAM. ``keypad``: what people type on a reader with keys, right or wrong digits,
    or cancel. ``readers_plugged``: whether the PC/SC readers are plugged in; while they are not, reading a
    card is 1600, which is a guess. ``sticky_card``: the console keeps a physical card's session until Logout
    although the card was swapped or removed, as careless readers do. ``one_visit_per_qr``: a QR code
    is good for one visit number (3244). ``telemedicine_consent``: the patient's answer, yes, pending or no.
    ``counts_required``: the upload centre insists on sMrecs and sPrecs for type A1, as seed 003 says; a real
    6.0 client sends neither. ``portal_addresses``: the client addresses registered with Viet Nam's portal,
    with blanks between. ``portal_tokens``: valid, or expired where it gives tokens whose time is over.
    ``portal_person``: asked, or other where its lookups answer about another card than the one asked for.
    ``portal_note``: what it tells people with each token.
    """

    auto_verify_sam: bool = False
    virtual_ports: bool = False
    mixed_cards: bool = False
    keypad: str = "right"
    readers_plugged: bool = True
    sticky_card: bool = False
    one_visit_per_qr: bool = True
    telemedicine_consent: str = "yes"
    counts_required: bool = False
    portal_addresses: str = "127.0.0.1 ::1"
    portal_tokens: str = "valid"
    portal_person: str = "asked"
    portal_note: str = ""


def checked_switches(changes: Mapping[str, object]) -> Mapping[str, object]:
    """The changes themselves; ControlError for an unknown name, or a value of another type or meaning."""
    known = asdict(Switches())
    for name, value in changes.items():
        if name not in known:
            raise ControlError(f"unknown setting {name!r}; one of {', '.join(known)}")
        if type(value) is not type(known[name]):
            raise ControlError(f"setting {name!r} has another type of value")
    if changes.get("telemedicine_consent", "yes") not in ("yes", "pending", "no"):
        raise ControlError("telemedicine_consent is one of yes, pending, no")
    if changes.get("portal_tokens", "valid") not in ("valid", "expired"):
        raise ControlError("portal_tokens is one of valid, expired")
    if changes.get("keypad", "right") not in ("right", "wrong", "cancel"):
        raise ControlError("keypad is one of right, wrong, cancel")
    if changes.get("portal_person", "asked") not in ("asked", "other"):
        raise ControlError("portal_person is one of asked, other")
    return changes
