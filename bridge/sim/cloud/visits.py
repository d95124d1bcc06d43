"""Cloud paths about visit numbers (就醫序號) and visit identifiers (就醫識別碼)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from bridge.sim.clock import parse_roc_date, roc_date, roc_datetime
from bridge.sim.cloud.call import READ, VISITS, CloudCall, CloudRoute
from bridge.sim.cloud.fields import ID_NO, MARK, TREATMENT_ITEM, VISIT_KEY
from bridge.sim.codes import Cloud
from bridge.sim.errors import FieldError, StatusError
from bridge.sim.records import CardRecord, ComingVisit, Visit

NEWBORN_DAYS = 60
ROLLBACK_LIMIT = timedelta(hours=24)
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DECIMAL_SEQUENCES = 999


def next_number(call: CloudCall) -> dict[str, Any]:
    """Take a visit number.

    Refuses: cancelled 3203, expired 3201, not insured (3228 and on), no visits left 3213 (numeric items
    only), newborn 3206 and 3207, a QR code that already has a visit 3244. ``signature`` is 256
    hexadecimal characters.
    """
    record = call.record
    item: str = call.body["treatmentItem"]
    baby: str = call.body["babyTreatment"].strip()
    _check_card(call, numeric=item.isdigit())
    _check_newborn(record, baby, call.now)
    _check_qr(call)
    coming = _coming(record, call.now)
    same_day = _has_numeric_visit_today(call) if coming.same_day is None else coming.same_day
    number = coming.treatment_number
    visit = Visit(
        item=item,
        at=coming.at,
        hospital_id=call.hospital_id,
        sequence=coming.sequence,
        treatment_number=new_treatment_number() if number is None else number,
        baby=baby,
        after_check=call.body["afterCheck"].strip(),
        taken_here=True,
    )
    record.visits_taken += 1
    record.last_number = None
    record.counter -= 1 if visit.numeric else 0
    record.add_visit(visit)
    if call.issued.qr_id is not None:
        record.qr_with_visit.append(call.issued.qr_id)
    return _visit_reply(call, visit, same_day)


def _visit_reply(call: CloudCall, visit: Visit, same_day: bool) -> dict[str, Any]:
    sam_id = call.issued.ids["samId"]
    signed = "|".join((call.issued.card_number, visit.key, visit.sequence, visit.hospital_id, sam_id))
    return {
        "treatmentDateTime": visit.key,
        "sequenceNumber": visit.sequence,
        "hospitalId": visit.hospital_id,
        "signature": call.world.signatures.sign_visit(signed),
        "samId": sam_id,
        "isSameDay": same_day,
        "treatmentNumber": visit.treatment_number,
    }


def _check_card(call: CloudCall, *, numeric: bool) -> None:
    record = call.record
    if record.cancelled:
        raise StatusError(Cloud.CARD_CANCELLED)
    if record.valid_until < roc_date(call.now):
        raise StatusError(Cloud.CARD_EXPIRED)
    if record.insurance_status:
        raise StatusError(record.insurance_status)
    if numeric and record.counter < 1:
        raise StatusError(Cloud.NO_VISITS_LEFT)


def _check_newborn(record: CardRecord, baby: str, now: datetime) -> None:
    if not baby:
        return
    if not record.newborn_birthday:
        raise StatusError(Cloud.NO_NEWBORN)
    if (now.date() - parse_roc_date(record.newborn_birthday)).days > NEWBORN_DAYS:
        raise StatusError(Cloud.NEWBORN_TOO_OLD)


def _check_qr(call: CloudCall) -> None:
    if call.world.switches.one_visit_per_qr and call.issued.qr_id in call.record.qr_with_visit:
        raise StatusError(Cloud.QR_HAS_VISIT)


def _has_numeric_visit_today(call: CloudCall) -> bool:
    return any(
        visit.numeric and visit.hospital_id == call.hospital_id and visit.at.date() == call.now.date()
        for visit in call.record.current_visits()
    )


def _coming(record: CardRecord, now: datetime) -> ComingVisit:
    """When the visit is and which number it gets: what the scenario says, else what comes next."""
    while record.next_visits:
        coming = record.next_visits.pop(0)
        if record.find_visit(roc_datetime(coming.at)) is None:
            return coming
    return ComingVisit(_free_time(record, now), _sequence(record.visits_taken + 1))


def _free_time(record: CardRecord, now: datetime) -> datetime:
    """Return now in whole seconds, or one second after the card's last visit: the time names the visit
    later.
    """
    moment = now.replace(microsecond=0)
    if record.visits and record.visits[0].at >= moment:
        moment = record.visits[0].at + timedelta(seconds=1)
    return moment


def _sequence(number: int) -> str:
    """Write a visit sequence: W001 to W999, then W and three base-36 digits from A00 on."""
    if number <= DECIMAL_SEQUENCES:
        return f"W{number:03d}"
    value = 10 * 36 * 36 + number - DECIMAL_SEQUENCES - 1
    return "W" + ALPHABET[value // 1296] + ALPHABET[value // 36 % 36] + ALPHABET[value % 36]


def new_treatment_number() -> str:
    """Make a visit identifier: 20 capitals or digits that nobody can guess."""
    number, characters = secrets.randbelow(len(ALPHABET) ** 20), []
    for _ in range(20):
        number, character = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[character])
    return "".join(characters)


def roll_back(call: CloudCall) -> dict[str, Any]:
    """Give a visit number back (退掛); 3208, 3220, 3211, 3218, 3219. The visit is no longer listed."""
    record = call.record
    visit = record.find_visit(call.body["treatmentDateTime"])
    if visit is None:
        raise StatusError(Cloud.NO_SUCH_VISIT)
    if visit.rolled_back:
        raise StatusError(Cloud.ROLLED_BACK_ALREADY)
    if visit.hospital_id != call.hospital_id:
        raise StatusError(Cloud.OTHER_HOSPITAL)
    if call.now - visit.at > ROLLBACK_LIMIT:
        raise StatusError(Cloud.ROLLBACK_TOO_LATE)
    if not visit.numeric:
        raise StatusError(Cloud.ROLLBACK_NOT_NUMERIC)
    visit.rolled_back = True
    record.last_number = None
    record.counter += 1
    return {}


def last_number(call: CloudCall) -> dict[str, Any]:
    """The ROC year (3 digits) and sequence of the newest visit; both empty when there is none."""
    visits, reported = call.record.current_visits(), call.record.last_number
    newest = (visits[0].roc_year, visits[0].sequence) if visits else ("", "")
    year, sequence = newest if reported is None else reported
    return {"year": year, "sequenceNumber": sequence}


def number_with_card(call: CloudCall) -> dict[str, Any]:
    """The visit identifier alone (單獨取得就醫識別碼): that of the visit at that time, or a new one that
    stays the same.
    """
    key: str = call.body["treatmentDateTime"]
    visit = call.record.find_visit(key)
    if visit is not None:
        return {"treatmentNumber": visit.treatment_number}
    number = call.record.treatment_numbers.setdefault(key, new_treatment_number())
    return {"treatmentNumber": number}


def number_without_card(call: CloudCall) -> dict[str, Any]:
    """A visit identifier by the patient's identity number (異常時取得就醫識別碼); HTTP 400 for an unknown
    person.
    """
    card = call.world.find_person(call.body["patientId"])
    if card is None:
        raise FieldError("patientId", "is nobody the insurer knows")
    record = call.world.record(card.number)
    coming = record.next_numbers.pop(0) if record.next_numbers else (roc_datetime(call.now), "")
    key = coming[0]
    number = record.treatment_numbers.setdefault(key, coming[1] or new_treatment_number())
    return {"treatmentDateTime": key, "hospitalId": call.hospital_id, "treatmentNumber": number}


ROUTES = [
    CloudRoute(
        "/api/v1/SequelNumber/Next",
        "hc",
        VISITS,
        next_number,
        {"treatmentItem": TREATMENT_ITEM, "babyTreatment": MARK, "afterCheck": MARK},
    ),
    CloudRoute("/api/v1/SequelNumber/Rollback", "hc", VISITS, roll_back, VISIT_KEY),
    CloudRoute("/api/v1/SequelNumber/Last", "hc", READ, last_number),
    CloudRoute("/api/v1/TreatmentNumber/Card", "hc", VISITS, number_with_card, VISIT_KEY),
    CloudRoute("/api/v1/TreatmentNumber/NoCard", "sam", VISITS, number_without_card, {"patientId": ID_NO}),
]
