"""What a loaded table must fulfil beyond the shape of each row. Each check yields one line per fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bridge.codec.fixed import layout_width
from bridge.table.layout import build_layout
from bridge.table.model import (
    BlockArgument,
    ForEach,
    Function,
    GroupSpec,
    Identity,
    IncludeSpec,
    Output,
    RecordArgument,
    RecordSpec,
    ScalarOutArgument,
    Source,
    Step,
    Table,
    TextInOutArgument,
    TextOutArgument,
    TextSizedArgument,
    Value,
)
from bridge.table.names import (
    CONDITIONS,
    READER_OPERATIONS,
    REPLY_CONVERTERS,
    TEXT_CONDITIONS,
    VALUE_CONVERTERS,
)

LARGEST_RECORD = 32_767  # capacities are signed 16-bit numbers
UPSTREAM_FAILURES = ("unreachable", "timeout", "dropped", "http-4xx", "http-5xx")
NEEDED_TRANSPORT = (
    *(f"console-{failure}" for failure in UPSTREAM_FAILURES),
    *(f"cloud-{failure}" for failure in UPSTREAM_FAILURES),
    *("bad-json", "tls-failure", "bridge-unreachable", "bad-argument", "not-supported", "shim-mismatch"),
)
NEEDED_BRIDGE = (
    "wrong-person",
    "card-changed",
    "port-not-open",
    "no-virtual-card",
    "file-unreadable",
    "file-size-wrong",
    "deadline",
    "internal",
)


def check_table(table: Table) -> list[str]:
    """Every fault of the table, one line each; an empty list means it is sound."""
    faults = [*_check_records("out", table.records_out), *_check_records("in", table.records_in)]
    faults += [*_check_statuses(table), *_check_ordinals(table), *_check_routes(table)]
    for function in table.functions.values():
        faults += [f"{function.name}: {fault}" for fault in _check_function(table, function)]
    return faults


# --- records ------------------------------------------------------------------------------------------------


def _check_records(direction: str, records: dict[str, RecordSpec]) -> Iterator[str]:
    for name, record in records.items():
        where = f"records.yaml: {direction}: {name}"
        missing = [
            i.include for i in record.layout if isinstance(i, IncludeSpec) and i.include not in records
        ]
        if missing:
            yield f"{where}: includes {', '.join(missing)}, which does not exist"
            continue
        width = layout_width(build_layout(record, records))
        if width != record.width:
            yield f"{where}: its parts add up to {width} bytes, documented are {record.width}"
        if record.most_bytes > LARGEST_RECORD:
            yield f"{where}: {record.most_bytes} bytes do not fit a 16-bit length"
        names = Counter(field_names(record, records))
        yield from (f"{where}: field {field} stands twice" for field, times in names.items() if times > 1)
        counted = [i for i in record.layout if isinstance(i, GroupSpec) and i.repeat == "n"]
        if counted and (len(record.layout) > 1 or counted[0].most is None):
            yield f"{where}: a counted group must stand alone and state its most"


def field_names(record: RecordSpec, records: dict[str, RecordSpec]) -> Iterator[str]:
    """Field names of a record; those inside a group as ``group.field``."""
    for item in record.layout:
        if isinstance(item, IncludeSpec):
            if item.include in records:  # a missing one is a fault of its own
                yield from field_names(records[item.include], records)
        elif isinstance(item, GroupSpec):
            yield from (f"{item.group}.{field.name}" for field in item.fields if not hasattr(field, "filler"))
        elif hasattr(item, "name"):
            yield item.name


# --- statuses -----------------------------------------------------------------------------------------------


def _check_statuses(table: Table) -> Iterator[str]:
    statuses = table.statuses
    known = {*statuses.legacy_codes, *statuses.vhc_codes}
    for source, entries in statuses.sources.items():
        if source not in statuses.unlisted:
            yield f"status.yaml: unlisted: no fallback for {source}"
        for key, entry in entries.items():
            where = f"status.yaml: {source}: {key}"
            for code in (entry.legacy, *entry.contexts.values()):
                if code not in known:
                    yield f"{where}: {code} is no legacy code"
            if source in ("transport", "bridge") and 0 in (entry.legacy, *entry.contexts.values()):
                yield f"{where}: a failure must not become 0"
    for source, code in statuses.unlisted.items():
        if code == 0 or code not in known:
            yield f"status.yaml: unlisted: {source}: {code} is no legacy code of a failure"
    for source, keys in (("transport", NEEDED_TRANSPORT), ("bridge", NEEDED_BRIDGE)):
        listed = statuses.sources.get(source, {})
        yield from (f"status.yaml: {source}: {key} is missing" for key in keys if key not in listed)
    offered = {
        context for entries in statuses.sources.values() for e in entries.values() for context in e.contexts
    }
    for function in table.functions.values():
        used = {*function.contexts, *(context for step in function.steps for context in step.contexts)}
        yield from (
            f"{function.name}: no status knows the context {context}" for context in sorted(used - offered)
        )
    for code in (*statuses.legacy_codes, *statuses.vhc_codes):
        if not -32768 <= code <= 32767:
            yield f"status.yaml: {code} does not fit 16 bits"


def _check_ordinals(table: Table) -> Iterator[str]:
    ordinals = Counter(function.ordinal for function in table.exported() if function.ordinal is not None)
    yield from (
        f"ordinal {ordinal} is given {times} times" for ordinal, times in ordinals.items() if times > 1
    )


def _check_routes(table: Table) -> Iterator[str]:
    paths = Counter(route.path.lower() for route in table.routes)
    yield from (f"route {path} stands {times} times" for path, times in paths.items() if times > 1)
    for route in table.routes:
        if route.function not in table.functions:
            yield f"route {route.path}: there is no row {route.function}"


# --- functions ----------------------------------------------------------------------------------------------


def _check_function(table: Table, function: Function) -> Iterator[str]:
    names = Counter(argument.name for argument in function.arguments)
    yield from (f"argument {name} stands twice" for name, times in names.items() if times > 1)
    if function.export:
        if function.ordinal is None:
            yield "an export needs an ordinal"
        words = len(function.arguments)
        if function.stack_bytes != 4 * words:
            yield f"{words} arguments take {4 * words} stack bytes, not {function.stack_bytes}"
    if function.status == "unsupported":
        if function.steps:
            yield "an unsupported function has no steps"
        return
    if not function.steps:
        yield "a supported function needs steps"
    yield from _check_arguments(table, function)
    yield from _check_steps(table, function)
    yield from _check_outputs(table, function)
    if function.identity is not None:
        yield from _check_identity(function, function.identity)


def _check_arguments(table: Table, function: Function) -> Iterator[str]:
    kinds = {argument.name: argument.kind for argument in function.arguments}
    for argument in function.arguments:
        if isinstance(argument, RecordArgument):
            records = [argument.record, *([argument.bracketed] if argument.bracketed else [])]
            missing = [record for record in records if record not in table.records_out]
            yield from (f"{argument.name}: there is no out-record {record}" for record in missing)
            if argument.range is not None:
                ends = (argument.range.start, argument.range.end)
                yield from (
                    f"{argument.name}: {end} is no scalar" for end in ends if kinds.get(end) != "scalar"
                )
        length = argument.length if isinstance(argument, RecordArgument | TextSizedArgument) else None
        if length is not None and kinds.get(length) != "length":
            yield f"{argument.name}: {length} is not a length argument"
        if isinstance(argument, BlockArgument):
            missing = [form for form in argument.forms if form not in table.records_in]
            yield from (f"{argument.name}: there is no in-record {form}" for form in missing)
        count = argument.count if isinstance(argument, BlockArgument | RecordArgument) else None
        if count is not None and kinds.get(count) != "count":
            yield f"{argument.name}: {count} is not a count argument"
    sized = [a for a in function.arguments if isinstance(a, RecordArgument | TextSizedArgument)]
    owned = {argument.length for argument in sized}
    for name, kind in kinds.items():
        if kind == "length" and name not in owned:
            yield f"{name}: a length that belongs to no record"


def _check_steps(table: Table, function: Function) -> Iterator[str]:
    alternatives = Counter(step.id for step in function.steps)
    seen: set[str] = set()
    for step in function.steps:
        where = f"step {step.id}"
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
            if step.when.condition not in CONDITIONS:
                yield f"{where}: there is no condition {step.when.condition}"
            if step.when.argument is not None and step.when.argument not in _names(function):
                yield f"{where}: there is no argument {step.when.argument}"
        if (
            step.cloud is not None
            and function.effect == "read"
            and step.signature
            and step.signature.service_type != "01"
        ):
            yield f"{where}: a read signs with service type 01"
        for key, value in step.body.items():
            yield from (f"{where}: {key}: {fault}" for fault in _check_value(table, function, value, set()))
        listed = table.statuses.sources.get("console" if step.console else "cloud", {})
        yield from (
            f"{where}: tolerates {code}, which status.yaml does not list"
            for code in step.tolerate
            if str(code) not in listed
        )
        yield from _check_step_provenance(step)


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


def _check_lookup(function: Function, lookup: str | None) -> Iterator[str]:
    if lookup is not None and not any(step.id == lookup and step.for_each for step in function.steps):
        yield f"there is no step {lookup} that runs for each of several"


def _check_step_provenance(step: Step) -> Iterator[str]:
    if step.cloud is None:
        return
    for key, value in step.body.items():
        if value.provenance is None:
            yield f"step {step.id}: {key}: a cloud field needs its provenance"


def _check_value(table: Table, function: Function, value: Value, inside: set[str]) -> Iterator[str]:
    yield from _check_lookup(function, value.lookup)
    if value.convert is not None and value.convert not in VALUE_CONVERTERS:
        yield f"there is no converter {value.convert}"
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


def _check_outputs(table: Table, function: Function) -> Iterator[str]:
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
            yield from _check_source(function.result.value, "result")
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
            yield from _check_source(output.value, "value")
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
        yield from _check_source(field_source, field)
        yield from _check_lookup(function, field_source.lookup)


def _check_source(source: Source, where: str) -> Iterator[str]:
    if (source.json_name is None) == (source.constant is None):
        yield f"{where}: needs exactly one of json, constant"
    if source.convert is not None and source.convert not in REPLY_CONVERTERS:
        yield f"{where}: there is no converter {source.convert}"


def _check_identity(function: Function, identity: Identity) -> Iterator[str]:
    for name in (identity.id, identity.birthday):
        if name not in _names(function):
            yield f"identity: there is no argument {name}"
    if not any(step.signature and step.signature.kind in ("hc", "hpchc") for step in function.steps):
        yield "identity: no step signs with the health card"


def _names(function: Function) -> set[str]:
    return {argument.name for argument in function.arguments}
