"""Rows of lists (visits, orders, totals) as a scenario writes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bridge.trace.worlds.cards import CODES, FEES
from bridge.trace.worlds.rows import Row

PLAIN_OF_VISIT = ("item", "baby", "at", "after_check", "sequence", "hospital_id")
PLAIN_LISTS = (
    "vaccinations", "preventive_care", "prenatal_checkups", "long_term_prescriptions", "important_treatments",
    "critical_illnesses", "prescriptions",
)  # fmt: skip
NEEDED = {
    "vaccinations": ("item", "date"),
    "preventive_care": ("serviceItem", "date"),
    "prenatal_checkups": ("date",),
    "long_term_prescriptions": ("drugCode", "date"),
    "important_treatments": ("itemCode", "date"),
    "prescriptions": ("at", "treatmentItem", "treatmentItemCode"),
}


def sound(name: str, rows: list[Row], remarks: list[str], about: str) -> Iterator[Row]:
    """Rows without keys that say nothing; those that lack what a row of this list needs are left out."""
    for row in rows:
        row = {key: value for key, value in row.items() if value or key in NEEDED.get(name, ())}
        if all(key in row for key in NEEDED.get(name, ())) and row.get("at") != "":
            yield row
        else:
            remarks.append(f"{about}: a row of {name} that makes no sense is left out")


def visit_entry(row: Row) -> dict[str, Any]:
    """A visit, as far as a row tells."""
    visit: dict[str, Any] = {key: row[key] for key in PLAIN_OF_VISIT if key in row}
    codes = [row.get(name, "") for name in CODES]
    while codes and not codes[-1]:
        codes.pop()
    if codes:
        visit["codes"] = codes
    if any(name in row for name in FEES):
        visit["fees"] = [row.get(name, "0") for name in FEES]
    return visit


def total_entry(row: Row) -> Row:
    """The totals of a year."""
    return {**row, "year": row["year"].zfill(3)}
