"""Reads people.yaml: the cards and the stored records at the start of a simulation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Any

import yaml

from bridge.sim.cards import HealthCard, PractitionerCard, Sam
from bridge.sim.clock import TAIPEI, roc_date
from bridge.sim.records import ALLERGY_SLOTS, CODE_NAMES, FEE_NAMES, CardRecord, Row, Visit

CARD_KEYS = (
    "number",
    "name",
    "id_no",
    "birthday",
    "sex",
    "issued",
    "identity_status",
    "cancel_mark",
    "pin",
)
# The C loader is several times faster, but not in every build of PyYAML.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
RECORD_KEYS = (
    "counter",
    "cancelled",
    "insurance_status",
    "emergency_tel",
    "newborn_baby",
    "organ_donation",
    "critical_illnesses",
)


@dataclass
class Cast:
    """The start state: cards by number, records by health card number, and the cards that lie in the
    slots.
    """

    sams: list[Sam]
    practitioners: dict[str, PractitionerCard]
    cards: dict[str, HealthCard]
    records: dict[str, CardRecord]
    start_hc: str
    start_hpc: str


def load_cast(now: datetime) -> Cast:
    """Build the cast from the packaged people.yaml, with relative days counted from ``now``."""
    text = resources.files("bridge.sim").joinpath("people.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=LOADER)  # noqa: S506 - both loaders are safe ones
    return Cast(
        sams=[Sam(**entry) for entry in data["sams"]],
        practitioners={entry["number"]: PractitionerCard(**entry) for entry in data["practitioners"]},
        cards={entry["number"]: _card(entry) for entry in data["cards"]},
        records={entry["number"]: _record(entry, now.date()) for entry in data["cards"]},
        start_hc=data["start"]["hc"],
        start_hpc=data["start"]["hpc"],
    )


def _card(entry: dict[str, Any]) -> HealthCard:
    return HealthCard(**{key: entry[key] for key in CARD_KEYS if key in entry})


def _record(entry: dict[str, Any], today: date) -> CardRecord:
    record = CardRecord(
        valid_until=roc_date(today + timedelta(days=entry["valid_days"])),
        **{key: entry[key] for key in RECORD_KEYS if key in entry},
    )
    record.insurer_id = entry.get("identity_status", "3")
    if "newborn_days_ago" in entry:
        record.newborn_birthday = _days_ago(entry["newborn_days_ago"], today)
    names = entry.get("allergic_medicines", [])
    record.allergic_medicines = [*names, *[""] * (ALLERGY_SLOTS - len(names))]
    _add_visits(record, entry, today)
    _add_rows(record, entry, today)
    return record


def _add_visits(record: CardRecord, entry: dict[str, Any], today: date) -> None:
    visits = [_visit(each, entry["number"], today) for each in entry["visits"]]
    for order in entry.get("prescriptions", []):
        record.prescriptions.append(_order(order, visits[order["visit"]]))
    series = entry.get("series")
    if series is not None:
        for number in range(series["count"]):
            days = series["first_days_ago"] + number * series["every_days"]
            visit = _visit({**series, "days_ago": days}, entry["number"], today)
            visits.append(visit)
            record.prescriptions.extend(_series_orders(series["orders_per_visit"], visit))
    record.visits = sorted(visits, key=lambda visit: visit.at, reverse=True)
    record.prescriptions.sort(key=lambda row: row["treatmentDateTime"], reverse=True)


def _add_rows(record: CardRecord, entry: dict[str, Any], today: date) -> None:
    record.vaccinations = _dated(entry, "vaccinations", today)
    record.preventive_care = _dated(entry, "preventive_care", today)
    record.prenatal_checkups = _dated(entry, "prenatal_checkups", today)
    record.long_term_prescriptions = _dated(entry, "long_term_prescriptions", today)
    record.important_treatments = _dated(entry, "important_treatments", today)


def _dated(entry: dict[str, Any], group: str, today: date) -> list[Row]:
    rows = []
    for given in entry.get(group, []):
        row = {key: str(value) for key, value in given.items() if key not in ("days_ago", "hospital_id")}
        row["date"] = _days_ago(given["days_ago"], today)
        if "hospital_id" in given:
            row["hospitalId"] = given["hospital_id"]
        rows.append(row)
    return sorted(rows, key=lambda row: row["date"], reverse=True)


def _visit(given: dict[str, Any], card_number: str, today: date) -> Visit:
    day = today - timedelta(days=given["days_ago"])
    at = datetime.combine(day, datetime.strptime(given["time"], "%H%M%S").time(), tzinfo=TAIPEI)
    codes = [*given["codes"], *[""] * (len(CODE_NAMES) - len(given["codes"]))]
    return Visit(
        item=given["item"],
        at=at,
        hospital_id=given["hospital_id"],
        # Visits before 6.0 had four digits; the number of the day serves as one here.
        sequence=f"{given['days_ago'] % 10000:04d}",
        treatment_number=f"{card_number[-7:]}{at:%y%m%d}{given['time']}0",
        baby=given.get("baby", ""),
        after_check="1",
        codes=dict(zip(CODE_NAMES, codes, strict=True)),
        fees=dict(zip(FEE_NAMES, map(str, given["fees"]), strict=True)),
    )


def _order(given: dict[str, Any], visit: Visit) -> Row:
    row = {key: value for key, value in given.items() if key != "visit"}
    return {"treatmentDateTime": visit.key, **row}


def _series_orders(count: int, visit: Visit) -> list[Row]:
    return [
        {
            "treatmentDateTime": visit.key,
            "treatmentItem": "1",
            "treatmentItemCode": f"AC9000{number}100",
            "treatmentPosition": "",
            "usage": "QDPC",
            "days": "14",
            "totalQuantity": f"{14 * (number + 1)}.00",
            "deliveryNotes": "01",
        }
        for number in range(count)
    ]


def _days_ago(days: int, today: date) -> str:
    return roc_date(today - timedelta(days=days))
