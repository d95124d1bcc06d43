"""Test cards (虛擬健保卡測試卡): the insurer's test environment makes new virtual cards on request (seed
002).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bridge.sim.cards import HealthCard
from bridge.sim.clock import roc_date
from bridge.sim.cloud.call import TEST_CARD, CloudCall, CloudRoute
from bridge.sim.cloud.fields import matching, roc_day
from bridge.sim.codes import Cloud
from bridge.sim.errors import StatusError
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


def _id_no(sex: str, foreigner: bool, serial: int) -> str:
    """Make an identity number with a right check digit: second place 1 or 2, for foreigners 8 or 9."""
    kind = {"M": "1", "F": "2"} if not foreigner else {"M": "8", "F": "9"}
    digits = f"{kind[sex]}99998{serial:02d}"
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, range(8, 0, -1), strict=True))
    check = -(LETTER_Z // 10 + LETTER_Z % 10 * 9 + weighted) % 10
    return f"Z{digits}{check}"


def _boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


ROUTES = [
    CloudRoute(
        "/test/v1/ApplyVirtualHc/Apply",
        "sam",
        TEST_CARD,
        apply,
        {"sex": matching("[MF]", "M or F"), "birthday": roc_day, "isForeigner": _boolean},
    ),
]
