"""The rows of lists (visits, orders, vaccinations) that stand in the records of a call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.table.model.arguments import RecordArgument
from bridge.table.model.rows import Function, Table
from bridge.trace.format import Number
from bridge.trace.records import RecordView, Span, records_out
from bridge.trace.worlds.observations import Observation, Row
from bridge.trace.worlds.rules import WorldRules
from bridge.trace.worlds.values import value_of


@dataclass(slots=True)
class SeenRows:
    """Rows of a list, newest first as they came. ``complete``: all that the cloud would tell."""

    name: str
    rows: list[Row]
    key: tuple[str, ...]
    complete: bool


def seen_rows(table: Table, rules: WorldRules, observation: Observation) -> Iterator[SeenRows]:
    """The rows that the records of a call hold. They are not kept with the sight: a trace has many."""
    function = table.functions.get(observation.call.function)
    if function is None or not observation.ok:
        return
    for view in records_out(table, function, observation.call.given, observation.call.answer):
        for name, group in rules.records[view.record].groups.items() if view.record else ():
            rows = list(_rows(rules, name, view, observation))
            asked = len({span.index for span in view.spans if span.group == name})
            whole = _from_the_first(function, view.argument, observation) and len(rows) < asked
            complete = whole or _all_positions(function, view.argument)
            yield SeenRows(group.list_name, rows, group.key, complete)


def _rows(rules: WorldRules, name: str, view: RecordView, observation: Observation) -> Iterator[Row]:
    """The repetitions of a group in which something stands."""
    group = rules.records[view.record].groups[name]
    by_index: dict[int, list[Span]] = {}
    for span in view.spans:
        if span.group == name:
            by_index.setdefault(span.index, []).append(span)
    for spans in by_index.values():
        whole = view.data[spans[0].offset : spans[-1].offset + spans[-1].width]
        if not whole.strip(b" \0") or all(_is_empty(span, view.data) for span in spans):
            continue
        row: Row = {}
        for span in spans:
            if span.name in group.fields:
                key = group.fields[span.name]
                value = value_of(rules, (group.list_name, key), span, view, observation.remarks)
                row |= {} if value is None else {key: value}
        yield row


def _is_empty(span: Span, data: bytes) -> bool:
    return not span.of(data).strip(b" \0" + (b"0" if span.type in ("number", "quantity") else b""))


def _all_positions(function: Function, argument: str) -> bool:
    found = function.argument(argument)
    return isinstance(found, RecordArgument) and found.range is None


def _from_the_first(function: Function, argument: str, observation: Observation) -> bool:
    found = function.argument(argument)
    if not isinstance(found, RecordArgument) or found.range is None:
        return True
    start = observation.call.given.get(found.range.start)
    return isinstance(start, Number) and start.low == 1
