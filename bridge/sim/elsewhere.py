"""What happens elsewhere to a card: the cloud has it when its moment has come."""

from __future__ import annotations

from datetime import datetime

from bridge.sim.records import CardRecord, Elsewhere, Visit, year_sums

DAY_OF = {"prescriptions": "treatmentDateTime"}  # by which rows are in order; of other lists their date


def bring(record: CardRecord, now: datetime) -> None:
    """Store all that has come by now."""
    while record.elsewhere and record.elsewhere[0].at <= now:
        _store(record, record.elsewhere.pop(0))


def _store(record: CardRecord, news: Elsewhere) -> None:
    for visit, given in news.visits:
        _store_visit(record, visit, given)
    for name, value in news.facts.items():
        setattr(record, name, value)
    for name, rows in news.rows.items():
        day = DAY_OF.get(name, "date")
        # sorting leaves rows of one day as they stand: those that came last first
        setattr(
            record,
            name,
            sorted([*rows, *getattr(record, name)], key=lambda row: row.get(day, ""), reverse=True),
        )
    for year, totals in news.totals.items():
        listed = year_sums(visit for visit in record.current_visits() if visit.roc_year == year)
        record.earlier_totals[year] = {name: totals[name] - listed[name] for name in listed}
        if year not in record.reported_years:
            record.reported_years.append(year)
    if news.fee_totals:
        listed = year_sums(record.current_visits())
        record.earlier_fees = {name: value - listed[name] for name, value in news.fee_totals.items()}


def _store_visit(record: CardRecord, visit: Visit, given: tuple[str, ...]) -> None:
    known = record.find_visit(visit.key)
    if known is None:
        record.add_visit(visit)
        record.last_number = None
        record.visits_taken += visit.sequence.startswith("W")
        return
    for name in given:
        setattr(known, name, getattr(visit, name))
