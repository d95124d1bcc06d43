"""Habits that a single call shows: in its arguments, before it and after."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.codec.fixed import Group, layout_width
from bridge.table.model.arguments import LengthArgument, RecordArgument, ScalarArgument, TextArgument
from bridge.table.model.layout import kept_layout
from bridge.table.model.rows import Function, Table
from bridge.trace.format import BadPointer, Number, TracedCall
from bridge.trace.records import number_of, record_of

Habit = tuple[str, str]  # its name in readiness.yaml, and what exactly was seen ("pBuffer: 71 of 72")


def argument_habits(table: Table, function: Function, call: TracedCall) -> Iterator[Habit]:
    """What is seen in the arguments of a call."""
    for argument in function.arguments:
        value = call.given.get(argument.name)
        if isinstance(value, BadPointer):
            yield "bad_pointer", f"{argument.name}: {'null' if value.null else 'unreadable'}"
            continue
        match argument:
            case RecordArgument():
                yield from _buffer(table, argument, call)
            case LengthArgument() if isinstance(value, Number):
                yield from _length(argument.name, value, call)
            case ScalarArgument() if isinstance(value, Number) and _is_dirty(value):
                yield "dirty_scalar", argument.name
            case TextArgument() if isinstance(value, bytes) and value[argument.width :].strip(b" \0"):
                yield "overlong_text", f"{argument.name}: {len(value)} of {argument.width}"
            case _:
                pass


def _buffer(table: Table, argument: RecordArgument, call: TracedCall) -> Iterator[Habit]:
    capacity = call.given.get(argument.length)
    if not isinstance(capacity, Number):
        return
    needed = _width(table, argument, call)
    if capacity.low < needed:
        yield "short_buffer", f"{argument.name}: {capacity.low} of {needed}"


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


def _length(name: str, before: Number, call: TracedCall) -> Iterator[Habit]:
    after = call.answer.after.get(name)
    if isinstance(after, Number) and _upper(after) != _upper(before):
        yield "wide_length_written", name
    elif _is_dirty(before):
        yield "dirty_length", name


def _upper(number: Number) -> int | None:
    return None if number.wide is None else (number.wide >> 16) & 0xFFFF


def _is_dirty(number: Number) -> bool:
    """The upper half is neither empty nor the sign of the lower one."""
    return _upper(number) not in (None, 0, 0xFFFF if number.low < 0 else 0)
