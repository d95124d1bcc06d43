"""Console endpoints of seed 001, chapter 4 (HC): physical and virtual health cards."""

from __future__ import annotations

from typing import Any

from bridge.sim.card_sessions import HcSession
from bridge.sim.cards import HealthCard, Sam
from bridge.sim.codes import Console
from bridge.sim.console.call import ConsoleCall, ConsoleRoute
from bridge.sim.console.common_v1 import SERVICE_TYPE
from bridge.sim.console.keypad import NEW_PIN, require_placeholder, typed
from bridge.sim.errors import StatusError

PIN = "[0-9]{4,6}"


def basic(call: ConsoleCall) -> dict[str, Any]:
    """Read the insured person: dates ROC yyyMMdd; dateIssue is null for a virtual card."""
    session = call.world.session.require_hc()
    session.fields_read = True
    return _basic(session.card, virtual=session.virtual)


def _basic(card: HealthCard, *, virtual: bool) -> dict[str, Any]:
    return {
        "cardId": card.number,
        "name": card.name,
        "idNo": card.id_no,
        "birthday": card.birthday,
        "sex": card.sex,
        "dateIssue": None if virtual else card.issued,
        "identityStatus": card.identity_status,
    }


def logout(call: ConsoleCall) -> dict[str, Any]:
    """Log the health card out (N -> 0)."""
    call.world.session.log_out_hc()
    return {}


def has_pin(call: ConsoleCall) -> dict[str, Any]:
    """Tell whether the holder has set a PIN."""
    session = _pin_session(call)
    return {"hasPin": session.card.pin is not None}


def verify_pin(call: ConsoleCall) -> dict[str, Any]:
    """Verify the PIN of 4 to 6 digits; 1510, 1513, 1514. Three wrong ones in a row lock the card: always
    1514. On a reader with keys it is typed there; 1203.
    """
    pin = call.text("pin", PIN)
    session = _pin_session(call)
    require_placeholder(call, pin)
    card = session.card
    if card.pin is None:
        raise StatusError(Console.HC_HAS_NO_PIN)
    if session.pin_verified:
        raise StatusError(Console.HC_PIN_ALREADY_VERIFIED)
    if card.locked:
        raise StatusError(Console.HC_WRONG_PIN)
    if typed(call, pin, card.pin) != card.pin:
        card.wrong_pins += 1
        raise StatusError(Console.HC_WRONG_PIN)
    card.wrong_pins = 0
    session.pin_verified = True
    return {}


def set_pin(call: ConsoleCall) -> dict[str, Any]:
    """Set a PIN of 4 to 6 digits, on a reader with keys the one typed there; 1511 where the card has one that
    was not verified.
    """
    new_pin = call.text("newPin", PIN)
    session = _pin_session(call)
    # The seed asks for a verified PIN; a card without one has nothing to verify, and this is how its
    # first PIN is set.
    if session.card.pin is not None and not session.pin_verified:
        raise StatusError(Console.HC_PIN_NOT_VERIFIED)
    require_placeholder(call, new_pin)
    session.card.pin = typed(call, new_pin, NEW_PIN)
    session.pin_verified = True
    return {}


def remove_pin(call: ConsoleCall) -> dict[str, Any]:
    """Remove the PIN; 1510 without one, 1511 where it was not verified."""
    session = _pin_session(call)
    if session.card.pin is None:
        raise StatusError(Console.HC_HAS_NO_PIN)
    if not session.pin_verified:
        raise StatusError(Console.HC_PIN_NOT_VERIFIED)
    session.card.pin = None
    session.pin_verified = False
    return {}


def _pin_session(call: ConsoleCall) -> HcSession:
    session = call.world.session.require_hc()
    if session.virtual:
        raise StatusError(Console.NO_PIN_ON_VIRTUAL_CARD)
    session.fields_read = True
    return session


def signature(call: ConsoleCall) -> dict[str, Any]:
    """Sign for SAM and health card; ``serviceType`` has two characters."""
    service_type = call.text("serviceType", SERVICE_TYPE)
    sam = call.world.session.require_sam()
    session = call.world.session.require_hc()
    return _signed(call, "hc", service_type, _ids(sam, session.card), session)


def three_card_signature(call: ConsoleCall) -> dict[str, Any]:
    """Sign for SAM, practitioner and health card (三卡驗證簽章); the practitioner's PIN must be verified."""
    service_type = call.text("serviceType", SERVICE_TYPE)
    sam = call.world.session.require_sam()
    session = call.world.session.require_hc()
    hpc = call.world.session.require_verified_hpc().card
    session.with_hpc = True
    ids = _ids(sam, session.card)
    ids.update(hpcId=hpc.number, hpcIdNo=hpc.id_no)
    return _signed(call, "hpchc", service_type, ids, session, role=hpc.role)


def _ids(sam: Sam, card: HealthCard) -> dict[str, str]:
    return {
        "samId": sam.id,
        "hospitalId": sam.hospital_id,
        "hcId": card.number,
        "hcIdNo": card.id_no,
    }


def _signed(
    call: ConsoleCall, kind: str, service_type: str, ids: dict[str, str], session: HcSession, role: str = ""
) -> dict[str, Any]:
    issued = call.world.signatures.issue(
        kind, service_type, ids, pin_open=session.pin_open, qr_id=session.qr_id, role=role
    )
    return {
        "signature": issued.signature,
        "clientRandom": issued.client_random,
        "serviceType": service_type,
        **ids,
    }


def verify_virtual(call: ConsoleCall) -> dict[str, Any]:
    """Begin a virtual card's session from a QR string (0 -> 2); 1527 while a card is in use, 1520 to 1525
    for a bad code.
    """
    token = call.text("token")
    world = call.world
    world.session.require_no_hc()
    code = world.qr_codes.use(token)
    world.session.start_virtual_hc(world.cards[code.card_number], code.id, pin_open=code.pin_open)
    return {}


def read_virtual(call: ConsoleCall) -> dict[str, Any]:
    """Read the insured person from a QR string without beginning a session or counting a use."""
    token = call.text("token")
    call.world.session.require_sam()
    code = call.world.qr_codes.read(token)
    return _basic(call.world.cards[code.card_number], virtual=True)


def export_virtual(call: ConsoleCall) -> dict[str, Any]:
    """Give out a transfer code (轉移碼) and log the virtual card out at once (2 -> 0)."""
    world = call.world
    sam = world.session.require_sam()
    session = world.session.require_virtual_hc()
    token = world.transfers.export(session.qr_id or "", session.card.number, sam.hospital_id)
    world.session.log_out_hc()
    return {"transferToken": token}


def import_virtual(call: ConsoleCall) -> dict[str, Any]:
    """Begin a virtual card's session from a transfer code (0 -> 2); 1527, 1520, 1522, 1528 to 1531."""
    token = call.text("transferToken")
    world = call.world
    sam = world.session.require_sam()
    world.session.require_no_hc()
    transfer = world.transfers.take(token, sam.hospital_id)
    pin_open = world.qr_codes.pin_open(transfer.qr_id)
    world.session.start_virtual_hc(world.cards[transfer.card_number], transfer.qr_id, pin_open=pin_open)
    return {}


def update_real(call: ConsoleCall) -> dict[str, Any]:
    """Update the notes on a physical card, then log it out (2 -> 0); 1515 for a virtual card."""
    call.world.session.require_physical_hc()
    call.world.session.log_out_hc()
    return {}


ROUTES: list[ConsoleRoute] = [
    ("GET", "/api/hc/v1/Basic", basic),
    ("DELETE", "/api/hc/v1/Logout", logout),
    ("GET", "/api/hc/v1/Pin", has_pin),
    ("POST", "/api/hc/v1/Pin", verify_pin),
    ("PUT", "/api/hc/v1/Pin", set_pin),
    ("DELETE", "/api/hc/v1/Pin", remove_pin),
    ("POST", "/api/hc/v1/Signature/Hc", signature),
    ("POST", "/api/hc/v1/Signature/HpcHc", three_card_signature),
    ("POST", "/api/hc/v1/Verification/VirtualHc", verify_virtual),
    ("POST", "/api/hc/v1/VirtualHc/ReadBasic", read_virtual),
    ("POST", "/api/hc/v1/VirtualHc/Export", export_virtual),
    ("POST", "/api/hc/v1/VirtualHc/Import", import_virtual),
    ("POST", "/api/hc/v1/RealHc/Update", update_real),
]
