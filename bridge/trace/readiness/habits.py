"""What a program does that went well with the old software and may not with 6.0, as a trace shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from bridge.codec.fixed import Group, layout_width
from bridge.table.model.arguments import (
    ArgumentSpec,
    LengthArgument,
    RecordArgument,
    ScalarArgument,
    TextArgument,
)
from bridge.table.model.layout import kept_layout
from bridge.table.model.rows import Function, Table
from bridge.trace.format import BadPointer, Given, Number, TracedCall
from bridge.trace.records import Span, number_of, record_of, record_spans, records_out

# How soon a write must follow a failure of another call to count as its consequence.
AT_ONCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A habit at one call: its name in readiness.yaml, and what exactly was seen ("pBuffer: 71 of 72")."""

    habit: str
    call: TracedCall
    detail: str


def habits(table: Table, calls: Iterable[TracedCall]) -> Iterator[Seen]:
    """Everything seen, call by call in the order given; functions that the table does not have are passed
    over.
    """
    programs: dict[int, _Program] = defaultdict(_Program)
    rows = {name: _Row.of(table, function) for name, function in table.functions.items()}
    for call in calls:
        row = rows.get(call.function)
        if row is not None:
            yield from _arguments(table, row.checked, call)
            yield from programs[call.process].after(table, row, call)


@dataclass(frozen=True, slots=True)
class _Row:
    """A function, and what is the same for all its calls. ``checked``: the arguments that are looked at.
    ``port``: what it does with the port. ``card``: whether it works with a card. ``tells_person``: whether a
    record that it gives names the person.
    """

    function: Function
    checked: tuple[ArgumentSpec, ...]
    port: Literal["open", "close", ""]
    card: bool
    tells_person: bool

    @classmethod
    def of(cls, table: Table, function: Function) -> _Row:
        operations = {step.reader for step in function.steps}
        return cls(
            function=function,
            checked=tuple(function.arguments),
            port="open" if "open" in operations else "close" if "close" in operations else "",
            card=any("hc" in step.needs or step.signature is not None for step in function.steps),
            tells_person=any(_names_person(table, argument) for argument in function.arguments),
        )


def _names_person(table: Table, argument: ArgumentSpec) -> bool:
    if not isinstance(argument, RecordArgument):
        return False
    names = [name for name in (argument.record, argument.bracketed) if name]
    return any(_is_person(span) for name in names for span in record_spans(table.records_out, name))


def _is_person(span: Span) -> bool:
    return span.name == "id_no" and not span.group


# --- in the arguments of one call ---------------------------------------------------------------------------


def _arguments(table: Table, checked: Iterable[ArgumentSpec], call: TracedCall) -> Iterator[Seen]:
    for argument in checked:
        value = call.given.get(argument.name)
        if isinstance(value, BadPointer):
            yield Seen("bad_pointer", call, f"{argument.name}: {'null' if value.null else 'unreadable'}")
            continue
        match argument:
            case RecordArgument():
                yield from _buffer(table, argument, call)
            case LengthArgument() if isinstance(value, Number):
                yield from _length(argument.name, value, call)
            case ScalarArgument() if isinstance(value, Number) and _is_dirty(value):
                yield Seen("dirty_scalar", call, argument.name)
            case TextArgument() if isinstance(value, bytes) and value[argument.width :].strip(b" \0"):
                yield Seen("overlong_text", call, f"{argument.name}: {len(value)} of {argument.width}")
            case _:
                pass


def _buffer(table: Table, argument: RecordArgument, call: TracedCall) -> Iterator[Seen]:
    capacity = call.given.get(argument.length)
    if not isinstance(capacity, Number):
        return
    needed = _width(table, argument, call)
    if capacity.low < needed:
        yield Seen("short_buffer", call, f"{argument.name}: {capacity.low} of {needed}")


def _width(table: Table, argument: RecordArgument, call: TracedCall) -> int:
    """Bytes of the record that is meant."""
    record = record_of(argument, call.given.get(argument.name))
    if argument.range is None:
        repeat = number_of(call.given, argument.count) if argument.count else 1
        return layout_width(kept_layout(table.records_out, record, repeat))
    (group,) = kept_layout(table.records_out, record)
    each = group.width // group.count if isinstance(group, Group) else group.width
    first, last = number_of(call.given, argument.range.start), number_of(call.given, argument.range.end)
    return max(last - first + 1, 1) * each


def _length(name: str, before: Number, call: TracedCall) -> Iterator[Seen]:
    after = call.answer.after.get(name)
    if isinstance(after, Number) and _upper(after) != _upper(before):
        yield Seen("wide_length_written", call, name)
    elif _is_dirty(before):
        yield Seen("dirty_length", call, name)


def _upper(number: Number) -> int | None:
    return None if number.wide is None else (number.wide >> 16) & 0xFFFF


def _is_dirty(number: Number) -> bool:
    """The upper half is neither empty nor the sign of the lower one."""
    return _upper(number) not in (None, 0, 0xFFFF if number.low < 0 else 0)


# --- from call to call --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Program:
    """One process: whether its port is open, what its threads did last, whose card was read last."""

    open: bool = False
    open_failed: bool = False
    since_open: int = 0
    failed: dict[int, TracedCall] = field(default_factory=dict)
    id_no: bytes = b""

    def after(self, table: Table, row: _Row, call: TracedCall) -> Iterator[Seen]:
        """What a call shows in the light of those before it."""
        worked = table.succeeded(row.function.name, call.answer.code16)
        if row.port == "open":
            self.open, self.open_failed, self.since_open = worked, not worked, 0
        elif row.port == "close":
            if self.open and self.since_open == 1:
                yield Seen("reopened", call, "")
            self.open = self.open_failed = False
        elif row.card:
            self.since_open += 1
            if self.open_failed:
                yield Seen("open_ignored", call, "")
            elif not self.open:
                yield Seen("port_not_open", call, "")
        yield from self._writes(row.function, call)
        yield from self._person(table, row, call)
        if worked:
            self.failed.pop(call.thread, None)
        else:
            self.failed[call.thread] = call

    def _writes(self, function: Function, call: TracedCall) -> Iterator[Seen]:
        failed = self.failed.get(call.thread)
        if function.effect != "write" or failed is None or failed.function == call.function:
            return
        if call.at.timestamp() - failed.ended < AT_ONCE_SECONDS:
            yield Seen("failure_ignored", call, f"{failed.function} -> {failed.answer.code16}")

    def _person(self, table: Table, row: _Row, call: TracedCall) -> Iterator[Seen]:
        function = row.function
        if function.identity is not None:
            named = _text(call.given.get(function.identity.id))
            if self.id_no and named and named != self.id_no:
                yield Seen("another_person", call, function.identity.id)
        if row.tells_person:
            for view in records_out(table, function, call.given, call.answer):
                for span in filter(_is_person, view.spans):
                    self.id_no = span.of(view.data).strip()


def _text(value: Given | None) -> bytes:
    return value.strip(b" \0") if isinstance(value, bytes) else b""
