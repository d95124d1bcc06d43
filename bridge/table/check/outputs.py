"""What the outputs of a row must fulfil: everything is filled, from sources that exist."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.table.check.records import field_names
from bridge.table.model.arguments import (
    RecordArgument,
    ScalarOutArgument,
    TextInOutArgument,
    TextOutArgument,
    TextSizedArgument,
)
from bridge.table.model.names import REPLY_CONVERTERS
from bridge.table.model.rows import Function, Output, Source, Table


def check_outputs(table: Table, function: Function) -> Iterator[str]:
    """Faults of what a row gives back: outputs, return value, notices."""
    for argument in function.arguments:
        filled = isinstance(
            argument, RecordArgument | TextOutArgument | TextSizedArgument | ScalarOutArgument
        )
        if filled and argument.name not in function.outputs:
            yield f"{argument.name}: nothing fills it"
    for name, output in function.outputs.items():
        if name not in _names(function):
            yield f"outputs: {name} is no argument"
            continue
        yield from (f"outputs: {name}: {fault}" for fault in _check_output(table, function, name, output))
    if function.result is not None:
        if function.result.value is None:
            yield "result: needs a value"
        else:
            yield from check_source(function.result.value, "result")
    steps = {step.id for step in function.steps}
    made = [*function.outputs.values(), *([function.result] if function.result else [])]
    for step in [*(output.step for output in made), *(notice.step for notice in function.notices)]:
        if step not in steps:
            yield f"there is no step {step}"
    for notice in function.notices:
        if notice.code == 0 or notice.code not in table.statuses.legacy_codes:
            yield f"notice: {notice.code} is no legacy code"


def _check_output(table: Table, function: Function, name: str, output: Output) -> Iterator[str]:
    argument = function.argument(name)
    if isinstance(argument, TextOutArgument | TextSizedArgument | ScalarOutArgument | TextInOutArgument):
        if output.value is None or output.fields or output.groups:
            yield "wants a value and nothing else"
        else:
            yield from check_source(output.value, "value")
            yield from _check_sent(function, output.step, output.value, "value")
        return
    if not isinstance(argument, RecordArgument) or argument.record not in table.records_out:
        yield "cannot be written"
        return
    given = set(output.fields)
    for group, source in output.groups.items():
        given |= {f"{group}.{field}" for field in source.fields}
    wanted = set(field_names(table.records_out[argument.record], table.records_out))
    if argument.bracketed in table.records_out:
        wanted |= set(field_names(table.records_out[argument.bracketed], table.records_out))
    yield from (f"{field} of the record is not filled" for field in sorted(wanted - given))
    yield from (f"{field} is no field of the record" for field in sorted(given - wanted))
    sources = [*output.fields.items(), *(pair for g in output.groups.values() for pair in g.fields.items())]
    for field, field_source in sources:
        yield from check_source(field_source, field)
        yield from check_lookup(function, field_source.lookup)
        yield from _check_sent(function, output.step, field_source, field)


def check_source(source: Source, where: str) -> Iterator[str]:
    """Faults of one source of a value."""
    found = source.json_name is not None or source.sent is not None
    if found == (source.constant is not None):
        yield f"{where}: needs exactly one of json, constant; 'sent' stands alone or beside json"
    if source.convert is not None and source.convert not in REPLY_CONVERTERS:
        yield f"{where}: there is no converter {source.convert}"


def _check_sent(function: Function, step: str, source: Source, where: str) -> Iterator[str]:
    bodies = [other.body for other in function.steps if other.id == step]
    if source.sent is not None and not any(source.sent in body for body in bodies):
        yield f"{where}: no request of step {step} sends {source.sent}"


def check_lookup(function: Function, lookup: str | None) -> Iterator[str]:
    """A fault if the lookup names no step that runs for each of several."""
    if lookup is not None and not any(step.id == lookup and step.for_each for step in function.steps):
        yield f"there is no step {lookup} that runs for each of several"


def _names(function: Function) -> set[str]:
    return {argument.name for argument in function.arguments}
