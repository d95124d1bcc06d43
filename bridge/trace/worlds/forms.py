"""What the fields of one form of an out-record tell: where each stands, and of what it is a fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import getitem
from struct import Struct

from bridge.trace.records import Span
from bridge.trace.worlds.rows import GroupReader
from bridge.trace.worlds.rules import RecordRule
from bridge.trace.worlds.told import Facts
from bridge.trace.worlds.values import DoubtError, FieldValues, Values, packed

WHO = frozenset({"number", "id_no", "name", "birthday", "sex"})  # facts that say whose card it is


class Form:
    """A record with so many repetitions. ``groups``: those whose rows tell something.

    ``fields``: those outside groups that do, each with SUBJECT.KEY.
    """

    def __init__(
        self, record: str, rule: RecordRule, fields: Mapping[str, str], spans: Sequence[Span], values: Values
    ) -> None:
        self._record = record
        self._fields: list[tuple[Span, str, str, FieldValues]] = []
        for span in spans:
            if not span.group and span.name in fields:
                subject, _, key = fields[span.name].partition(".")
                self._fields.append((span, subject, key, values.of(subject, key, span.type)))
        self._subjects = list(self._by_subject())
        self._size = max((span.offset + span.width for span, *_ in self._fields), default=0)
        self.groups = [GroupReader(record, name, group, spans, values) for name, group in rule.groups.items()]

    def _by_subject(self) -> Iterator[tuple[str, Struct, list[str], list[FieldValues]]]:
        for subject in dict.fromkeys(subject for _, subject, *_ in self._fields):
            own = [(span, key, values) for span, of, key, values in self._fields if of == subject]
            form, _ = packed([span for span, *_ in own])
            yield subject, form, [key for _, key, _ in own], [values for *_, values in own]

    def facts(self, data: bytes, doubts: list[str]) -> dict[str, Facts]:
        """By subject, what the fields tell; what makes no sense is added to the doubts."""
        if len(data) >= self._size:
            try:
                return {
                    subject: dict(zip(keys, map(getitem, values, form.unpack_from(data)), strict=True))
                    for subject, form, keys, values in self._subjects
                }
            except DoubtError:
                pass
        return self._with_doubts(data, doubts)

    def _with_doubts(self, data: bytes, doubts: list[str]) -> dict[str, Facts]:
        """Behind a field that makes no sense only those are believed that say whose card it is: what follows
        may stand in another field's place.
        """
        facts: dict[str, dict[str, str]] = {}
        found: list[str] = []
        for span, subject, key, values in self._fields:
            try:
                value = values[span.of(data)]
            except DoubtError as doubt:
                found.append(f"{self._record}.{span.path}: {doubt}; left out")
                continue
            if not found or key in WHO:
                facts.setdefault(subject, {})[key] = value
        if found:
            doubts += found
            doubts.append(f"{self._record}: so nothing behind that is believed but whose card it is")
        return dict(facts)
