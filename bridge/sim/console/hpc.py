"""Console endpoints of seed 001, chapter 3 (HCA): practitioners' cards."""

from __future__ import annotations

from typing import Any

from bridge.sim.cards import PractitionerCard
from bridge.sim.codes import Console
from bridge.sim.console.call import ConsoleCall, ConsoleRoute
from bridge.sim.console.common_v1 import SERVICE_TYPE
from bridge.sim.console.keypad import NEW_PIN as TYPED_NEW_PIN
from bridge.sim.console.keypad import typed
from bridge.sim.errors import StatusError

NEW_PIN = "[0-9]{4,8}"
SHORT_CODE = "[0-9]{1,8}"
MOBILE_FIELDS = {
    "idNo": ".{10}",
    "birthday": r"\d{4}-\d\d-\d\d",
    "cName": ".+",
    "eName": ".*",
    "hospitalId": ".{10}",
    "medId": ".",
    "loginDateTime": ".{20}",
    "signatureCertificate": ".+",
    "signature": ".+",
}


def basic(call: ConsoleCall) -> dict[str, Any]:
    """Read the practitioner's card; needs its PIN verified. ``birthday`` is yyyy-MM-dd."""
    card = call.world.session.require_verified_hpc().card
    return {
        "cardId": card.number,
        "idNo": card.id_no,
        "cName": card.name,
        "eName": card.english_name,
        "birthday": card.birthday,
    }


def logout(call: ConsoleCall) -> dict[str, Any]:
    """Log the practitioner's card out (3 -> 0)."""
    call.world.session.log_out_hpc()
    return {}


def set_pin(call: ConsoleCall) -> dict[str, Any]:
    """Set a new PIN of 4 to 8 digits; needs the old one verified and a card, not a mobile certificate
    (1403).
    """
    new_pin = call.text("newPin", NEW_PIN)
    session = call.world.session.require_verified_hpc()
    if session.mobile:
        raise StatusError(Console.HPC_NOT_SUPPORTED)
    session.card.pin = typed(call, new_pin, TYPED_NEW_PIN)
    return {}


def unlock(call: ConsoleCall) -> dict[str, Any]:
    """Set a new PIN by PUK, which also unlocks the card; a wrong PUK is 1410 and changes nothing."""
    puk = call.text("puk", SHORT_CODE)
    new_pin = call.text("newPin", NEW_PIN)
    session = call.world.session.require_hpc()
    if session.mobile:
        raise StatusError(Console.HPC_NOT_SUPPORTED)
    if typed(call, puk, session.card.puk) != session.card.puk:
        raise StatusError(Console.HPC_WRONG_PIN)
    session.card.pin = typed(call, new_pin, TYPED_NEW_PIN)
    session.card.wrong_pins = 0
    session.pin_verified = False
    return {}


def verify_pin(call: ConsoleCall) -> dict[str, Any]:
    """Verify the PIN (2 -> 3), on a reader with keys the one typed there (1203). A wrong one is 1410; after
    three in a row the card is locked and the right one is 1410 too.
    """
    pin = call.text("pin", SHORT_CODE)
    session = call.world.session.require_hpc()
    if session.mobile:
        raise StatusError(Console.HPC_NOT_SUPPORTED)
    session.pin_verified = False
    _try_pin(session.card, typed(call, pin, session.card.pin))
    call.world.session.hpc_pin_verified(session)
    return {}


def _try_pin(card: PractitionerCard, pin: str) -> None:
    if card.locked:
        raise StatusError(Console.HPC_WRONG_PIN)
    if pin != card.pin:
        card.wrong_pins += 1
        raise StatusError(Console.HPC_WRONG_PIN)
    card.wrong_pins = 0


def verify_mobile(call: ConsoleCall) -> dict[str, Any]:
    """Log a practitioner in by mobile certificate (行動憑證, 0 -> 3); see MobileAuthority.check for the
    refusals.
    """
    body = {name: call.text(name, pattern) for name, pattern in MOBILE_FIELDS.items()}
    world = call.world
    sam = world.session.require_sam()
    world.mobile_authority.check(body, sam.hospital_id, world.clock.now())
    card = next((each for each in world.practitioners.values() if each.id_no == body["idNo"]), None)
    if card is None:
        raise StatusError(Console.MOBILE_HCA_BAD_SIGNATURE)
    world.session.start_mobile_hpc(card)
    return {}


def signature(call: ConsoleCall) -> dict[str, Any]:
    """Sign for SAM and practitioner; ``serviceType`` has two characters."""
    service_type = call.text("serviceType", SERVICE_TYPE)
    sam = call.world.session.require_sam()
    card = call.world.session.require_verified_hpc().card
    ids = {
        "samId": sam.id,
        "hospitalId": sam.hospital_id,
        "hpcId": card.number,
        "hpcIdNo": card.id_no,
    }
    issued = call.world.signatures.issue("hpc", service_type, ids, role=card.role)
    return {
        "signature": issued.signature,
        "clientRandom": issued.client_random,
        "serviceType": service_type,
        **ids,
    }


ROUTES: list[ConsoleRoute] = [
    ("GET", "/api/hpc/v1/Basic", basic),
    ("DELETE", "/api/hpc/v1/Logout", logout),
    ("POST", "/api/hpc/v1/Pin", set_pin),
    ("PUT", "/api/hpc/v1/Pin", unlock),
    ("POST", "/api/hpc/v1/Signature", signature),
    ("POST", "/api/hpc/v1/Verification/MobiliHca", verify_mobile),
    # The seed spells MobiliHca, the slides MobileHca.
    ("POST", "/api/hpc/v1/Verification/MobileHca", verify_mobile),
    ("POST", "/api/hpc/v1/Verification/Hpc", verify_pin),
]
