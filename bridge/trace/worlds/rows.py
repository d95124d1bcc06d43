"""The rows of lists (visits, orders, vaccinations) that stand in the records of a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bridge.table.model.arguments import RecordArgument
from bridge.table.model.rows import Function
from bridge.trace.format import Given, Number
from bridge.trace.records import RecordView, Span
from bridge.trace.worlds.rules import GroupRule, WorldRules
from bridge.trace.worlds.values import Values

Row = dict[str, str]
MOST_KEPT = 8192  # rows of one list that are not taken apart again
MOST_FORMS = 256  # of records, by how many positions a program asks for


@dataclass(slots=True)
class SeenRows:
    """Rows of a list, newest first as they came. ``complete``: all that the cloud would tell."""

    name: str
    rows: list[Row]
    key: tuple[str, ...]
    complete: bool


class RowReader:
    """Reads the rows in the records of one function. Nobody may change a row that came from here."""

    def __init__(self, rules: WorldRules, function: Function, values: Values) -> None:
        self._rules, self._function, self._values = rules, function, values
        self._groups: dict[tuple[int, str], tuple[tuple[Span, ...], _Group]] = {}

    def seen(
        self, views: Sequence[RecordView], given: Mapping[str, Given], remarks: list[str]
    ) -> tuple[SeenRows, ...]:
        """The rows that the records of a call hold; what makes no sense is added to the remarks."""
        found = []
        for view in views:
            for name, rule in self._rules.records[view.record].groups.items() if view.record else ():
                group = self._group(view, name, rule)
                rows = list(group.rows(view, remarks))
                whole = self._from_the_first(view.argument, given) and len(rows) < len(group.repetitions)
                complete = whole or self._all_positions(view.argument)
                found.append(SeenRows(rule.list_name, rows, rule.key, complete))
        return tuple(found)

    def _group(self, view: RecordView, name: str, rule: GroupRule) -> _Group:
        key = (id(view.spans), name)
        found = self._groups.get(key)
        if found is None:
            if len(self._groups) >= MOST_FORMS:
                self._groups.clear()
            # the spans are kept, so that no others can get their id
            found = self._groups[key] = (view.spans, _Group(rule, name, view.spans, self._values))
        return found[1]

    def _all_positions(self, argument: str) -> bool:
        found = self._function.argument(argument)
        return isinstance(found, RecordArgument) and found.range is None

    def _from_the_first(self, argument: str, given: Mapping[str, Given]) -> bool:
        found = self._function.argument(argument)
        if not isinstance(found, RecordArgument) or found.range is None:
            return True
        start = given.get(found.range.start)
        return isinstance(start, Number) and start.low == 1


class _Group:
    """The repetitions of a group in one form of a record."""

    def __init__(self, rule: GroupRule, name: str, spans: Sequence[Span], values: Values) -> None:
        self._rule, self._values = rule, values
        by_index: dict[int, list[Span]] = {}
        for span in spans:
            if span.group == name:
                by_index.setdefault(span.index, []).append(span)
        self.repetitions = list(by_index.values())
        self._kept: dict[bytes, Row] = {}

    def rows(self, view: RecordView, remarks: list[str]) -> Iterator[Row]:
        """Those in which something stands."""
        for spans in self.repetitions:
            data = view.data[spans[0].offset : spans[-1].offset + spans[-1].width]
            row = self._kept.get(data)
            if row is None:
                if not data.strip(b" \0") or all(_is_empty(span, view.data) for span in spans):
                    continue
                before = len(remarks)
                row = self._row(spans, view, remarks)
                if len(remarks) == before:  # else each call that has it tells of it
                    if len(self._kept) >= MOST_KEPT:
                        self._kept.clear()
                    self._kept[data] = row
            yield row

    def _row(self, spans: Sequence[Span], view: RecordView, remarks: list[str]) -> Row:
        row: Row = {}
        for span in spans:
            if span.name in self._rule.fields:
                key = self._rule.fields[span.name]
                data = view.data[span.offset : span.offset + span.width]
                value, doubt = self._values.value_of(self._rule.list_name, key, span.type, data)
                if value is not None:
                    row[key] = value
                else:
                    remarks.append(f"{view.record}.{span.path}: {doubt}; left out")
        return row


def _is_empty(span: Span, data: bytes) -> bool:
    return not span.of(data).strip(b" \0" + (b"0" if span.type in ("number", "quantity") else b""))
