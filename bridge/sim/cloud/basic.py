"""Cloud paths about the person and the card: basic data, emergency telephone, card update, insurance,
newborn.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bridge.sim.clock import roc_date
from bridge.sim.cloud.call import CARD_UPDATE, READ, WRITE, CloudCall, CloudRoute
from bridge.sim.cloud.fields import matching, roc_day, text
from bridge.sim.codes import Cloud
from bridge.sim.errors import StatusError

RENEWED_DAYS = 365
FULL_COUNTER = 6


def query(call: CloudCall) -> dict[str, Any]:
    """Basic data that needs no PIN (讀取不需個人 PIN 碼之基本資料)."""
    return {**_person(call), "emergentTel": call.record.emergency_tel}


def register(call: CloudCall) -> dict[str, Any]:
    """Basic data for registration (掛號或報到時讀取基本資料)."""
    record = call.record
    return {
        **_person(call),
        "insurerCode": record.insurer_code,
        "insurerId": record.insurer_id,
        **register2(call),
        "newbornBirthday": record.newborn_birthday,
        "newbornBaby": record.newborn_baby,
    }


def register2(call: CloudCall) -> dict[str, Any]:
    """The card's validity (ROC yyyMMdd) and its visits left."""
    return {"cardValidity": call.record.valid_until, "treatmentCounter": str(call.record.counter)}


def _person(call: CloudCall) -> dict[str, str]:
    card = call.world.cards[call.issued.card_number]
    return {
        "cardSn": card.number,
        "name": card.name,
        "idCardNum": card.id_no,
        "birthday": card.birthday,
        "sex": card.sex,
        "dateIssue": card.issued,
        "cancelTermination": card.cancel_mark,
    }


def emergency_tel(call: CloudCall) -> dict[str, Any]:
    """The emergency telephone (緊急聯絡電話), empty when none is stored."""
    return {"tel": call.record.emergency_tel}


def write_emergency_tel(call: CloudCall) -> dict[str, Any]:
    """Store the emergency telephone."""
    call.record.emergency_tel = call.body["tel"]
    return {}


def update_card(call: CloudCall) -> dict[str, Any]:
    """Update the card (卡片更新): an expired card is valid a year more, its visits are refilled to 6;
    3203 when cancelled.
    """
    record = call.record
    if record.cancelled:
        raise StatusError(Cloud.CARD_CANCELLED)
    if record.valid_until < roc_date(call.now):
        record.valid_until = roc_date(call.now + timedelta(days=RENEWED_DAYS))
    record.counter = FULL_COUNTER
    return {}


def write_newborn(call: CloudCall) -> dict[str, Any]:
    """Store the birth of a newborn who is treated on the mother's card; 3216 for a man's card."""
    if call.world.cards[call.issued.card_number].sex != "F":
        raise StatusError(Cloud.NOT_FEMALE)
    call.record.newborn_birthday = call.body["birthday"]
    call.record.newborn_baby = call.body["baby"]
    return {}


def quick_insurance(call: CloudCall) -> dict[str, Any]:
    """Tell by the status code whether the person is insured (在保狀態查核)."""
    if call.record.insurance_status:
        raise StatusError(call.record.insurance_status)
    return {}


def organ_donation(call: CloudCall) -> dict[str, Any]:
    """The organ donation mark (同意器官捐贈及安寧緩和醫療註記), one character or empty."""
    return {"organDonate": call.record.organ_donation}


ROUTES = [
    CloudRoute("/api/v1/BasicData/Query", "hc", READ, query, pin_free=True),
    CloudRoute("/api/v1/BasicData/Register", "hc", READ, register),
    CloudRoute("/api/v1/BasicData/Register2", "hc", READ, register2),
    CloudRoute("/api/v1/EmergentTel/Query", "hc", READ, emergency_tel),
    CloudRoute("/api/v1/EmergentTel/Write", "hc", WRITE, write_emergency_tel, {"tel": text(0, 14)}),
    CloudRoute("/api/v1/HcContent/Update", "hc", CARD_UPDATE, update_card, pin_free=True),
    CloudRoute(
        "/api/v1/NewBorn/Write",
        "hc",
        WRITE,
        write_newborn,
        {"birthday": roc_day, "baby": matching("[1-9]", "one digit, the number of children")},
    ),
    CloudRoute("/api/v1/Insurance/Quick", "hc", READ, quick_insurance, pin_free=True),
    CloudRoute("/api/v1/OrganDonate/Query", "hc", READ, organ_donation),
]
