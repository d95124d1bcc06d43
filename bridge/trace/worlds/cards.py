"""What a trace tells of one health card, gathered call by call."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from bridge.calls.conditions import longer_than_5, squeezed
from bridge.trace.worlds.lists import ListFile, keyed
from bridge.trace.worlds.observations import Observation
from bridge.trace.worlds.rows import Row, SeenRows
from bridge.trace.worlds.told import Facts, Told

CODES = ("mainCode", "subCode1", "subCode2", "subCode3", "subCode4", "subCode5")
ILLNESS = "ciCode"
FEES = ("outpatientFee", "costFee", "inpatientFee", "inpatient30Fee", "inpatient180Fee")
OF_VISIT = {"codes": ("after_check", *CODES), "fees": FEES}
NONE: frozenset[str] = frozenset()
NOTHING: dict[str, Any] = {}  # stays empty


class Remark(NamedTuple):
    """What is strange of a card in the call of that number; the text begins with the function."""

    number: int
    text: str


class Taken(NamedTuple):
    """What was answered to a visit number taken. ``same_day``: None where that was not told."""

    sequence: str
    treatment_number: str = ""
    same_day: bool | None = None


class CardFile:
    """What is known of a card. ``taken``: numbers taken, by the moment of the visit.

    A trace has tens of thousands of cards: what a card does not have stands here, not in each of them.
    """

    weak: frozenset[str] = NONE  # facts that others overrule
    today: str = ""
    icd: dict[str, str] = NOTHING  # codes and their squeezed forms
    changed: tuple[str, ...] = ()
    numbers: Sequence[Facts] = ()  # answered to treatment numbers asked for without a card
    treatment_numbers: dict[str, str] = NOTHING  # by the moment of the visit
    visits_named: dict[str, None] = NOTHING  # those that are not taken
    visits_changed: dict[str, frozenset[str]] = NOTHING  # of those, what the trace wrote itself
    last_number: Facts = NOTHING
    fee_totals: Facts = NOTHING
    given_back: dict[str, None] = NOTHING
    used_numbers: int = 0
    used_in_year: dict[str, int] = NOTHING
    remarks: Sequence[Remark] = ()

    def __init__(self, number: str) -> None:
        self.number = number
        self.facts: dict[str, Any] = {}
        self.lists: dict[str, ListFile] = {}
        self.taken: dict[str, Taken] = {}

    def take(self, observation: Observation, day: str) -> None:
        """Add what a call of that day (7 ROC digits) tells, then note what it changed."""
        told = observation.told
        self.today = day
        if "card" in told.facts:
            self._facts(told.facts["card"], told.weak, observation)
        if told.person is not None:
            id_no, birthday = told.person
            self._facts({"id_no": id_no, "birthday": birthday}, NONE, observation)
        if told.rule.patient is not None and told.ok:
            self._facts({"id_no": told.patient}, NONE, observation)
        for seen in told.rows:
            self._rows(seen, observation)
        if not told.lasts:
            if told.facts:
                self._numbers(told)
            if told.ok:
                self._changes(told)

    def list_of(self, name: str) -> ListFile:
        """One of its lists."""
        found = self.lists.get(name)
        if found is None:
            found = self.lists[name] = ListFile()
        return found

    def _own(self, name: str) -> dict[str, Any]:
        """What the card has of this by now, for adding to it."""
        found: dict[str, Any] | None = self.__dict__.get(name)
        if found is None:
            found = self.__dict__[name] = {}
        return found

    def _remark(self, observation: Observation, text: str) -> None:
        remark = Remark(observation.number, sys.intern(f"({observation.function}): {text}"))
        self.__dict__.setdefault("remarks", []).append(remark)

    # --- facts

    def _facts(self, told: Facts, weak: frozenset[str], observation: Observation) -> None:
        known, overruled = self.facts, self.weak
        for key, value in told.items():
            if known.get(key) != value or key == "counter" or key in overruled:  # else there is no news
                self._fact(key, value, observation, weak=key in weak)

    def _fact(self, key: str, value: Any, observation: Observation, *, weak: bool = False) -> None:
        if key == "number" or key in self.changed or (weak and key in self.facts):
            return
        if key == "valid_until" and "valid_days" in self.facts and value >= self.today:
            return  # it had expired, and was updated since
        if key == "counter":
            value = int(value) + self.used_numbers
        if key not in self.facts or key in self.weak:
            self.facts[key] = value
            if weak or self.weak:
                self.weak = self.weak | {key} if weak else self.weak - {key}
        elif self.facts[key] != value and value != "":
            self._remark(observation, f"{key} is another than before, without a write: the first is kept")

    # --- rows

    def _rows(self, seen: SeenRows, observation: Observation) -> None:
        file = self.list_of(seen.name)
        if seen.name in self.changed:
            return
        foreign = 0
        for key, row in keyed(self._without_own(seen, file), seen.key) if seen.rows else ():
            known = file.rows.get(key)
            if known is not None:
                if known != row or seen.name == "totals":
                    file.rows[key] = self._merged(seen.name, known, row, observation)
            elif file.complete:
                foreign += 1
            else:
                file.rows[key] = self._as_before(seen.name, row)
        if foreign:
            self._remark(observation, f"{foreign} row(s) of {seen.name} that nobody here wrote: left out")
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
            used = self.used_in_year.get(row.get("year", "").zfill(3), 0)
            return {**row, "counter": str(max(int(row["counter"]) - used, 0))}
        changed = self.visits_changed.get(row.get("at", "")) if name == "visits" else None
        return {key: value for key, value in row.items() if key not in changed} if changed else row

    def _merged(self, name: str, known: Row, row: Row, observation: Observation) -> Row:
        """A row that is known, with what another sight of it adds."""
        news: Row = {}
        for key, value in self._as_before(name, row).items():
            before = known.get(key)
            if before is None:
                news[key] = value
            elif before != value:
                whole = self._whole(key, before, value)
                if whole is None:
                    self._remark(observation, f"{name}: {key} is another than before: the first is kept")
                elif whole != before:
                    news[key] = whole
        return {**known, **news} if news else known

    def _whole(self, key: str, one: str, other: str) -> str | None:
        """The whole one of two codes, where the other is its squeezed form (押碼)."""
        if key not in (*CODES, ILLNESS) or squeezed(one) == squeezed(other):
            return None
        whole, short = (one, other) if squeezed(other) else (other, one)
        if not longer_than_5(whole):
            return None
        self._own("icd").setdefault(whole, short)
        return whole

    # --- numbers and changes

    def _numbers(self, told: Told) -> None:
        taken = told.of("next_visit")
        if taken.get("at"):
            self._take_number(taken)
        number = told.of("next_number")
        if number.get("at"):
            answered = {"at": number["at"], "treatment_number": number.get("treatment_number", "")}
            self.__dict__.setdefault("numbers", []).append(answered)
        reported = told.of("treatment_number").get("number")
        if reported and told.names_visit:
            self._own("treatment_numbers").setdefault(told.names_visit, reported)
        for name in ("last_number", "fee_totals"):
            if name in told.facts and name not in self.changed and not getattr(self, name):
                setattr(self, name, told.facts[name])

    def _take_number(self, told: Facts) -> None:
        if told["at"] not in self.taken:
            sequence = told.get("sequence") or f"W{len(self.taken) + 1:03d}"
            same_day = told["same_day"] == "Y" if "same_day" in told else None
            self.taken[told["at"]] = Taken(sequence, told.get("treatment_number", ""), same_day)

    def _changes(self, told: Told) -> None:
        if "next_visit" in told.facts:
            self._count(str(told.facts["next_visit"].get("at", "")), told.takes.isdigit())
        if told.rule.gives_back:
            self._own("given_back")[told.visit] = None
            self._count(told.visit, -1)
        if told.visit and told.visit not in self.taken:
            self._own("visits_named")[told.visit] = None
        for what, rows in told.written:
            if what in OF_VISIT:
                if told.visit not in self.taken:
                    changed = self._own("visits_changed")
                    changed[told.visit] = changed.get(told.visit, NONE) | set(OF_VISIT[what])
            elif rows is not None:
                self.list_of(what).add_own(rows)
            elif what not in self.changed and (
                what != "counter" or not (told.rule.takes or told.rule.gives_back)
            ):
                self.changed += (what,)

    def _count(self, visit: str, used: int) -> None:
        """Numbers taken (-1: given back) since the start, altogether and in the year of the visit."""
        self.used_numbers += used
        by_year = self._own("used_in_year")
        by_year[visit[:3]] = by_year.get(visit[:3], 0) + used
