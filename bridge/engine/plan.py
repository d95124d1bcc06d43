"""Plan a call: row + arguments in, the steps with their request bodies out. Pure.

Every fault of the caller is found here (6018).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.codec.dates import roc_date
from bridge.codec.fixed import Filler, Group, Layout, layout_width, unpack
from bridge.codec.text import decode
from bridge.engine.call import File, LegacyCall, Room
from bridge.engine.conditions import CONDITIONS, bracketed
from bridge.engine.converters import KEYED_CONVERTERS, VALUE_CONVERTERS
from bridge.engine.surroundings import TAIWAN, Surroundings
from bridge.errors import BadArgument, FileSizeWrong, FileUnreadable, NotSupported
from bridge.table.layout import build_layout
from bridge.table.model import (
    BlockArgument,
    CountArgument,
    FileArgument,
    Function,
    IgnoredArgument,
    LengthArgument,
    RangeSpec,
    RecordArgument,
    ScalarArgument,
    ScalarOutArgument,
    Step,
    Table,
    TextArgument,
    TextInOutArgument,
    TextOutArgument,
    TextSizedArgument,
    Value,
    When,
)

Unpacked = Mapping[str, "str | list[dict[str, str]]"]


MOST_FILE_BYTES = 10 * 1024 * 1024
Lookups = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step that will run, with its body as far as the call alone tells it, and what runs in its place after
    certain statuses.
    """

    step: Step
    body: Mapping[str, Any]
    alternatives: tuple[Step, ...] = ()


@dataclass(slots=True)
class Plan:
    """What a call needs.

    Its steps in order, the layouts of its out-records, the person a write is meant for.
    """

    function: Function
    call: LegacyCall
    around: Surroundings = field(default_factory=Surroundings)
    values: dict[str, str | int] = field(default_factory=dict)
    blocks: dict[str, Unpacked] = field(default_factory=dict)
    layouts: dict[str, Layout] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    steps: list[PlannedStep] = field(default_factory=list)
    person: tuple[str, str] | None = None


def make_plan(table: Table, function: Function, call: LegacyCall, around: Surroundings | None = None) -> Plan:
    """Plan one call. ``around``: the settings that the row may look at and the time of the call; by default
    those that nobody has set, and now.

    Raises NotSupported for a function that 6.0 dropped; BadArgument, naming the argument, for one that is
    missing, too short, of the wrong kind, not Big5, blank where a value is needed, or not one of the values
    allowed.
    """
    if function.status == "unsupported":
        raise NotSupported(f"control software 6.0 offers nothing for {function.name}")
    plan = Plan(function, call, around or Surroundings())
    for argument in function.arguments:  # counts first: blocks and records are measured by them
        if isinstance(argument, CountArgument):
            plan.values[argument.name] = _count(argument, call)
    for argument in function.arguments:
        try:
            _read_argument(table, plan, argument)
        except BadArgument as error:
            raise BadArgument(f"{argument.name}: {error}") from error
    for argument in function.arguments:
        if isinstance(argument, FileArgument):
            _check_file(plan, argument)
    if function.identity is not None:
        plan.person = _person(plan, function.identity.id, function.identity.birthday)
    plan.steps = _chosen(plan)
    return plan


def make_body(plan: Plan, step: Step, lookups: Lookups, item: str = "") -> dict[str, Any]:
    """The JSON body of a step. ``lookups``: by step id, the texts found by steps that ran for each of
    several; ``item``: the one of now.

    What the row takes from the signature is still missing: :func:`signed_body` adds it. Raises BadArgument
    when a value of the caller cannot be used.
    """
    scope = _Scope(lookups, item)
    return {key: _value(plan, v, key, scope) for key, v in step.body.items() if v.signature is None}


def signed_body(step: Step, values: Mapping[str, Any], signer: Mapping[str, str]) -> dict[str, Any]:
    """The whole body of a request to the cloud or the centre. In: the values of :func:`make_body`; the
    signature's fields, which the cloud gets under their own names and the centre only where the row says so.
    """
    named = {key: signer[v.signature] for key, v in step.body.items() if v.signature is not None}
    return {**(signer if step.target == "cloud" else {}), **values, **named}


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
        case TextInOutArgument():
            plan.values[argument.name] = _digits(argument, plan.call)
        case FileArgument():
            plan.values[argument.name] = _file_name(argument, plan.call)
        case TextSizedArgument():
            _room(argument.name, plan.call, least=1)
        case CountArgument() | LengthArgument() | TextOutArgument() | ScalarOutArgument() | IgnoredArgument():
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
    text = _trimmed(argument.width, _bytes(argument.name, call))
    if not text and not argument.blank:
        raise BadArgument("blank")
    return text


def _trimmed(width: int, data: bytes) -> str:
    if data[width:].strip(b" \0"):
        raise BadArgument(f"something stands behind its {width} bytes")
    return decode(data[:width]).strip()


def _digits(argument: TextInOutArgument, call: LegacyCall) -> str:
    text = _trimmed(argument.width, _bytes(argument.name, call))
    if not re.fullmatch(r"\d+", text, re.ASCII):  # code page 950 has full-width digits
        raise BadArgument("not a number")
    return str(int(text))


def _file(name: str, call: LegacyCall) -> File:
    value = call.arguments.get(name)
    if not isinstance(value, File):
        raise BadArgument("missing")
    return value


def _file_name(argument: FileArgument, call: LegacyCall) -> str:
    text = _trimmed(argument.width, _file(argument.name, call).name)
    if not text:
        raise BadArgument("blank")
    return text


def _check_file(plan: Plan, argument: FileArgument) -> None:
    """The file can be sent. Raises FileUnreadable, FileSizeWrong."""
    file = _file(argument.name, plan.call)
    if file.too_large:
        raise FileSizeWrong(f"larger than {MOST_FILE_BYTES} bytes")
    if file.content is None:
        raise FileUnreadable("the file is missing or may not be read")
    if len(file.content) > MOST_FILE_BYTES:
        raise FileSizeWrong(f"{len(file.content)} bytes, more than {MOST_FILE_BYTES}")
    if str(len(file.content)) != plan.values[argument.size]:
        raise FileSizeWrong(
            f"the file has {len(file.content)} bytes, stated are {plan.values[argument.size]}"
        )


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
    room = _room(argument.name, plan.call, least=1)
    wants_brackets = argument.bracketed is not None and bracketed(room)
    record = argument.bracketed if argument.bracketed and wants_brackets else argument.record
    layout = build_layout(table.records_out[record], table.records_out, _repeat(plan, argument.count))
    if argument.range is not None:
        layout = _ranged(plan, argument.name, argument.range, layout)
    _room(argument.name, plan.call, least=layout_width(layout))
    return layout


def _room(name: str, call: LegacyCall, least: int) -> Room:
    room = call.arguments.get(name)
    if not isinstance(room, Room):
        raise BadArgument("missing")
    if room.capacity < least:
        raise BadArgument(f"{room.capacity} bytes offered, {least} are needed")
    return room


def _ranged(plan: Plan, name: str, wanted: RangeSpec, layout: Layout) -> Layout:
    """The layout of the positions wanted.

    Raises BadArgument for a range that does not lie within the group.
    """
    start, end = _number(wanted.start, plan.call), _number(wanted.end, plan.call)
    group = layout[0]
    if not isinstance(group, Group):
        raise TypeError(f"{name}: a range of a record that is no group")
    if not 1 <= start <= end <= group.count:
        raise BadArgument(f"positions {start} to {end} are not within 1 to {group.count}")
    plan.skipped[name] = start - 1
    return (Group(group.name, end - start + 1, group.fields),)


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


def _chosen(plan: Plan) -> list[PlannedStep]:
    """The steps that run.

    Of those that share an id, the first whose condition holds, with those that may run after it.
    """
    chosen: dict[str, list[Step]] = {}
    for step in plan.function.steps:
        if step.when is not None and not _holds(plan, step.when):
            continue
        if step.id not in chosen:
            chosen[step.id] = [step]
        elif step.after:
            chosen[step.id].append(step)
    return [_planned(plan, steps) for steps in chosen.values()]


def _holds(plan: Plan, when: When) -> bool:
    if when.setting is not None:
        return plan.around.settings[when.setting] == when.value
    return CONDITIONS[when.condition](when, plan.call)


def _planned(plan: Plan, steps: list[Step]) -> PlannedStep:
    bodies = [
        make_body(plan, step, {}) for step in steps
    ]  # all of them: a fault of the caller must show before anything is sent
    return PlannedStep(steps[0], bodies[0], tuple(steps[1:]))


def _person(plan: Plan, id_name: str, birthday_name: str) -> tuple[str, str]:
    try:
        return str(plan.values[id_name]), roc_date(str(plan.values[birthday_name]))
    except ValueError as error:
        raise BadArgument(f"{birthday_name}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a value may refer to beside the call.

    Texts found by earlier steps, the item of now, the repetition of now.
    """

    lookups: Lookups
    item: str
    row: Mapping[str, str] | None = None


def _value(plan: Plan, value: Value, key: str, scope: _Scope) -> Any:
    if value.constant is not None:
        return value.constant
    if value.item:
        return scope.item
    if value.setting is not None:
        return plan.around.settings[value.setting]
    if value.now is not None:
        return plan.around.western_milliseconds
    if value.content is not None:
        return base64.b64encode(_file(value.content, plan.call).content or b"").decode("ascii")
    if value.each is not None:
        block, _, group = value.each.partition(".")
        rows = plan.blocks[block][group]
        if isinstance(rows, str):
            raise TypeError(f"{value.each} is no group")
        if value.plain is not None:
            return [row[value.plain] for row in rows]
        scopes = [_Scope(scope.lookups, scope.item, row) for row in rows]
        return [{n: _value(plan, inner, n, each) for n, inner in value.fields.items()} for each in scopes]
    found = _found(plan, value, scope.row)
    if isinstance(found, int):
        if value.convert is None:
            return found
        found = str(found)
    try:
        text = _converted(plan, value, found)
    except ValueError as error:
        raise BadArgument(f"{value.argument or value.field}: {error}") from error
    return scope.lookups.get(value.lookup or "", {}).get(text, text)


def _converted(plan: Plan, value: Value, found: str) -> str:
    """Through its named converter, if it has one. Raises ValueError."""
    if value.convert is None:
        return found.strip()
    if value.key is not None:
        now = plan.around.now.astimezone(TAIWAN)
        return KEYED_CONVERTERS[value.convert](found, str(plan.values[value.key]), now)
    return VALUE_CONVERTERS[value.convert](found)


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
