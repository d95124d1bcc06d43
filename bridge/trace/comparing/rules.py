"""What may differ between old and new answers: the rules of mappings/migration/compare.yaml.

How a rule is written: mappings/README.md, "compare.yaml".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, model_validator

from bridge.errors import TableError
from bridge.table.default import default_table
from bridge.table.model.layout import record_fields
from bridge.table.model.rows import Table
from bridge.table.model.spec import Provenance, Spec
from bridge.trace.comparing.kinds import KINDS
from bridge.trace.data import load_data

RULES_FILE = "compare.yaml"


class Place(Spec):
    """Which values are meant. What is left empty does not matter; not everything may be empty.

    ``fields`` are names in ``records`` (of the table), ``arguments`` those of ``functions``; ``doors``
    those of bridge/calls/call.py.
    """

    functions: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    doors: tuple[Literal["native", "vhc", "vpn"], ...] = ()

    def holds(self, function: str, argument: str, record: str, field: str, door: str = "native") -> bool:
        """Whether a value of this place is meant; ``record`` and ``field`` are "" for text and numbers."""
        return (
            (not self.functions or function in self.functions)
            and (not self.arguments or argument in self.arguments)
            and (not self.records or record in self.records)
            and (not self.fields or field in self.fields)
            and (not self.doors or door in self.doors)
        )


class Reasoned(Spec):
    """A rule's name, and its reason in English and Chinese for those who read the report."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    why: str
    why_zh: str
    provenance: Provenance


class ValueRule(Reasoned, Place):
    """A value that may be another one. ``kinds``: only differences of these (kinds.py).

    ``old``, ``new``: regular expressions that the whole values must match. ``more``: only a larger number.
    """

    kinds: tuple[str, ...] = ()
    old: str | None = None
    new: str | None = None
    more: bool = False

    @model_validator(mode="after")
    def _sound(self) -> ValueRule:
        for pattern in (self.old, self.new):
            try:
                re.compile(pattern or "")
            except re.error as error:
                raise ValueError(f"{pattern}: no regular expression: {error}") from error
        if unknown := set(self.kinds) - set(KINDS):
            raise ValueError(f"kinds: {', '.join(sorted(unknown))}: unknown")
        if not (self.records or self.functions or self.arguments or self.kinds):
            raise ValueError("names neither records nor functions nor arguments nor kinds")
        return self

    def allows(self, old: str, new: str) -> bool:
        """Whether the values have the form that the rule wants."""
        if self.more and not (old.isdigit() and new.isdigit() and int(new) > int(old)):
            return False
        return self._has_form(self.old, old) and self._has_form(self.new, new)

    @staticmethod
    def _has_form(pattern: str | None, text: str) -> bool:
        return pattern is None or re.fullmatch(pattern, text) is not None


class CodeRule(Reasoned):
    """A return code that may be another one. ``statuses``: of rows. ``but``: not these functions.

    ``numbers``: both must be such that the function succeeded: the return value is a number.
    """

    functions: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    statuses: tuple[Literal["mapped", "assumed", "beyond", "unsupported"], ...] = ()
    old: tuple[int, ...] = ()
    new: tuple[int, ...] = ()
    numbers: bool = False

    def allows(self, function: str, status: str, old: int, new: int) -> bool:
        """Whether this row may answer ``new`` where the old software answered ``old``."""
        if (self.functions and function not in self.functions) or function in self.but:
            return False
        if self.statuses and status not in self.statuses:
            return False
        if self.numbers and (old <= 0 or new <= 0):
            return False
        return (not self.old or old in self.old) and (not self.new or new in self.new)


class RowRule(Reasoned):
    """How the rows of a group are matched: by ``key``, wherever they stand. ``newest_first``: the field by
    which the new rows must be sorted, the greatest first. ``longer``: the new rows may be more.
    """

    records: tuple[str, ...] = Field(min_length=1)
    group: str
    newest_first: str
    key: tuple[str, ...] = Field(min_length=1)
    longer: bool = False


class Carried(Reasoned):
    """A value that a call returns (``given``) and later calls pass again (``used``, of the same width), or
    that later reads return (fields of the names ``read``).
    """

    given: tuple[Place, ...] = Field(min_length=1)
    used: tuple[Place, ...] = ()
    read: tuple[str, ...] = ()


class PersonRule(Place):
    """Fields that say whose card it is. ``number``: the one that holds the card's number."""

    who: Literal["patient", "practitioner", "card"]
    number: str | None = None


class Rules(Spec):
    """All of compare.yaml."""

    values: tuple[ValueRule, ...] = ()
    codes: tuple[CodeRule, ...] = ()
    rows: tuple[RowRule, ...] = ()
    carried: tuple[Carried, ...] = ()
    persons: tuple[PersonRule, ...] = ()

    @cached_property
    def rows_of(self) -> dict[tuple[str, str], RowRule]:
        """The rule of each record and group."""
        return {(record, rule.group): rule for rule in self.rows for record in rule.records}

    def person(self, function: str, argument: str, record: str, field: str) -> PersonRule | None:
        """The rule of a field that says whose card it is, else None."""
        place = (function, argument, record, field)
        if place not in self.kept_persons:
            found = next((rule for rule in self.persons if rule.holds(*place)), None)
            _keep(self.kept_persons, place, found)
            return found
        return self.kept_persons[place]

    def values_at(
        self, function: str, argument: str, record: str, field: str, door: str
    ) -> tuple[ValueRule, ...]:
        """The rules of a value, in their order."""
        place = (function, argument, record, field, door)
        found = self.kept_values.get(place)
        if found is None:
            found = tuple(rule for rule in self.values if rule.holds(*place))
            _keep(self.kept_values, place, found)
        return found

    @cached_property
    def kept_persons(self) -> dict[tuple[str, str, str, str], PersonRule | None]:
        """What :meth:`person` has found so far: a trace asks for the same few places again and again."""
        return {}

    @cached_property
    def kept_values(self) -> dict[tuple[str, str, str, str, str], tuple[ValueRule, ...]]:
        """What :meth:`values_at` has found so far."""
        return {}


MOST_KEPT = 100_000  # places; a trace may make names up
PlaceT = TypeVar("PlaceT")
FoundT = TypeVar("FoundT")


def _keep(kept: dict[PlaceT, FoundT], place: PlaceT, found: FoundT) -> None:
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[place] = found


@cache
def default_rules() -> Rules:
    """The project's own rules, loaded once. Raises TableError."""
    return load_rules(default_table())


def load_rules(table: Table, file: Path | None = None) -> Rules:
    """The rules of a file (None: the project's own). Raises TableError with one line per fault: file, path in
    it, what is wrong. A name that the table does not have is one.
    """
    rules = load_data(RULES_FILE, Rules, file)
    faults = [f"{RULES_FILE}: {fault}" for fault in _unknown_names(table, rules)]
    if faults:
        raise TableError(faults)
    return rules


def _unknown_names(table: Table, rules: Rules) -> Iterator[str]:
    ids = [rule.id for rule in (*rules.values, *rules.codes, *rules.rows, *rules.carried)]
    yield from (f"{name}: the id stands twice" for name in {i for i in ids if ids.count(i) > 1})
    arguments = {a.name for function in table.functions.values() for a in function.arguments}
    records = table.records_out | table.records_in
    for where, place in _places(rules):
        for function in set(place.functions) - set(table.functions):
            yield f"{where}: functions: there is no {function}"
        for argument in set(place.arguments) - arguments:
            yield f"{where}: arguments: there is no {argument}"
        for record in set(place.records) - set(records):
            yield f"{where}: records: there is no {record}"
        known = {f.name for r in place.records if r in records for _, f in record_fields(records[r], records)}
        for field in set(place.fields) - known if place.records else ():
            yield f"{where}: fields: there is no {field} in {', '.join(place.records)}"
    for rule in rules.codes:
        for function in {*rule.functions, *rule.but} - set(table.functions):
            yield f"codes.{rule.id}: functions: there is no {function}"
    for row in rules.rows:
        for record in row.records:
            spec = table.records_out.get(record)
            found = record_fields(spec, table.records_out) if spec is not None else ()
            known = {field.name for group, field in found if group == row.group}
            for field in {row.newest_first, *row.key} - known:
                yield f"rows.{row.id}: there is no {field} in {record}.{row.group}"


def _places(rules: Rules) -> Iterator[tuple[str, Place]]:
    yield from ((f"values.{rule.id}", rule) for rule in rules.values)
    for carried in rules.carried:
        yield from ((f"carried.{carried.id}", place) for place in (*carried.given, *carried.used))
    yield from ((f"persons[{index}]", rule) for index, rule in enumerate(rules.persons))
