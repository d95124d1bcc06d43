"""Makes the cards and the stored records at the start of a simulation out of a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bridge.sim.cards import HealthCard, PractitionerCard, Sam
from bridge.sim.clock import ROC_OFFSET, TAIPEI, parse_roc_datetime, roc_date
from bridge.sim.errors import ScenarioError
from bridge.sim.records import (
    ALLERGY_SLOTS,
    CODE_NAMES,
    FEE_NAMES,
    CardRecord,
    ComingVisit,
    Elsewhere,
    Row,
    Visit,
    year_sums,
)
from bridge.sim.scenario.card import (
    CardEntry,
    DatedEntry,
    ElsewhereEntry,
    NextVisitEntry,
    OrderEntry,
    SeriesEntry,
    VisitContent,
    VisitEntry,
)
from bridge.sim.scenario.model import Scenario

CARD_KEYS = ("number", "name", "id_no", "birthday", "sex", "issued", "identity_status", "cancel_mark", "pin")
RECORD_KEYS = (
    "counter", "cancelled", "insurance_status", "insurer_code", "emergency_tel", "newborn_baby",
    "organ_donation", "visits_taken",
)  # fmt: skip


FACTS_OF_ELSEWHERE = (
    "valid_until", "counter", "cancelled", "insurance_status", "emergency_tel", "newborn_birthday",
    "newborn_baby", "organ_donation",
)  # fmt: skip
DATED = (
    "vaccinations", "preventive_care", "prenatal_checkups", "long_term_prescriptions", "important_treatments",
)  # fmt: skip


@dataclass
class Cast:
    """The start state: cards by number, records by health card number, and the cards that lie in the
    slots.
    """

    sams: list[Sam]
    practitioners: dict[str, PractitionerCard]
    cards: dict[str, HealthCard]
    records: dict[str, CardRecord]
    start_hc: str | None
    start_hpc: str | None


def build_cast(scenario: Scenario, now: datetime) -> Cast:
    """Everybody of a scenario, with relative days counted from ``now``. Raises ScenarioError where visits
    fall on the same moment, or a day lies outside the calendar.
    """
    records = {}
    for index, entry in enumerate(scenario.cards):
        try:
            records[entry.number] = _record(entry, now)
        except (ValueError, OverflowError) as error:
            raise ScenarioError([f"cards[{index}]: {error}"]) from None
    return Cast(
        sams=[Sam(**entry.model_dump()) for entry in scenario.sams],
        practitioners={each.number: PractitionerCard(**each.model_dump()) for each in scenario.practitioners},
        cards={entry.number: HealthCard(**entry.plain(*CARD_KEYS)) for entry in scenario.cards},
        records=records,
        start_hc=scenario.start.hc,
        start_hpc=scenario.start.hpc,
    )


def _record(entry: CardEntry, now: datetime) -> CardRecord:
    today = now.date()
    newborn = entry.newborn_birthday or ""
    if entry.newborn_days_ago is not None:
        newborn = _days_ago(entry.newborn_days_ago, today)
    record = CardRecord(
        valid_until=(
            entry.valid_until or "" if entry.valid_days is None else _days_ago(-entry.valid_days, today)
        ),
        insurer_id=entry.identity_status,
        newborn_birthday=newborn,
        allergic_medicines=_allergies(entry.allergic_medicines),
        critical_illnesses=[illness.model_dump() for illness in entry.critical_illnesses],
        treatment_numbers=dict(entry.treatment_numbers),
        next_visits=[_coming(each) for each in entry.next_visits],
        next_numbers=[(each.at, each.treatment_number) for each in entry.next_numbers],
        **entry.plain(*RECORD_KEYS),
    )
    _add_visits(record, entry, today)
    for name in DATED:
        setattr(record, name, _dated(getattr(entry, name), today))
    _add_totals(record, entry)
    if entry.elsewhere:
        coming = [_elsewhere(each, entry.number, now) for each in entry.elsewhere]
        record.elsewhere = sorted(coming, key=lambda each: each.at)
    return record


def _elsewhere(entry: ElsewhereEntry, card_number: str, now: datetime) -> Elsewhere:
    """What comes meanwhile. ``now``: the start."""
    today = now.date()
    at = (
        now + timedelta(minutes=entry.after_minutes or 0)
        if entry.at is None
        else parse_roc_datetime(entry.at)
    )
    visits = [_visit(each, card_number, today) for each in entry.visits]
    rows = {name: _dated(getattr(entry, name), today) for name in DATED if getattr(entry, name)}
    if entry.prescriptions:
        rows["prescriptions"] = _orders(entry.prescriptions, visits)
    if entry.critical_illnesses:
        rows["critical_illnesses"] = [illness.model_dump() for illness in entry.critical_illnesses]
    facts = {name: value for name in FACTS_OF_ELSEWHERE if (value := getattr(entry, name)) is not None}
    if entry.allergic_medicines is not None:
        facts["allergic_medicines"] = _allergies(entry.allergic_medicines)
    if entry.last_number is not None:
        facts["last_number"] = (entry.last_number.year, entry.last_number.sequence)
    return Elsewhere(
        at=at,
        facts=facts,
        visits=[(visit, _given(each)) for visit, each in zip(visits, entry.visits, strict=True)],
        rows=rows,
        totals={each.year: _whole_numbers(each.model_dump(exclude={"year"})) for each in entry.totals},
        fee_totals=_whole_numbers(entry.fee_totals.model_dump()) if entry.fee_totals is not None else {},
    )


def _given(entry: VisitEntry) -> tuple[str, ...]:
    """What is said of a visit beside its time."""
    return tuple(sorted(entry.model_fields_set - {"at", "days_ago", "time"}))


def _whole_numbers(texts: dict[str, str]) -> dict[str, int]:
    return {name: int(value) for name, value in texts.items()}


def _allergies(names: tuple[str, ...]) -> list[str]:
    return [*names, *[""] * (ALLERGY_SLOTS - len(names))]


def _coming(entry: NextVisitEntry) -> ComingVisit:
    moment = parse_roc_datetime(entry.at)
    return ComingVisit(moment, entry.sequence, entry.treatment_number, entry.same_day)


def _add_visits(record: CardRecord, entry: CardEntry, today: date) -> None:
    visits = [_visit(each, entry.number, today) for each in entry.visits]
    record.prescriptions += _orders(entry.prescriptions, visits)
    if entry.series is not None:
        for visit in _series(entry.series, entry.number, today):
            visits.append(visit)
            record.prescriptions.extend(_series_orders(entry.series.orders_per_visit, visit))
    if len({visit.at for visit in visits}) != len(visits):
        raise ValueError("visits: two at the same moment")
    record.visits = sorted(visits, key=lambda visit: visit.at, reverse=True)
    record.prescriptions.sort(key=lambda row: row["treatmentDateTime"], reverse=True)
    if entry.last_number is not None:
        record.last_number = (entry.last_number.year, entry.last_number.sequence)


def _dated(entries: tuple[DatedEntry, ...], today: date) -> list[Row]:
    rows = []
    for entry in entries:
        row: Row = {
            ("hospitalId" if name == "hospital_id" else name): value
            for name, value in entry.model_dump(exclude={"date", "days_ago"}).items()
            if value is not None
        }
        row["date"] = entry.date or "" if entry.days_ago is None else _days_ago(entry.days_ago, today)
        rows.append(row)
    return sorted(rows, key=lambda row: row["date"], reverse=True)


def _visit(entry: VisitEntry, card_number: str, today: date) -> Visit:
    if entry.at is not None:
        at, sequence = parse_roc_datetime(entry.at), ""
    else:
        days = entry.days_ago or 0
        at = _moment(days, entry.time or "", today)
        # Visits before 6.0 had four digits; the number of the day serves as one here.
        sequence = f"{days % 10000:04d}"
    made_up = f"{card_number[-7:]}{at:%y%m%d%H%M%S}0"
    return Visit(
        **_content(entry),
        at=at,
        sequence=sequence if entry.sequence is None else entry.sequence,
        treatment_number=made_up if entry.treatment_number is None else entry.treatment_number,
        baby=entry.baby,
        after_check=entry.after_check,
    )


def _series(entry: SeriesEntry, card_number: str, today: date) -> list[Visit]:
    visits = []
    for number in range(entry.count):
        days = entry.first_days_ago + number * entry.every_days
        at = _moment(days, entry.time, today)
        number_made_up = f"{card_number[-7:]}{at:%y%m%d%H%M%S}0"
        visits.append(
            Visit(
                **_content(entry),
                at=at,
                sequence=f"{days % 10000:04d}",
                treatment_number=number_made_up,
                after_check="1",
            )
        )
    return visits


def _content(entry: VisitContent) -> dict[str, Any]:
    codes = [*entry.codes, *[""] * (len(CODE_NAMES) - len(entry.codes))]
    return {
        "item": entry.item,
        "hospital_id": entry.hospital_id,
        "codes": dict(zip(CODE_NAMES, codes, strict=True)),
        "fees": dict(zip(FEE_NAMES, (str(int(fee)) for fee in entry.fees), strict=True)),
    }


def _orders(entries: tuple[OrderEntry, ...], visits: list[Visit]) -> list[Row]:
    """Orders, each of a moment or of one of these visits."""
    rows = []
    for order in entries:
        key = order.at if order.visit is None else visits[order.visit].key
        rows.append({"treatmentDateTime": key or "", **order.model_dump(exclude={"visit", "at"})})
    return rows


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


def _add_totals(record: CardRecord, entry: CardEntry) -> None:
    """What the totals hold beyond the visits listed, so that new visits add to them."""
    reported = {year.year: year.model_dump(exclude={"year"}) for year in entry.totals}
    record.reported_years = list(reported)
    for year in {*reported, *(visit.roc_year for visit in record.visits)} if reported else ():
        listed = year_sums(visit for visit in record.visits if visit.roc_year == year)
        given = reported.get(year, {})
        record.earlier_totals[year] = {name: int(given.get(name, 0)) - listed[name] for name in listed}
    if entry.fee_totals is not None:
        listed = year_sums(record.visits)
        record.earlier_fees = {
            name: int(value) - listed[name] for name, value in entry.fee_totals.model_dump().items()
        }


def _moment(days: int, time: str, today: date) -> datetime:
    return datetime.combine(_day(days, today), datetime.strptime(time, "%H%M%S").time(), tzinfo=TAIPEI)


def _days_ago(days: int, today: date) -> str:
    return roc_date(_day(days, today))


def _day(days: int, today: date) -> date:
    """So many days ago. Raises ValueError before the first year of the ROC calendar."""
    day = today - timedelta(days=days)
    if day.year <= ROC_OFFSET:
        raise ValueError(f"{days} days ago is before the first year of the calendar")
    return day
