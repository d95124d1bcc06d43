"""Test cards (虛擬健保卡測試卡): the insurer's test environment makes new virtual cards on request (seed
002).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bridge.sim.cards import HealthCard
from bridge.sim.clock import roc_date
from bridge.sim.cloud.call import TEST_CARD, CloudCall, CloudRoute
from bridge.sim.cloud.fields import CODE, DIGITS_12, Fields, matching, roc_day
from bridge.sim.codes import Cloud
from bridge.sim.errors import FieldError, StatusError
from bridge.sim.records import CardRecord

# "一家院所限申請 10 張測試卡" (seed 002).
MOST_TEST_CARDS = 10
FIRST_NUMBER = 900000000001
VALID_DAYS = 365
FULL_COUNTER = 6
LETTER_Z = 33


def apply(call: CloudCall) -> dict[str, Any]:
    """Make a new card for an invented person; the reply's fields (cardSn, idCardNum) are assumed. 3235
    after ten.
    """
    cards = call.world.cards
    count = sum(1 for number in cards if int(number) >= FIRST_NUMBER)
    if count >= MOST_TEST_CARDS:
        raise StatusError(Cloud.OTHER_REASON)
    sex, today = call.body["sex"], call.now
    card = HealthCard(
        number=f"{FIRST_NUMBER + count:012d}",
        name=f"測試卡{count + 1}",
        id_no=_id_no(sex, call.body["isForeigner"], count),
        birthday=call.body["birthday"],
        sex=sex,
        issued=roc_date(today),
    )
    cards[card.number] = card
    valid_until = roc_date(today + timedelta(days=VALID_DAYS))
    call.world.records[card.number] = CardRecord(valid_until, FULL_COUNTER)
    return {"cardSn": card.number, "idCardNum": card.id_no}


def qr_code(call: CloudCall) -> dict[str, Any]:
    """A QR code of a test card. ``hasPin`` without ``verifiedPin``: its records stay closed (3200)."""
    has_pin, verified = call.body["hasPin"], call.body["verifiedPin"]
    if verified and not has_pin:
        raise FieldError("verifiedPin", "needs hasPin")
    card = _test_card(call)
    return {"qrCode": call.world.qr_codes.issue(card.number, pin_open=verified or not has_pin)}


def critical_illness(call: CloudCall) -> dict[str, Any]:
    """Give a test card a critical illness, before those that it has."""
    row = {name: call.body[name] for name in ILLNESS}
    call.world.record(_test_card(call).number).critical_illnesses.insert(0, row)
    return {}


def identity(call: CloudCall) -> dict[str, Any]:
    """Give a test card its holder's identity mark."""
    card = _test_card(call)
    card.identity_status = call.body["identityStatus"]
    call.world.record(card.number).insurer_id = card.identity_status
    return {}


def organ_donation(call: CloudCall) -> dict[str, Any]:
    """Give a test card the mark of consent to organ donation and palliative care."""
    call.world.record(_test_card(call).number).organ_donation = call.body["organDonate"]
    return {}


def _test_card(call: CloudCall) -> HealthCard:
    """The card that is meant; HTTP 400 for one that is no test card, or a birthday that is not its."""
    number = call.body["cardSn"]
    card = call.world.cards.get(number)
    if card is None or int(number) < FIRST_NUMBER:
        raise FieldError("cardSn", "is no test card")
    if card.birthday != call.body["birthday"]:
        raise FieldError("birthday", "is not that of the card")
    return card


def _id_no(sex: str, foreigner: bool, serial: int) -> str:
    """Make an identity number with a right check digit: second place 1 or 2, for foreigners 8 or 9."""
    kind = {"M": "1", "F": "2"} if not foreigner else {"M": "8", "F": "9"}
    digits = f"{kind[sex]}99998{serial:02d}"
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, range(8, 0, -1), strict=True))
    check = -(LETTER_Z // 10 + LETTER_Z % 10 * 9 + weighted) % 10
    return f"Z{digits}{check}"


def _boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


# Only the application's path is a real client's; the others, and their names, are assumed (seed 002).
CARD: Fields = {"cardSn": DIGITS_12, "birthday": roc_day}
ILLNESS: Fields = {"ciCode": CODE, "validityStart": roc_day, "validityEnd": roc_day}
IDENTITY = matching("[12348]", "1, 2, 3, 4 or 8")

ROUTES = [
    CloudRoute(
        "/test/v1/ApplyVirtualHc/Apply",
        "sam",
        TEST_CARD,
        apply,
        {"sex": matching("[MF]", "M or F"), "birthday": roc_day, "isForeigner": _boolean},
    ),
    CloudRoute(
        "/test/v1/VirtualHc/QRCode",
        "sam",
        TEST_CARD,
        qr_code,
        {**CARD, "hasPin": _boolean, "verifiedPin": _boolean},
    ),
    CloudRoute("/test/v1/CriticalIllness/Write", "sam", TEST_CARD, critical_illness, {**CARD, **ILLNESS}),
    CloudRoute(
        "/test/v1/IdentityStatus/Write", "sam", TEST_CARD, identity, {**CARD, "identityStatus": IDENTITY}
    ),
    CloudRoute(
        "/test/v1/OrganDonate/Write",
        "sam",
        TEST_CARD,
        organ_donation,
        {**CARD, "organDonate": matching("[0-9A-Z]", "one digit or capital")},
    ),
]
