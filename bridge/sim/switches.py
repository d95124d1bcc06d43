"""Behaviour of the world that a test may change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Switches:
    """What a test may change about the world's behaviour.

    ``auto_verify_sam``: the console verifies a cloud SAM by itself when a call needs it. ``sticky_card``:
    the console keeps a physical card's session until Logout although the card was swapped or removed, as
    careless readers do. ``one_visit_per_qr``: a QR code is good for one visit number (3244).
    ``telemedicine_consent``: the patient's answer, yes, pending or no. ``counts_required``: the upload centre
    insists on sMrecs and sPrecs for type A1, as seed 003 says; a real 6.0 client sends neither.
    ``portal_addresses``: the client addresses registered with Viet Nam's portal, with blanks between.
    ``portal_tokens``: valid, or expired where it gives tokens whose time is over.
    """

    auto_verify_sam: bool = False
    sticky_card: bool = False
    one_visit_per_qr: bool = True
    telemedicine_consent: str = "yes"
    counts_required: bool = False
    portal_addresses: str = "127.0.0.1 ::1"
    portal_tokens: str = "valid"
