"""What a trace tells of one health card, gathered call by call."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from bridge.calls.conditions import longer_than_5, squeezed
from bridge.trace.worlds.elsewhere import (
    COMES,
    EMPTY,
    PAUSE,
    Fill,
    day_of,
    is_recent,
    moment_of,
    uses_numbers,
)
from bridge.trace.worlds.facts import NONE, NOTHING, CardFacts, NewVisits
from bridge.trace.worlds.lists import Key, ListFile, keyed
from bridge.trace.worlds.observations import Observation
from bridge.trace.worlds.rows import Row, SeenRows
from bridge.trace.worlds.told import Facts, Told

CODES = ("mainCode", "subCode1", "subCode2", "subCode3", "subCode4", "subCode5")
ILLNESS = "ciCode"
FEES = ("outpatientFee", "costFee", "inpatientFee", "inpatient30Fee", "inpatient180Fee")
OF_VISIT = {"codes": frozenset(("after_check", *CODES)), "fees": frozenset(FEES)}
WRITTEN = OF_VISIT["codes"] | OF_VISIT["fees"]  # all that is written to a visit
CONTENT = frozenset((*CODES, *FEES))


def _coded(seen: SeenRows) -> bool:
    """Whether the rows of visits tell of diagnoses."""
    return bool(seen.rows) and CODES[0] in seen.rows[0]


@cache
def _with(changed: frozenset[str], what: str) -> frozenset[str]:
    """The fields of a visit that were written, and those of another write."""
    found = changed | OF_VISIT[what]
    return WRITTEN if found == WRITTEN else found


class Taken(NamedTuple):
    """What was answered to a visit number taken. ``same_day``: None where that was not told. ``written``:
    what of the visit the trace wrote itself.
    """

    sequence: str
    treatment_number: str = ""
    same_day: bool | None = None
    written: frozenset[str] = NONE


class CardFile(CardFacts):
    """What is known of a card. ``taken``: numbers taken, by the moment of the visit.

    A trace has tens of thousands of cards: what a card does not have stands here, not in each of them.
    """

    icd: dict[str, str] = NOTHING  # codes and their squeezed forms
    numbers: Sequence[Facts] = ()  # answered to treatment numbers asked for without a card
    treatment_numbers: dict[str, str] = NOTHING  # by the moment of the visit
    visits_named: dict[str, None] = NOTHING  # those that are not taken
    visits_changed: dict[str, frozenset[str]] = NOTHING  # of those, what the trace wrote itself
    last_number: Facts = NOTHING
    fee_totals: Facts = NOTHING
    given_back: dict[str, None] = NOTHING
    used_in_year: dict[str, int] = NOTHING

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.lists: dict[str, ListFile] = {}
        self.taken: dict[str, Taken] = {}

    def take(self, observation: Observation, day: str) -> None:
        """Add what a call of that day (7 ROC digits) tells, then note what it changed."""
        told = observation.told
        self.today = day
        presence = self.presence
        if observation.at - presence.ended >= PAUSE:
            presence.pause(observation.at, self.used_numbers)
        presence.ended = observation.ended
        if "card" in told.facts:
            self.take_facts(told.facts["card"], told.weak, observation)
        if told.person is not None:
            id_no, birthday = told.person
            self.take_facts({"id_no": id_no, "birthday": birthday}, NONE, observation)
        if told.rule.patient is not None and told.ok:
            self.take_facts({"id_no": told.patient}, NONE, observation)
        for seen in told.rows:
            self._rows(seen, observation)
        if not told.lasts:
            if told.facts:
                self._numbers(told, observation)
            if told.ok:
                self._changes(told, observation)

    def list_of(self, name: str) -> ListFile:
        """One of its lists."""
        found = self.lists.get(name)
        if found is None:
            found = self.lists[name] = ListFile()
        return found

    # --- rows

    def _rows(self, seen: SeenRows, observation: Observation) -> None:
        file = self.list_of(seen.name)
        if seen.name in self.changed:
            return
        news: dict[Key, Row] = {}
        for key, row in keyed(self._without_own(seen, file), seen.key) if seen.rows else ():
            known = file.rows.get(key)
            if known is not None:
                if known != row or seen.name == "totals":
                    file.rows[key] = self._merged(seen, key, known, row, observation)
            elif file.may_miss(seen.name, row):
                file.rows[key] = self._as_before(seen.name, row)
            else:
                news[key] = self._as_before(seen.name, row)
        came = self._come(seen, file, news, observation) if news else ()
        pauses, visits = self.presence.pauses, seen.name == "visits"
        if visits and pauses:
            self._visits_seen(seen, file, uses_numbers(came), observation)
        file.seen = observation.at
        if visits and _coded(seen):
            file.coded = pauses
        else:
            file.plain = pauses
        if not file.complete:
            file.saw(seen)

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

    def _merged(self, seen: SeenRows, key: Key, known: Row, row: Row, observation: Observation) -> Row:
        """A row that is known, with what another sight of it adds."""
        file, name = self.lists[seen.name], seen.name
        news: Row = {}
        later: Row = {}
        now = file.now(key, known) if file.fills else known
        for field, value in self._as_before(name, row).items():
            before = now.get(field)
            if before is None:
                news[field] = value
            elif before != value:
                whole = self._whole(field, before, value)
                if whole is None and self._may_fill(seen, file, field, before, value):
                    later[field] = value
                elif whole is None:
                    self.remark(observation, f"{name}: {field} is another than before: the first is kept")
                elif whole != before:
                    news[field] = whole
        if later:
            file.fill(key, self._filled(name, row, later))
        return {**known, **news} if news else known

    def _whole(self, key: str, one: str, other: str) -> str | None:
        """The whole one of two codes, where the other is its squeezed form (押碼)."""
        if key not in (*CODES, ILLNESS) or squeezed(one) == squeezed(other):
            return None
        whole, short = (one, other) if squeezed(other) else (other, one)
        if not longer_than_5(whole):
            return None
        self.own("icd").setdefault(whole, short)
        return whole

    # --- from elsewhere

    def _come(
        self, seen: SeenRows, file: ListFile, news: dict[Key, Row], observation: Observation
    ) -> list[Row]:
        """Rows that nobody here wrote: what of them came from elsewhere. It is believed of a record that has
        everything that was there before, and more, after a pause, and of no earlier day.
        """
        name, presence = seen.name, self.presence
        came: list[Row] = []
        if file.pauses < presence.pauses and not self._lacks_some(seen, file):
            for key, row in news.items():
                if is_recent(name, row, file.seen, observation.at):
                    file.comes(key, row, moment_of(name, row, file.seen, presence))
                    came.append(row)
        foreign = len(news) - len(came)
        if foreign:
            self.remark(observation, f"{foreign} row(s) of {name} that nobody here wrote: left out")
        return came

    def _lacks_some(self, seen: SeenRows, file: ListFile) -> bool:
        """Whether a record lacks rows that are known; a full one may lack older ones than it has."""
        day = day_of(seen.name)
        shown = {key for key, _ in keyed(self._without_own(seen, file), seen.key)}
        oldest = min(row.get(day, "") for row in seen.rows) if seen.full else ""
        return any(
            key not in shown and row.get("at") not in self.given_back
            for key, row in file.rows.items()
            if row.get(day, "") >= oldest
        )

    def _visits_seen(self, seen: SeenRows, file: ListFile, used: int, observation: Observation) -> None:
        """After a pause: ``used`` of the visits that came use up one of the visits left."""
        presence = self.presence
        if 0 <= file.pauses < presence.pauses:
            self.visits_came(NewVisits(presence.pauses, file.pauses, used), observation)
        for row in seen.rows if self.taken else ():
            taken = self.taken.get(row.get("at", ""))
            if taken is not None and taken.written is not WRITTEN and row["at"] < presence.moment:
                self._fill_own(file, row, taken)

    def _fill_own(self, file: ListFile, row: Row, taken: Taken) -> None:
        """What others wrote to a visit whose number was taken here."""
        key = row["at"], 1
        now = file.now(key, {})
        later = {
            name: value
            for name, value in row.items()
            if name in CONTENT and value not in EMPTY and name not in taken.written and name not in now
        }
        if later:
            file.fill(key, self._filled("visits", row, later))

    def _may_fill(self, seen: SeenRows, file: ListFile, field: str, before: str, value: str) -> bool:
        """Whether another value of a field may have come in the last pause: where there was none before, or
        of totals a greater one.
        """
        pauses = self.presence.pauses
        if seen.name == "totals":
            return file.pauses < pauses and int(value or 0) > int(before or 0)
        last = file.coded if _coded(seen) else file.plain
        return seen.name == "visits" and field in CONTENT and before in EMPTY and 0 <= last < pauses

    def _filled(self, name: str, row: Row, later: Row) -> Fill:
        presence = self.presence
        if name == "totals":
            used = self.used_numbers - presence.used if row.get("year", "").zfill(3) == self.today[:3] else 0
            shown = {**row, "counter": str(max(int(row.get("counter") or 0) - used, 0))}
        else:
            parts = [part for part in (CODES, FEES) if any(field in later for field in part)]
            shown = {"at": row["at"]} | {
                field: row[field] for part in parts for field in part if field in row
            }
        return Fill(presence.moment, later, shown)

    def _names(self, visit: str) -> None:
        """A visit that was not taken here is written to. One that was not there when the visits were seen
        came since then.
        """
        self.own("visits_named")[visit] = None
        file, key, row = self.lists.get("visits"), (visit, 1), {"at": visit}
        if file is None or file.pauses < 0 or key in file.rows or file.may_miss("visits", row):
            return
        presence = self.presence
        if file.pauses < presence.pauses and is_recent("visits", row, file.seen, presence.ended):
            file.comes(key, row, moment_of("visits", row, file.seen, presence))

    # --- numbers and changes

    def _numbers(self, told: Told, observation: Observation) -> None:
        taken = told.of("next_visit")
        if taken.get("at"):
            self._take_number(taken)
        number = told.of("next_number")
        if number.get("at"):
            answered = {"at": number["at"], "treatment_number": number.get("treatment_number", "")}
            self.__dict__.setdefault("numbers", []).append(answered)
        reported = told.of("treatment_number").get("number")
        if reported and told.names_visit:
            self.own("treatment_numbers").setdefault(told.names_visit, reported)
        for name in ("last_number", "fee_totals"):
            if name in told.facts and name not in self.changed:
                first = getattr(self, name)
                if first:
                    self.take_sum(name, first, told.facts[name], observation)
                else:
                    setattr(self, name, told.facts[name])

    def _take_number(self, told: Facts) -> None:
        if told["at"] not in self.taken:
            sequence = told.get("sequence") or f"W{len(self.taken) + 1:03d}"
            same_day = told["same_day"] == "Y" if "same_day" in told else None
            self.taken[told["at"]] = Taken(sequence, told.get("treatment_number", ""), same_day)
            visits = self.lists.get("visits")
            if visits is not None and visits.moments:
                visits.forget((told["at"], 1))  # of two clocks, one was behind

    def _changes(self, told: Told, observation: Observation) -> None:
        if "next_visit" in told.facts:
            if told.takes.isdigit():
                self.uses_one(observation)
            self._count(str(told.facts["next_visit"].get("at", "")), told.takes.isdigit())
        if told.rule.gives_back:
            self.own("given_back")[told.visit] = None
            self._count(told.visit, -1)
        if told.visit and told.visit not in self.taken:
            self._names(told.visit)
        for what, rows in told.written:
            if what in OF_VISIT:
                self._writes_visit(told.visit, what)
            elif rows is not None:
                self.list_of(what).add_own(rows)
            elif (what not in self.changed or what in COMES) and (
                what != "counter" or not (told.rule.takes or told.rule.gives_back)
            ):
                self.writes(what)

    def _writes_visit(self, visit: str, what: str) -> None:
        taken = self.taken.get(visit)
        if taken is not None:
            self.taken[visit] = Taken(*taken[:3], _with(taken.written, what))
            return
        changed = self.own("visits_changed")
        changed[visit] = _with(changed.get(visit, NONE), what)

    def _count(self, visit: str, used: int) -> None:
        """Numbers taken (-1: given back) since the start, altogether and in the year of the visit."""
        self.used_numbers += used
        by_year = self.own("used_in_year")
        by_year[visit[:3]] = by_year.get(visit[:3], 0) + used
