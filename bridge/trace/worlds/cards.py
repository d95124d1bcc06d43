"""What a trace tells of one health card, gathered call by call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bridge.calls.conditions import longer_than_5, squeezed
from bridge.trace.worlds.observations import Observation, Row, facts_of
from bridge.trace.worlds.rows import SeenRows
from bridge.trace.worlds.values import moment, roc_day

CODES = ("mainCode", "subCode1", "subCode2", "subCode3", "subCode4", "subCode5")
ILLNESS = "ciCode"
FEES = ("outpatientFee", "costFee", "inpatientFee", "inpatient30Fee", "inpatient180Fee")
OF_VISIT = {"codes": ("after_check", *CODES), "fees": FEES}


@dataclass(slots=True)
class ListFile:
    """A list as it was before the trace. ``own``: rows that the trace's own calls have added since."""

    rows: dict[tuple[Any, ...], Row] = field(default_factory=dict)
    complete: bool = False
    own: Counter[tuple[tuple[str, str], ...]] = field(default_factory=Counter)

    def add_own(self, rows: list[Row]) -> None:
        """Note rows that the trace has written: what its calls say of them."""
        self.own.update(tuple(row.items()) for row in rows)

    def without_own(self, rows: list[Row]) -> list[Row]:
        """Rows less those that the trace has written, the newest first."""
        forms = {tuple(name for name, _ in own) for own in self.own}
        left, used = [], Counter[tuple[tuple[str, str], ...]]()
        for row in rows:
            said = (tuple((name, row.get(name, "")) for name in form) for form in forms)
            found = next((own for own in said if used[own] < self.own[own]), None)
            if found is None:
                left.append(row)
            else:
                used[found] += 1
        return left


@dataclass(slots=True)
class CardFile:
    """What is known of a card. ``taken``: numbers taken, by the moment of the visit."""

    number: str
    facts: dict[str, Any] = field(default_factory=dict)
    weak: frozenset[str] = frozenset()
    today: str = ""
    icd: dict[str, str] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    lists: dict[str, ListFile] = field(default_factory=dict)
    taken: dict[str, dict[str, Any]] = field(default_factory=dict)
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

    def take(self, observation: Observation, rows: Iterable[SeenRows], where: str) -> None:
        """Add what a call and the rows of its records tell, then note what it changed."""
        self.today = roc_day(observation.call.at)
        for key, value in facts_of(observation, "card").items():
            self._fact(key, value, where, weak=key in observation.weak)
        if observation.person is not None:
            for key, value in zip(("id_no", "birthday"), observation.person, strict=True):
                self._fact(key, value, where)
        if observation.rule.patient is not None and observation.ok:
            self._fact("id_no", observation.text(observation.rule.patient), where)
        for seen in rows:
            self._rows(seen, where)
        self._numbers(observation)
        if observation.ok:
            self._changes(observation)

    # --- facts

    def _fact(self, key: str, value: Any, where: str, *, weak: bool = False) -> None:
        if key in self.changed or key == "number" or (weak and key in self.facts):
            return
        if key == "valid_until" and "valid_days" in self.facts and value >= self.today:
            return  # it had expired, and was updated since
        if key == "counter":
            value = int(value) + self.used_numbers
        if key not in self.facts or key in self.weak:
            self.facts[key] = value
            self.weak = self.weak | {key} if weak else self.weak - {key}
        elif self.facts[key] != value and value != "":
            self.remarks.append(f"{where}: {key} is another than before, without a write: the first is kept")

    # --- rows

    def _rows(self, seen: SeenRows, where: str) -> None:
        file = self.lists.setdefault(seen.name, ListFile())
        if seen.name in self.changed:
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
        if seen.name == "visits":
            return [row for row in seen.rows if row.get("at") not in self.taken]
        return file.without_own(seen.rows)

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
            elif known[key] != value and not self._squeezed(known, key, value):
                self.remarks.append(f"{where}: {name}: {key} is another than before: the first is kept")

    def _squeezed(self, known: Row, key: str, value: str) -> bool:
        """Whether one of two codes is the squeezed form (押碼) of the other: the whole one is kept."""
        if key not in (*CODES, ILLNESS) or squeezed(value) == squeezed(known[key]):
            return False
        whole, short = (known[key], value) if squeezed(value) else (value, known[key])
        if longer_than_5(whole):
            self.icd.setdefault(whole, short)
            known[key] = whole
        return longer_than_5(whole)

    # --- numbers and changes

    def _numbers(self, observation: Observation) -> None:
        taken = facts_of(observation, "next_visit")
        if taken.get("at"):
            visit = {"at": taken["at"], "sequence": taken.get("sequence", "")}
            if not visit["sequence"]:
                visit["sequence"] = f"W{len(self.taken) + 1:03d}"
            if taken.get("treatment_number"):
                visit["treatment_number"] = taken["treatment_number"]
            if "same_day" in taken:
                visit["same_day"] = taken["same_day"] == "Y"
            self.taken.setdefault(visit["at"], visit)
        number = facts_of(observation, "next_number")
        if number.get("at"):
            self.numbers.append({"at": number["at"], "treatment_number": number.get("treatment_number", "")})
        reported = facts_of(observation, "treatment_number").get("number")
        key = moment(observation.text(observation.rule.names_visit))
        if reported and key:
            self.treatment_numbers.setdefault(key, reported)
        for name in ("last_number", "fee_totals"):
            facts = facts_of(observation, name)
            if facts and name not in self.changed and not getattr(self, name):
                setattr(self, name, dict(facts))

    def _changes(self, observation: Observation) -> None:
        item = observation.text(observation.rule.takes)
        if facts_of(observation, "next_visit"):
            self._count(str(facts_of(observation, "next_visit").get("at", "")), item.isdigit())
        if observation.rule.gives_back:
            self.given_back.add(moment(observation.text(observation.rule.visit)))
            self._count(moment(observation.text(observation.rule.visit)), -1)
        visit = moment(observation.text(observation.rule.visit))
        if visit and visit not in self.visits_named:
            self.visits_named.append(visit)
        for what, rows in observation.written:
            if what in OF_VISIT:
                self.visits_changed.setdefault(visit, set()).update(OF_VISIT[what])
            elif rows is not None:
                self.lists.setdefault(what, ListFile()).add_own(rows)
            elif what != "counter" or not (observation.rule.takes or observation.rule.gives_back):
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
