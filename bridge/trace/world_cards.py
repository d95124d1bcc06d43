"""What a trace tells of one health card, gathered call by call, and the scenario entry made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bridge.codec.dates import ROC_OFFSET
from bridge.trace.card_moves import Holders
from bridge.trace.world_sights import Row, SeenRows, Sight, facts_of, moment

CODES = ("mainCode", "subCode1", "subCode2", "subCode3", "subCode4", "subCode5")
FEES = ("outpatientFee", "costFee", "inpatientFee", "inpatient30Fee", "inpatient180Fee")
PLAIN_OF_VISIT = ("item", "baby", "at", "after_check", "sequence", "hospital_id")
OF_VISIT = {"codes": ("after_check", *CODES), "fees": FEES}
PLAIN = (
    "issued", "identity_status", "insurer_code", "cancel_mark", "emergency_tel", "newborn_birthday",
    "newborn_baby", "organ_donation", "cancelled", "insurance_status",
)  # fmt: skip
PLAIN_LISTS = (
    "vaccinations", "preventive_care", "prenatal_checkups", "long_term_prescriptions", "important_treatments",
    "critical_illnesses", "prescriptions",
)  # fmt: skip
NEEDED = {
    "vaccinations": ("item", "date"), "preventive_care": ("serviceItem", "date"),
    "prenatal_checkups": ("date",), "long_term_prescriptions": ("drugCode", "date"),
    "important_treatments": ("itemCode", "date"),
    "prescriptions": ("at", "treatmentItem", "treatmentItemCode"),
}  # fmt: skip
MOST_COUNTER = 99
FULL_COUNTER = 6
HC_PIN = "246810"  # the one that a simulated bridge types by itself


@dataclass(slots=True)
class ListFile:
    """A list as it was before the trace. ``own``: rows that the trace's own calls have added since."""

    rows: dict[tuple[Any, ...], Row] = field(default_factory=dict)
    complete: bool = False
    closed: bool = False
    own: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class CardFile:
    """What is known of a card."""

    number: str
    facts: dict[str, Any] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    lists: dict[str, ListFile] = field(default_factory=dict)
    taken: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[dict[str, str]] = field(default_factory=list)
    treatment_numbers: dict[str, str] = field(default_factory=dict)
    visits_changed: dict[str, set[str]] = field(default_factory=dict)
    visits_named: list[str] = field(default_factory=list)
    last_number: dict[str, str] = field(default_factory=dict)
    fee_totals: dict[str, str] = field(default_factory=dict)
    given_back: set[str] = field(default_factory=set)
    used_numbers: int = 0
    used_in_year: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    def take(self, sight: Sight, rows: Iterable[SeenRows], where: str) -> None:
        """Add what a call and the rows of its records tell, then note what it changed."""
        for key, value in facts_of(sight, "card").items():
            self._fact(key, value, where)
        if sight.person is not None:
            for key, value in zip(("id_no", "birthday"), sight.person, strict=True):
                self._fact(key, value, where)
        if sight.rule.patient is not None and sight.ok:
            self._fact("id_no", sight.text(sight.rule.patient), where)
        for seen in rows:
            self._rows(seen, where)
        self._numbers(sight)
        if sight.ok:
            self._changes(sight)

    # --- facts

    def _fact(self, key: str, value: Any, where: str) -> None:
        if key in self.changed or key == "number":
            return
        if key == "valid_until" and "valid_days" in self.facts:
            return  # it had expired, and was updated since
        if key == "counter":
            value = int(value) + self.used_numbers
        if key not in self.facts:
            self.facts[key] = value
        elif self.facts[key] != value and value != "":
            self.remarks.append(f"{where}: {key} is another than before, without a write: the first is kept")

    # --- rows

    def _rows(self, seen: SeenRows, where: str) -> None:
        file = self.lists.setdefault(seen.name, ListFile())
        if file.closed or seen.name in self.changed:
            return
        foreign = 0
        for key, row in _keyed(self._without_own(seen, file), seen.key):
            known = file.rows.get(key)
            if known is not None:
                self._merge(seen.name, known, row, where)
            elif file.complete:
                foreign += 1
            else:
                file.rows[key] = self._as_before(seen.name, row)
        if foreign:
            self.remarks.append(f"{where}: {foreign} row(s) of {seen.name} that nobody here wrote: left out")
        file.complete = file.complete or seen.complete

    def _without_own(self, seen: SeenRows, file: ListFile) -> list[Row]:
        rows = list(seen.rows)
        if seen.name == "visits":
            taken = {visit["at"] for visit in self.taken}
            return [row for row in rows if row.get("at") not in taken]
        for own in file.own:
            found = next((row for row in rows if all(row.get(k) == v for k, v in own.items())), None)
            if found is not None:
                rows.remove(found)
        return rows

    def _as_before(self, name: str, row: Row) -> Row:
        """A visit's diagnoses and fees that the trace wrote itself are not put in beforehand, nor are the
        numbers that it took counted.
        """
        if name == "totals" and row.get("counter"):
            used = self.used_in_year[row.get("year", "").zfill(3)]
            return {**row, "counter": str(max(int(row["counter"]) - used, 0))}
        if name != "visits":
            return row
        changed = self.visits_changed.get(row.get("at", ""), set())
        return {key: value for key, value in row.items() if key not in changed}

    def _merge(self, name: str, known: Row, row: Row, where: str) -> None:
        for key, value in self._as_before(name, row).items():
            if key not in known:
                known[key] = value
            elif known[key] != value:
                self.remarks.append(f"{where}: {name}: {key} is another than before: the first is kept")

    # --- numbers and changes

    def _numbers(self, sight: Sight) -> None:
        taken = facts_of(sight, "next_visit")
        if taken.get("at"):
            visit = {"at": taken["at"], "sequence": taken.get("sequence", "")}
            if not visit["sequence"]:
                visit["sequence"] = f"W{len(self.taken) + 1:03d}"
            if taken.get("treatment_number"):
                visit["treatment_number"] = taken["treatment_number"]
            if "same_day" in taken:
                visit["same_day"] = taken["same_day"] == "Y"
            self.taken.append({**visit, "item": sight.text(sight.rule.takes)})
        number = facts_of(sight, "next_number")
        if number.get("at"):
            self.numbers.append({"at": number["at"], "treatment_number": number.get("treatment_number", "")})
        told = facts_of(sight, "treatment_number").get("number")
        key = moment(sight.text(sight.rule.names_visit))
        if told and key:
            self.treatment_numbers.setdefault(key, told)
        for name in ("last_number", "fee_totals"):
            facts = facts_of(sight, name)
            if facts and name not in self.changed and not getattr(self, name):
                setattr(self, name, dict(facts))

    def _changes(self, sight: Sight) -> None:
        item = sight.text(sight.rule.takes)
        if facts_of(sight, "next_visit"):
            self._count(self.taken[-1]["at"] if self.taken else "", item.isdigit())
        if sight.rule.gives_back:
            self.given_back.add(moment(sight.text(sight.rule.visit)))
            self._count(moment(sight.text(sight.rule.visit)), -1)
        visit = moment(sight.text(sight.rule.visit))
        if visit and visit not in self.visits_named:
            self.visits_named.append(visit)
        for what, rows in sight.written:
            if what in OF_VISIT:
                self.visits_changed.setdefault(visit, set()).update(OF_VISIT[what])
            elif rows is not None:
                self.lists.setdefault(what, ListFile()).own.extend(rows)
            elif what != "counter" or not (sight.rule.takes or sight.rule.gives_back):
                self.changed.add(what)

    def _count(self, visit: str, used: int) -> None:
        """Numbers taken (-1: given back) since the start, altogether and in the year of the visit."""
        self.used_numbers += used
        self.used_in_year[visit[:3]] += used


def _keyed(rows: list[Row], names: tuple[str, ...]) -> Iterator[tuple[tuple[Any, ...], Row]]:
    """Rows with what tells them from others; of equal ones also which one it is."""
    seen: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        key = tuple(row.get(name, "") for name in names or row)
        seen[key] += 1
        yield (*key, seen[key]), row


# --- the entry of a scenario --------------------------------------------------------------------------------


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
    if missing:
        remarks.append(f"{about}: not told by the trace: {', '.join(missing)}")
    remarks += [f"{about}: {remark}" for remark in file.remarks]
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
    told = file.facts.get("counter")
    if told is None:
        missing.append("visits left")
        told = max(FULL_COUNTER, file.used_numbers)
    return min(max(int(told), 0), MOST_COUNTER)


def _lists(file: CardFile, remarks: list[str], about: str, here: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    visits = _visits(file, remarks, about, here)
    if visits:
        found["visits"] = visits
    for name in PLAIN_LISTS:
        rows = list(file.lists[name].rows.values()) if name in file.lists else []
        if rows:
            found[name] = list(_sound(name, rows, remarks, about))
    names = [row["name"] for row in _rows_of(file, "allergic_medicines")]
    if names:
        found["allergic_medicines"] = names
    totals = [row for row in _rows_of(file, "totals") if row.get("year", "0") != "0"]
    if totals:
        found["totals"] = [{**row, "year": row["year"].zfill(3)} for row in totals]
    return found


def _is_w(sequence: str) -> bool:
    return len(sequence) == 4 and sequence[0] == "W" and sequence[1:].isdigit()


def _rows_of(file: CardFile, name: str) -> list[Row]:
    return list(file.lists[name].rows.values()) if name in file.lists else []


def _sound(name: str, rows: list[Row], remarks: list[str], about: str) -> Iterator[Row]:
    """Rows without keys that say nothing; those that lack what a row of this list needs are left out."""
    for row in rows:
        row = {key: value for key, value in row.items() if value or key in NEEDED.get(name, ())}
        if all(key in row for key in NEEDED.get(name, ())) and row.get("at") != "":
            yield row
        else:
            remarks.append(f"{about}: a row of {name} that makes no sense is left out")


def _visits(file: CardFile, remarks: list[str], about: str, here: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in _rows_of(file, "visits"):
        at = row.get("at", "")
        if not at or at in found:
            remarks.append(f"{about}: a visit without a moment of its own is left out")
            continue
        found[at] = _visit(row)
    own = {visit["at"] for visit in file.taken}
    for at in [*file.visits_named, *file.treatment_numbers]:
        if at not in found and at not in own:
            found[at] = {"at": at, "hospital_id": here, **({"item": "01"} if at in file.given_back else {})}
            remarks.append(f"{about}: a visit is written to that no record tells; its kind is unknown")
    for at, number in file.treatment_numbers.items():
        if at in found:
            found[at]["treatment_number"] = number
    return list(found.values())


def _visit(row: Row) -> dict[str, Any]:
    visit: dict[str, Any] = {
        key: row[key]
        for key in ("item", "baby", "at", "after_check", "sequence", "hospital_id")
        if key in row
    }
    codes = [row.get(name, "") for name in CODES]
    while codes and not codes[-1]:
        codes.pop()
    if codes:
        visit["codes"] = codes
    if any(name in row for name in FEES):
        visit["fees"] = [row.get(name, "0") for name in FEES]
    return visit


def _answers(file: CardFile) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if file.last_number:
        year, sequence = (file.last_number.get(key, "") for key in ("year", "sequence"))
        found["last_number"] = {"year": year.zfill(3), "sequence": sequence}
    if file.fee_totals:
        found["fee_totals"] = file.fee_totals
    own = {visit["at"] for visit in file.taken}
    loose = {at: number for at, number in file.treatment_numbers.items() if at in own}
    if loose:
        found["treatment_numbers"] = loose
    if file.taken:
        found["next_visits"] = [{k: v for k, v in visit.items() if k != "item"} for visit in file.taken]
    if file.numbers:
        found["next_numbers"] = file.numbers
    return found


def _roc_day(moment: datetime) -> str:
    return f"{moment.year - ROC_OFFSET:03d}{moment:%m%d}"
