"""Plan a call: row + arguments in, the steps with their request bodies out. Pure.

Every fault of the caller is found here (6018).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from bridge.calls.arguments import PreparedArguments, ReadArguments, file_argument, read_arguments
from bridge.calls.call import LegacyCall
from bridge.calls.conditions import CONDITIONS
from bridge.calls.context import CallContext
from bridge.calls.converters import KEYED_CONVERTERS, VALUE_CONVERTERS
from bridge.calls.file_text import base64_text, count_elements
from bridge.codec.dates import roc_date
from bridge.errors import BadArgument, NotSupported
from bridge.table.model.arguments import ArgumentSpec
from bridge.table.model.rows import Function, Output, Step, Table, Value, When
from bridge.words import said

Lookups = Mapping[str, Mapping[str, str]]


class PlannedStep(NamedTuple):
    """A step that will run, with its body as far as the call alone tells it, and what runs in its place after
    certain statuses.
    """

    step: Step
    body: Mapping[str, Any]
    alternatives: tuple[Step, ...] = ()


class Plan(ReadArguments):
    """What a call needs.

    Its steps in order, the layouts of its out-records, the person a write is meant for. ``row``: what is the
    same for every call of the function.
    """

    __slots__ = ("context", "person", "row", "steps")

    def __init__(self, function: Function, call: LegacyCall, context: CallContext | None = None) -> None:
        self.context = context or CallContext()
        super().__init__(function, call, self.context.page)
        self.row = prepared_row(function)
        self.steps: Sequence[PlannedStep] = ()
        self.person: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """What is the same for every call of a function. ``arguments``: how they are read. ``steps``: those that
    run, None where they differ from call to call. ``looks_up``: whether a step looks texts up for later ones.
    ``outputs``: with the argument that each is written to. ``kept_step``: the only step, where the result is
    made of nothing but the answer to it, which the console gives once in a session.
    """

    function: Function
    arguments: PreparedArguments
    steps: tuple[PlannedStep, ...] | None
    looks_up: bool
    outputs: tuple[tuple[ArgumentSpec, Output], ...]
    kept_step: Step | None


MOST_KEPT = 1024
_rows: dict[int, PreparedRow] = {}  # by the identity of a function, which they keep alive


def prepared_row(function: Function) -> PreparedRow:
    """What is the same for every call of a function; made at the first."""
    row = _rows.get(id(function))
    if row is None:
        if len(_rows) >= MOST_KEPT:
            _rows.clear()
        arguments, steps = PreparedArguments.of(function), _fixed_steps(function)
        row = _rows[id(function)] = PreparedRow(
            function=function,
            arguments=arguments,
            steps=steps,
            looks_up=any(step.for_each is not None for step in function.steps),
            outputs=tuple((function.argument(name), output) for name, output in function.outputs.items()),
            kept_step=_kept_step(function, arguments, steps),
        )
    return row


def _kept_step(
    function: Function, arguments: PreparedArguments, steps: tuple[PlannedStep, ...] | None
) -> Step | None:
    """See PreparedRow: nothing is read from the caller, and nothing is to be said or checked at each call."""
    if steps is None or len(steps) != 1 or function.status not in ("mapped", "assumed"):
        return None
    if arguments.counts or arguments.readers or arguments.files or function.identity is not None:
        return None
    step = steps[0].step
    return step if step.kept and step.for_each is None else None


def _fixed_steps(function: Function) -> tuple[PlannedStep, ...] | None:
    """The steps where neither which of them run nor their bodies depend on the call."""
    for step in function.steps:
        if step.when is not None or step.after:
            return None
        if any(
            value.when is not None or (value.constant is None and value.signature is None)
            for value in step.body.values()
        ):
            return None
    first = {step.id: step for step in reversed(function.steps)}
    return tuple(
        PlannedStep(step, {key: v.constant for key, v in step.body.items() if v.signature is None})
        for step in function.steps
        if first[step.id] is step
    )


def make_plan(table: Table, function: Function, call: LegacyCall, context: CallContext | None = None) -> Plan:
    """Plan one call. ``context``: the settings that the row may look at and the time of the call; by default
    those that nobody has set, and now.

    Raises NotSupported for a function that 6.0 dropped; BadArgument, naming the argument, for one that is
    missing, too short, of the wrong kind, not Big5, blank where a value is needed, or not one of the values
    allowed.
    """
    if function.status == "unsupported":
        raise NotSupported(said("control software 6.0 offers nothing for {name}", name=function.name))
    plan = Plan(function, call, context)
    row = plan.row
    read_arguments(table, plan, row.arguments)
    if function.identity is not None:
        plan.person = _person(plan, function.identity.id, function.identity.birthday)
    plan.steps = _chosen(plan) if row.steps is None else row.steps
    return plan


def make_body(plan: Plan, step: Step, lookups: Lookups, item: str = "") -> dict[str, Any]:
    """The JSON body of a step. ``lookups``: by step id, the texts found by steps that ran for each of
    several; ``item``: the one of now.

    What the row takes from the signature is still missing: :func:`signed_body` adds it. Raises BadArgument
    when a value of the caller cannot be used.
    """
    scope = _Scope(lookups, item)
    return {
        key: _value(plan, v, key, scope)
        for key, v in step.body.items()
        if v.signature is None and (v.when is None or _holds(plan, v.when))
    }


def signed_body(step: Step, values: Mapping[str, Any], signer: Mapping[str, str]) -> dict[str, Any]:
    """The whole body of a request to the cloud or the centre. In: the values of :func:`make_body`; the
    signature's fields, which the cloud gets under their own names and the centre only where the row says so.
    """
    body: dict[str, Any] = dict(signer) if step.target == "cloud" else {}
    body.update(values)
    for key, value in step.body.items():
        if value.signature is not None:
            body[key] = signer[value.signature]
    return body


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
        return plan.context.settings[when.setting] == when.value
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
        raise BadArgument(said("{name}: {error}", name=birthday_name, error=error)) from error


class _Scope(NamedTuple):
    """What a value may refer to beside the call.

    Texts found by earlier steps, the item of now, the repetition of now and ``where`` it stands, in words.
    """

    lookups: Lookups
    item: str
    row: Mapping[str, str] | None = None
    where: str = ""


def _value(plan: Plan, value: Value, key: str, scope: _Scope) -> Any:
    if value.constant is not None:
        return value.constant
    if value.item:
        return scope.item
    if value.setting is not None:
        return plan.context.settings[value.setting]
    if value.now is not None:
        return plan.context.western_milliseconds
    if value.content is not None and value.count is None:
        return base64_text(_content(plan, value.content))
    if value.each is not None:
        block, _, group = value.each.partition(".")
        rows = plan.blocks[block][group]
        if isinstance(rows, str):
            raise TypeError(f"{value.each} is no group")
        if value.plain is not None:
            return [row[value.plain] for row in rows]
        scopes = [
            _Scope(scope.lookups, scope.item, row, f"{value.each} {number}: ")
            for number, row in enumerate(rows, start=1)
        ]
        return [{n: _value(plan, inner, n, each) for n, inner in value.fields.items()} for each in scopes]
    found = _found(plan, value, scope.row)
    if isinstance(found, int):
        if value.convert is None:
            return found
        found = str(found)
    try:
        text = _converted(plan, value, found)
    except ValueError as error:
        name = value.argument or value.field or value.content
        raise BadArgument(
            said("{where}{name}: {error}", where=scope.where, name=name, error=error)
        ) from error
    return scope.lookups.get(value.lookup or "", {}).get(text, text)


def _content(plan: Plan, name: str) -> bytes | memoryview:
    return file_argument(name, plan.call).content or b""


def _converted(plan: Plan, value: Value, found: str) -> str:
    """Through its named converter, if it has one. Raises ValueError."""
    if value.convert is None:
        return found.strip()
    if value.key is not None:
        return KEYED_CONVERTERS[value.convert](found, str(plan.values[value.key]), plan.context)
    return VALUE_CONVERTERS[value.convert](found)


def _found(plan: Plan, value: Value, row: Mapping[str, str] | None) -> str | int:
    if value.argument is not None:
        return plan.values[value.argument]
    if value.content is not None and value.count is not None:
        return count_elements(_content(plan, value.content), value.count)
    name = value.field or ""
    if row is not None:
        return row[name]
    block, _, field_name = name.partition(".")
    found = plan.blocks[block][field_name]
    if not isinstance(found, str):
        raise TypeError(f"{name} is a group")
    return found
