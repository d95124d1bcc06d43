"""What came to a card from elsewhere, as a scenario writes it (``elsewhere``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bridge.trace.worlds.cards import CardFile
from bridge.trace.worlds.lists import ListFile
from bridge.trace.worlds.row_entries import PLAIN_LISTS, sound, total_entry, visit_entry
from bridge.trace.worlds.rows import Row
from bridge.trace.worlds.told import Facts

MOST_COUNTER = 99


def events(file: CardFile, here: str, remarks: list[str], about: str) -> list[dict[str, Any]]:
    """All of it in the order of its moments; ``here`` is the hospital of the trace."""
    found: dict[str, dict[str, Any]] = {}
    if not file.presence.pauses:
        return []

    def at(moment: str) -> dict[str, Any]:
        return found.setdefault(moment, {"at": moment})

    for moment, facts in file.elsewhere.items():
        if facts:
            at(moment).update(_facts(facts))
    for name, rows in file.lists.items():
        for moment, listed in _by_moment(rows).items() if rows.moments or rows.fills else ():
            value = _rows(name, moment, listed, file, here, remarks, about)
            if value:
                at(moment)[name] = value
    return [found[moment] for moment in sorted(found)]


def whole_counter(reported: Any) -> int:
    """Visits left as a scenario takes them."""
    return min(max(int(reported), 0), MOST_COUNTER)


def last_number(told: Facts) -> dict[str, str]:
    """Year and number of the latest visit."""
    return {"year": told.get("year", "").zfill(3), "sequence": told.get("sequence", "")}


def _facts(facts: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in facts.items():
        match key:
            case "counter":
                yield key, whole_counter(value)
            case "last_number":
                yield key, last_number(value)
            case _:
                yield key, value


def _by_moment(rows: ListFile) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for moment, row in rows.coming():
        found.setdefault(moment, []).append(row)
    return found


def _rows(
    name: str, moment: str, rows: list[Row], file: CardFile, here: str, remarks: list[str], about: str
) -> list[Any]:
    """What a list has got at a moment."""
    match name:
        case "visits":
            return _visits(rows, file, here, remarks, about)
        case "totals":
            years = {row["year"]: total_entry(row) for row in rows if row.get("year", "0") != "0"}
            return list(years.values())
        case "allergic_medicines":
            return _names_by(file.lists[name], moment)
    return list(sound(name, rows, remarks, about)) if name in PLAIN_LISTS else []


def _visits(
    rows: list[Row], file: CardFile, here: str, remarks: list[str], about: str
) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        visit = found.setdefault(row["at"], {})
        visit |= visit_entry(row)
        if row["at"] in file.visits_named and row.keys() == {"at"}:
            visit["hospital_id"] = here
            remarks.append(f"{about}: a visit is written to that no record tells; its kind is unknown")
        if row["at"] in file.treatment_numbers and row["at"] not in file.taken:
            visit["treatment_number"] = file.treatment_numbers[row["at"]]
    return list(found.values())


def _names_by(rows: ListFile, moment: str) -> list[str]:
    """Three places are written at once: all names that are known by then."""
    moments = rows.moments or {}
    return [row["name"] for key, row in rows.rows.items() if moments.get(key, "") <= moment]
