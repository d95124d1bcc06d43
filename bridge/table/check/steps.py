"""What the steps of a row must fulfil: everything they point to exists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bridge.table.check.outputs import check_lookup, check_source
from bridge.table.check.records import field_names
from bridge.table.model.arguments import BlockArgument
from bridge.table.model.names import (
    CONDITIONS,
    KEYED_CONVERTERS,
    READER_OPERATIONS,
    SETTINGS,
    TEXT_CONDITIONS,
    VALUE_CONVERTERS,
)
from bridge.table.model.rows import ForEach, Function, Step, Table, Value, When

STATUS_SOURCES = {"cloud": "cloud", "centre": "vpn", "console": "console", "reader": "console"}


def check_steps(table: Table, function: Function) -> Iterator[str]:
    """Faults of a row's steps."""
    alternatives = Counter(step.id for step in function.steps)
    seen: set[str] = set()
    for step in function.steps:
        where = f"step {step.id}" if len(function.steps) > 1 else "step"
        if alternatives[step.id] > 1 and step.when is None and not step.after and step.id in seen:
            yield f"{where}: alternatives need a condition each, or say after which statuses they run"
        seen.add(step.id)
        if step.for_each is not None:
            yield from (
                f"{where}: {fault}" for fault in _check_for_each(table, function, step, step.for_each)
            )
        if step.notice is not None and (step.notice == 0 or step.notice not in table.statuses.legacy_codes):
            yield f"{where}: notice {step.notice} is no legacy code"
        if step.reader is not None and step.reader not in READER_OPERATIONS:
            yield f"{where}: there is no reader operation {step.reader}"
        if step.when is not None:
            yield from (f"{where}: {fault}" for fault in _check_when(function, step.when))
        if (
            step.cloud is not None
            and function.effect == "read"
            and step.signature
            and step.signature.service_type != "01"
        ):
            yield f"{where}: a read signs with service type 01"
        for key, value in step.body.items():
            yield from (f"{where}: {key}: {fault}" for fault in _check_value(table, function, value, set()))
            yield from (f"{where}: {key}: {fault}" for fault in _check_signature_field(table, step, value))
        listed = table.statuses.sources.get(STATUS_SOURCES[step.target], {})
        yield from (
            f"{where}: tolerates {code}, which status.yaml does not list"
            for code in step.tolerate
            if str(code) not in listed
        )
        yield from (f"{where}: {fault}" for fault in _check_step_provenance(step))
        if step.receipt is not None:
            yield from check_source(step.receipt, f"{where}: receipt")
            if step.signature is None or function.effect == "read":
                yield f"{where}: only a change that the cloud or the centre carries out has a receipt"


def _check_when(function: Function, when: When) -> Iterator[str]:
    if when.setting is not None:
        if when.value not in SETTINGS.get(when.setting, ()):
            yield f"there is no setting {when.setting} with the value {when.value}"
        return
    if when.condition not in CONDITIONS:
        yield f"there is no condition {when.condition}"
    if when.argument is not None and when.argument not in _names(function):
        yield f"there is no argument {when.argument}"


def _check_signature_field(table: Table, step: Step, value: Value) -> Iterator[str]:
    if value.signature is None:
        return
    kind = step.signature.kind if step.signature is not None else None
    if kind is None or value.signature not in table.console.signature_fields(kind):
        yield f"the step's signature has no field {value.signature}"


def _check_for_each(table: Table, function: Function, step: Step, wanted: ForEach) -> Iterator[str]:
    if wanted.condition not in TEXT_CONDITIONS:
        yield f"there is no condition {wanted.condition}"
    if wanted.step is not None and wanted.step not in {other.id for other in function.steps}:
        yield f"there is no step {wanted.step}"
    yield from (
        f"there is no field {name} in every form"
        for name in wanted.fields
        if name not in _block_fields(table, function)
    )
    if not any(value.item for value in step.body.values()):
        yield "its body does not say where the item goes"


def _check_step_provenance(step: Step) -> Iterator[str]:
    if step.signature is None:
        return
    for key, value in step.body.items():
        if value.provenance is None:
            yield f"{key}: a {step.target} field needs its provenance"


def _check_value(table: Table, function: Function, value: Value, inside: set[str]) -> Iterator[str]:
    yield from check_lookup(function, value.lookup)
    known = VALUE_CONVERTERS if value.key is None else KEYED_CONVERTERS
    if value.convert is not None and value.convert not in known:
        yield f"there is no converter {value.convert}" + (" with a key" if value.key is not None else "")
    if value.key is not None and (value.convert is None or value.key not in _names(function)):
        yield f"key: {value.key} is no argument that a converter needs"
    if value.setting is not None and value.setting not in SETTINGS:
        yield f"there is no setting {value.setting}"
    if value.when is not None:
        yield from _check_when(function, value.when)
        if inside or value.signature is not None:
            yield "a value with a 'when' stands at the top of the body, and is none of the signature"
    if value.signature is not None and inside:
        yield "a signature's field stands at the top of the body only"
    if value.content is not None and value.content not in _names(function):
        yield f"there is no argument {value.content}"
    if value.argument is not None and value.argument not in _names(function):
        yield f"there is no argument {value.argument}"
    if value.field is not None and value.field not in (inside or _block_fields(table, function)):
        yield f"there is no field {value.field} in every form"
    if value.each is not None:
        block, _, group = value.each.partition(".")
        members = {
            name.removeprefix(f"{block}.{group}.")
            for name in _block_fields(table, function)
            if name.startswith(f"{block}.{group}.")
        }
        if not members:
            yield f"there is no group {value.each}"
        if value.plain is not None and value.plain not in members:
            yield f"there is no field {value.plain} in the group"
        for key, inner in value.fields.items():
            yield from (f"{key}: {fault}" for fault in _check_value(table, function, inner, members or {""}))


def _block_fields(table: Table, function: Function) -> set[str]:
    """``block.field`` (and ``block.group.field``) names that every form of the block has."""
    names: set[str] = set()
    for argument in function.arguments:
        if isinstance(argument, BlockArgument):
            forms = [
                {f"{argument.name}.{name}" for name in field_names(table.records_in[form], table.records_in)}
                for form in argument.forms
                if form in table.records_in
            ]
            names |= set.intersection(*forms) if forms else set()
    return names


def _names(function: Function) -> set[str]:
    return {argument.name for argument in function.arguments}
