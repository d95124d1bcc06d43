"""Plan a call: row + arguments in, the steps with their request bodies out. Pure.

Every fault of the caller is found here (6018).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.codec.dates import roc_date
from bridge.codec.fixed import Filler, Group, Layout, layout_width, unpack
from bridge.codec.text import decode
from bridge.engine.call import LegacyCall, Room
from bridge.engine.conditions import CONDITIONS
from bridge.engine.converters import VALUE_CONVERTERS
from bridge.errors import BadArgument, NotSupported
from bridge.table.layout import build_layout
from bridge.table.model import (
    BlockArgument,
    CountArgument,
    Function,
    LengthArgument,
    RecordArgument,
    ScalarArgument,
    Step,
    Table,
    TextArgument,
    TextOutArgument,
    Value,
)

Unpacked = Mapping[str, "str | list[dict[str, str]]"]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step that will run, with its body's values."""

    step: Step
    body: Mapping[str, Any]


@dataclass(slots=True)
class Plan:
    """What a call needs.

    Its steps in order, the layouts of its out-records, the person a write is meant for.
    """

    function: Function
    call: LegacyCall
    values: dict[str, str | int] = field(default_factory=dict)
    blocks: dict[str, Unpacked] = field(default_factory=dict)
    layouts: dict[str, Layout] = field(default_factory=dict)
    steps: list[PlannedStep] = field(default_factory=list)
    person: tuple[str, str] | None = None


def make_plan(table: Table, function: Function, call: LegacyCall) -> Plan:
    """Plan one call.

    Raises NotSupported for a function that 6.0 dropped; BadArgument, naming the argument, for one that is
    missing, too short, of the wrong kind, not Big5, blank where a value is needed, or not one of the values
    allowed.
    """
    if function.status == "unsupported":
        raise NotSupported(f"control software 6.0 offers nothing for {function.name}")
    plan = Plan(function, call)
    for argument in function.arguments:  # counts first: blocks and records are measured by them
        if isinstance(argument, CountArgument):
            plan.values[argument.name] = _count(argument, call)
    for argument in function.arguments:
        try:
            _read_argument(table, plan, argument)
        except BadArgument as error:
            raise BadArgument(f"{argument.name}: {error}") from error
    if function.identity is not None:
        plan.person = _person(plan, function.identity.id, function.identity.birthday)
    plan.steps = [PlannedStep(step, _body(plan, step)) for step in _chosen(function, call)]
    return plan


# --- arguments ----------------------------------------------------------------------------------------------


def _read_argument(table: Table, plan: Plan, argument: Any) -> None:
    match argument:
        case TextArgument():
            plan.values[argument.name] = _text(argument, plan.call)
        case ScalarArgument():
            plan.values[argument.name] = _scalar(argument, plan.call)
        case BlockArgument():
            plan.blocks[argument.name] = _block(table, plan, argument)
        case RecordArgument():
            plan.layouts[argument.name] = _record(table, plan, argument)
        case CountArgument() | LengthArgument() | TextOutArgument():
            pass


def _bytes(name: str, call: LegacyCall) -> bytes:
    value = call.arguments.get(name)
    if not isinstance(value, bytes):
        raise BadArgument("missing")
    return value


def _number(name: str, call: LegacyCall) -> int:
    value = call.arguments.get(name)
    if not isinstance(value, int):
        raise BadArgument(f"{name}: missing")
    return value


def _text(argument: TextArgument, call: LegacyCall) -> str:
    data = _bytes(argument.name, call)
    if data[argument.width :].strip(b" \0"):
        raise BadArgument(f"something stands behind its {argument.width} bytes")
    text = decode(data[: argument.width])
    if not text.strip() and not argument.blank:
        raise BadArgument("blank")
    return text.strip()


def _scalar(argument: ScalarArgument, call: LegacyCall) -> int:
    value = _number(argument.name, call)
    if argument.allowed and value not in argument.allowed:
        raise BadArgument(f"{value} is none of {', '.join(map(str, argument.allowed))}")
    return value


def _count(argument: CountArgument, call: LegacyCall) -> int:
    value = _number(argument.name, call)
    if not argument.least <= value <= argument.most:
        raise BadArgument(f"{argument.name}: {value} is not within {argument.least} to {argument.most}")
    return value


def _repeat(plan: Plan, count: str | None) -> int:
    return int(plan.values[count]) if count is not None else 1


def _record(table: Table, plan: Plan, argument: RecordArgument) -> Layout:
    room = plan.call.arguments.get(argument.name)
    if not isinstance(room, Room):
        raise BadArgument("missing")
    layout = build_layout(
        table.records_out[argument.record], table.records_out, _repeat(plan, argument.count)
    )
    if room.capacity < layout_width(layout):
        raise BadArgument(f"{room.capacity} bytes offered, {layout_width(layout)} are the record")
    return layout


# --- data blocks --------------------------------------------------------------------------------------------


def _block(table: Table, plan: Plan, argument: BlockArgument) -> Unpacked:
    """Take a data block apart in the form that fits it.

    Brackets decide first, then length, then whether the fields make sense.
    """
    data = _bytes(argument.name, plan.call)
    repeat = _repeat(plan, argument.count)
    layouts = [build_layout(table.records_in[form], table.records_in, repeat) for form in argument.forms]
    bracketed = data[1:2] == b"["
    candidates = [layout for layout in layouts if _has_brackets(layout) == bracketed and _fits(layout, data)]
    read = [(layout, _sensible(layout, data)) for layout in candidates]
    sensible = [(layout, values) for layout, values in read if values is not None]
    if not sensible:
        widths = ", ".join(str(layout_width(layout)) for layout in layouts)
        raise BadArgument(f"{len(data)} bytes that are no valid block of {widths} bytes")
    exact = [values for layout, values in sensible if len(data) - layout_width(layout) in (0, 1)]
    if len(sensible) > 1 and len(exact) != 1:
        raise BadArgument(f"{len(data)} bytes that could be read in {len(sensible)} ways")
    return exact[0] if exact else sensible[0][1]


def _has_brackets(layout: Layout) -> bool:
    return any(isinstance(part, Filler) and part.data.startswith(b"[") for part in layout)


def _fits(layout: Layout, data: bytes) -> bool:
    width = layout_width(layout)
    return len(data) >= width and not data[width:].strip(b" \0")


def _sensible(layout: Layout, data: bytes) -> Unpacked | None:
    """The fields, or None where the bytes cannot be this form.

    A code with a blank before or in it, a number with letters.
    """
    try:
        values = unpack(layout, data[: layout_width(layout)])
    except BadArgument:
        return None
    for part in layout:
        fields = part.fields if isinstance(part, Group) else (part,)
        rows = values[part.name] if isinstance(part, Group) else [values]
        for row in rows if isinstance(rows, list) else []:
            for item in fields:
                if not isinstance(item, Filler) and not _plausible(item.type, str(row[item.name])):
                    return None
    return values


def _plausible(kind: str, text: str) -> bool:
    if kind == "code":
        return " " not in text
    if kind == "number":
        return re.fullmatch(r"\s*\d*", text) is not None
    if kind == "quantity":
        return re.fullmatch(r"\s*[\d.]*", text) is not None
    return True


# --- steps --------------------------------------------------------------------------------------------------


def _chosen(function: Function, call: LegacyCall) -> list[Step]:
    """The steps that run: of those that share an id, the first whose condition holds."""
    chosen: dict[str, Step] = {}
    for step in function.steps:
        if step.id not in chosen and (step.when is None or CONDITIONS[step.when.condition](step.when, call)):
            chosen[step.id] = step
    return list(chosen.values())


def _person(plan: Plan, id_name: str, birthday_name: str) -> tuple[str, str]:
    try:
        return str(plan.values[id_name]), roc_date(str(plan.values[birthday_name]))
    except ValueError as error:
        raise BadArgument(f"{birthday_name}: {error}") from error


def _body(plan: Plan, step: Step) -> dict[str, Any]:
    return {key: _value(plan, value, key) for key, value in step.body.items()}


def _value(plan: Plan, value: Value, key: str, row: Mapping[str, str] | None = None) -> Any:
    if value.constant is not None:
        return value.constant
    if value.each is not None:
        block, _, group = value.each.partition(".")
        rows = plan.blocks[block][group]
        if isinstance(rows, str):
            raise TypeError(f"{value.each} is no group")
        return [
            {name: _value(plan, inner, name, each) for name, inner in value.fields.items()} for each in rows
        ]
    found = _found(plan, value, row)
    if isinstance(found, int):
        return found
    try:
        return VALUE_CONVERTERS[value.convert](found) if value.convert else found.strip()
    except ValueError as error:
        raise BadArgument(f"{value.argument or value.field}: {error}") from error


def _found(plan: Plan, value: Value, row: Mapping[str, str] | None) -> str | int:
    if value.argument is not None:
        return plan.values[value.argument]
    name = value.field or ""
    if row is not None:
        return row[name]
    block, _, field_name = name.partition(".")
    found = plan.blocks[block][field_name]
    if not isinstance(found, str):
        raise TypeError(f"{name} is a group")
    return found
