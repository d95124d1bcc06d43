"""The scenario entry of a health card, made of what a trace tells of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bridge.codec.dates import ROC_OFFSET
from bridge.trace.worlds.cards import CardFile, Taken
from bridge.trace.worlds.events import events, last_number, whole_counter
from bridge.trace.worlds.owners import Holders
from bridge.trace.worlds.row_entries import PLAIN_LISTS, sound, total_entry, visit_entry
from bridge.trace.worlds.rows import Row

PLAIN = (
    "issued", "identity_status", "insurer_code", "cancel_mark", "emergency_tel", "newborn_birthday",
    "newborn_baby", "organ_donation", "cancelled", "insurance_status",
)  # fmt: skip
FULL_COUNTER = 6
HC_PIN = "246810"  # the one that a simulated bridge types by itself


def card_entry(
    file: CardFile, clock: datetime, here: str, holders: Holders, remarks: list[str]
) -> dict[str, Any]:
    """The card as a scenario writes it; ``here`` is the hospital of the trace. Remarks are added about
    whatever the trace does not tell.
    """
    about = f"card {file.number[-4:]}"
    facts = file.facts
    missing: list[str] = []
    entry: dict[str, Any] = {
        "number": file.number,
        "name": facts.get("name") or _unknown("name", "不詳", missing),
        "id_no": facts.get("id_no") or _unknown("id_no", f"Z0{int(file.number) % 10**8:08d}", missing),
        "birthday": facts.get("birthday") or _unknown("birthday", "", missing),
        "sex": _sex(facts, missing),
    }
    if file.number in holders.made_up:
        missing.append(f"number (made up: {file.number})")
    entry |= {key: facts[key] for key in PLAIN if facts.get(key) not in (None, "")}
    if facts.get("has_pin"):
        entry["pin"] = HC_PIN
    entry |= _validity(facts, clock, missing)
    entry["counter"] = _counter(file, missing)
    numbers = [int(row["sequence"][1:]) for row in _rows_of(file, "visits") if _is_w(row.get("sequence", ""))]
    if numbers:
        entry["visits_taken"] = max(numbers)
    entry |= _lists(file, remarks, about, here)
    entry |= _answers(file)
    if file.short is not None:
        taken = "a visit number is taken with none left; when the card got more is not told"
        remarks.append(f"{about}: call {file.short.number} {taken}")
    elsewhere = events(file, here, remarks, about)
    if elsewhere:
        entry["elsewhere"] = elsewhere
    if missing:
        remarks.append(f"{about}: not in the trace: {', '.join(missing)}")
    remarks += [f"{about}: call {remark.number} {remark.text}" for remark in file.remarks]
    return entry


def _unknown(name: str, value: str, missing: list[str]) -> str:
    missing.append(name)
    return value


def _sex(facts: dict[str, Any], missing: list[str]) -> str:
    if facts.get("sex") in ("M", "F"):
        return str(facts["sex"])
    digit = str(facts.get("id_no", ""))[1:2]
    return "M" if digit in ("1", "8") else "F" if digit else _unknown("sex", "F", missing)


def _validity(facts: dict[str, Any], clock: datetime, missing: list[str]) -> dict[str, Any]:
    if facts.get("valid_until"):
        return {"valid_until": facts["valid_until"]}
    days = facts.get("valid_days")
    if days is None:
        missing.append("validity")
    return {"valid_until": _roc_day(clock + timedelta(days=365 if days is None else days))}


def _counter(file: CardFile, missing: list[str]) -> int:
    reported = file.facts.get("counter")
    if reported is None:
        missing.append("visits left")
        reported = max(FULL_COUNTER, file.used_numbers)
    return whole_counter(reported)


def _lists(file: CardFile, remarks: list[str], about: str, here: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    visits = _visits(file, remarks, about, here)
    if visits:
        found["visits"] = visits
    for name in PLAIN_LISTS:
        rows = _rows_of(file, name)
        if rows:
            found[name] = list(sound(name, rows, remarks, about))
    names = [row["name"] for row in _rows_of(file, "allergic_medicines")]
    if names:
        found["allergic_medicines"] = names
    totals = [row for row in _rows_of(file, "totals") if row.get("year", "0") != "0"]
    if totals:
        found["totals"] = [total_entry(row) for row in totals]
    return found


def _is_w(sequence: str) -> bool:
    return len(sequence) == 4 and sequence[0] == "W" and sequence[1:].isdigit()


def _rows_of(file: CardFile, name: str) -> list[Row]:
    return file.lists[name].at_start() if name in file.lists else []


def _visits(file: CardFile, remarks: list[str], about: str, here: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in _rows_of(file, "visits"):
        at = row.get("at", "")
        if not at or at in found:
            remarks.append(f"{about}: a visit without a moment of its own is left out")
            continue
        found[at] = visit_entry(row)
    come = file.lists["visits"].moments or {} if "visits" in file.lists else {}
    for at in [*file.visits_named, *file.treatment_numbers]:
        if at not in found and at not in file.taken and (at, 1) not in come:
            found[at] = {"at": at, "hospital_id": here, **({"item": "01"} if at in file.given_back else {})}
            remarks.append(f"{about}: a visit is written to that no record tells; its kind is unknown")
    for at, number in file.treatment_numbers.items():
        if at in found:
            found[at]["treatment_number"] = number
    return list(found.values())


def _answers(file: CardFile) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if file.last_number:
        found["last_number"] = last_number(file.last_number)
    if file.fee_totals:
        found["fee_totals"] = file.fee_totals
    if file.taken:
        found["next_visits"] = [_next_visit(file, at, taken) for at, taken in file.taken.items()]
    if file.numbers:
        found["next_numbers"] = list(file.numbers)
    return found


def _next_visit(file: CardFile, at: str, taken: Taken) -> dict[str, Any]:
    """What was answered to a visit number taken, and the visit's treatment number where it was asked for
    apart.
    """
    apart = file.treatment_numbers.get(at)
    visit: dict[str, Any] = {} if apart is None else {"treatment_number": apart}
    visit |= {"at": at, "sequence": taken.sequence}
    if taken.treatment_number:
        visit["treatment_number"] = taken.treatment_number
    if taken.same_day is not None:
        visit["same_day"] = taken.same_day
    return visit


def _roc_day(moment: datetime) -> str:
    return f"{moment.year - ROC_OFFSET:03d}{moment:%m%d}"
