"""What a trace tells of one health card, gathered call by call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bridge.calls.conditions import longer_than_5, squeezed
from bridge.trace.worlds.rows import Row, SeenRows
from bridge.trace.worlds.told import Block, Told

CODES = ("mainCode", "subCode1", "subCode2", "subCode3", "subCode4", "subCode5")
ILLNESS = "ciCode"
FEES = ("outpatientFee", "costFee", "inpatientFee", "inpatient30Fee", "inpatient180Fee")
OF_VISIT = {"codes": ("after_check", *CODES), "fees": FEES}


@dataclass(slots=True)
class ListFile:
    """A list as it was before the trace. ``own``: rows that the trace's own calls have added since."""

    rows: dict[tuple[Any, ...], Row] = field(default_factory=dict)
    complete: bool = False
    own: list[list[Row] | Block] = field(default_factory=list)
    _counted: Counter[tuple[tuple[str, str], ...]] = field(default_factory=Counter)
    _forms: set[tuple[str, ...]] = field(default_factory=set)

    def without_own(self, rows: list[Row]) -> list[Row]:
        """Rows less those that the trace has written, the newest first."""
        self._count_own()
        if not self._counted:
            return rows
        left, used = [], Counter[tuple[tuple[str, str], ...]]()
        for row in rows:
            said = (tuple((name, row.get(name, "")) for name in form) for form in self._forms)
            found = next((own for own in said if used[own] < self._counted[own]), None)
            if found is None:
                left.append(row)
            else:
                used[found] += 1
        return left

    def _count_own(self) -> None:
        """Most lists that a program writes are never read again."""
        for rows in self.own:
            for row in rows.rows() if isinstance(rows, Block) else rows:
                self._counted[tuple(row.items())] += 1
                self._forms.add(tuple(row))
        self.own.clear()


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
    visits_named: dict[str, None] = field(default_factory=dict)
    last_number: dict[str, str] = field(default_factory=dict)
    fee_totals: dict[str, str] = field(default_factory=dict)
    given_back: set[str] = field(default_factory=set)
    used_numbers: int = 0
    used_in_year: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    _nothing_new: set[int] = field(default_factory=set)
    _added: bool = False

    def take(self, told: Told, day: str, where: str) -> None:
        """Add what a call of that day (7 ROC digits) tells, then note what it changed."""
        if day == self.today and told.number in self._nothing_new:
            return
        if day != self.today:
            self.today = day
            self._nothing_new.clear()
        remarks, self._added = len(self.remarks), False
        for key, value in told.of("card").items():
            self._fact(key, value, where, weak=key in told.weak)
        if told.person is not None:
            for key, value in zip(("id_no", "birthday"), told.person, strict=True):
                self._fact(key, value, where)
        if told.rule.patient is not None and told.ok:
            self._fact("id_no", told.patient, where)
        for seen in told.rows:
            self._rows(seen, where)
        if not told.lasts:
            self._numbers(told)
            if told.ok:
                self._changes(told)
            self._added = True
        if self._added:
            self._nothing_new.clear()
        elif len(self.remarks) == remarks:
            self._nothing_new.add(told.number)

    # --- facts

    def _fact(self, key: str, value: Any, where: str, *, weak: bool = False) -> None:
        if key in self.changed or key == "number" or (weak and key in self.facts):
            return
        if key == "valid_until" and "valid_days" in self.facts and value >= self.today:
            return  # it had expired, and was updated since
        if key == "counter":
            value = int(value) + self.used_numbers
        if key not in self.facts or key in self.weak:
            self._added = self._added or self.facts.get(key) != value or key in self.weak
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
                if known != row or seen.name == "totals":
                    self._merge(seen.name, known, row, where)
            elif file.complete:
                foreign += 1
            else:
                file.rows[key] = self._as_before(seen.name, row)
                self._added = True
        if foreign:
            self.remarks.append(f"{where}: {foreign} row(s) of {seen.name} that nobody here wrote: left out")
        if seen.complete and not file.complete:
            file.complete = self._added = True

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
            return dict(row)
        changed = self.visits_changed.get(row.get("at", ""), set())
        return {key: value for key, value in row.items() if key not in changed}

    def _merge(self, name: str, known: Row, row: Row, where: str) -> None:
        for key, value in self._as_before(name, row).items():
            if key not in known:
                known[key] = value
                self._added = True
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
            self._added = True
        return longer_than_5(whole)

    # --- numbers and changes

    def _numbers(self, told: Told) -> None:
        taken = told.of("next_visit")
        if taken.get("at"):
            visit = {"at": taken["at"], "sequence": taken.get("sequence", "")}
            if not visit["sequence"]:
                visit["sequence"] = f"W{len(self.taken) + 1:03d}"
            if taken.get("treatment_number"):
                visit["treatment_number"] = taken["treatment_number"]
            if "same_day" in taken:
                visit["same_day"] = taken["same_day"] == "Y"
            self.taken.setdefault(visit["at"], visit)
        number = told.of("next_number")
        if number.get("at"):
            self.numbers.append({"at": number["at"], "treatment_number": number.get("treatment_number", "")})
        reported = told.of("treatment_number").get("number")
        if reported and told.names_visit:
            self.treatment_numbers.setdefault(told.names_visit, reported)
        for name in ("last_number", "fee_totals"):
            facts = told.of(name)
            if facts and name not in self.changed and not getattr(self, name):
                setattr(self, name, dict(facts))

    def _changes(self, told: Told) -> None:
        if told.of("next_visit"):
            self._count(str(told.of("next_visit").get("at", "")), told.takes.isdigit())
        if told.rule.gives_back:
            self.given_back.add(told.visit)
            self._count(told.visit, -1)
        if told.visit:
            self.visits_named[told.visit] = None
        for what, rows in told.written:
            if what in OF_VISIT:
                self.visits_changed.setdefault(told.visit, set()).update(OF_VISIT[what])
            elif rows is not None:
                self.lists.setdefault(what, ListFile()).own.append(rows)
            elif what != "counter" or not (told.rule.takes or told.rule.gives_back):
                self.changed.add(what)

    def _count(self, visit: str, used: int) -> None:
        """Numbers taken (-1: given back) since the start, altogether and in the year of the visit."""
        self.used_numbers += used
        self.used_in_year[visit[:3]] += used


def _keyed(rows: list[Row], names: tuple[str, ...]) -> Iterator[tuple[tuple[Any, ...], Row]]:
    """Rows with what tells them from others; of equal ones also which one it is."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple([row.get(name, "") for name in names or row])
        which = seen[key] = seen.get(key, 0) + 1
        yield (*key, which), row
