"""A row in the words of the mapping files, for people at a terminal: a line for each step and each field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bridge.table.codegen.abi import component_method, declared, prototype
from bridge.table.document.records import record_parts
from bridge.table.model.arguments import BlockArgument, RecordArgument
from bridge.table.model.records import RecordSpec
from bridge.table.model.rows import VALUE_ORIGINS, Function, Output, Source, Step, Table, Value

Sources = Mapping[tuple[str, str], Source]  # by group ("" outside groups) and field


def row_lines(table: Table, row: Function) -> Iterator[str]:
    """What a row says: declaration, paths, steps, each buffer with its fields and where they come from."""
    status = "" if row.status == "mapped" else f"  ({row.status})"
    yield f"{row.name}  {row.section}  {row.title}{status}"
    yield f"  {row.summary}"
    yield f"  provenance: {row.provenance}"
    if row.library == "cshisx":
        yield f"  method of CsHisX: {component_method(row)}"
    elif row.export:
        yield f"  {prototype(row.name, declared(table, row))}"
        yield f"  ordinal {row.ordinal}, {row.stack_bytes} stack bytes"
    yield from (f"  HTTP: POST {r.path} ({r.form})" for r in table.routes if r.function == row.name)
    if row.identity is not None:
        yield f"patient: {row.identity.id}, {row.identity.birthday} must be those of the card in the reader"
    for step in row.steps:
        yield from _step(step, f"step {step.id}" if len(row.steps) > 1 else "step")
    for notice in row.notices:
        yield f"notice {notice.code}: {notice.json_name} is {notice.equals!r}  [{notice.provenance}]"
    yield from _records(table, row)
    for name, output in row.outputs.items():
        if output.value is not None:
            yield _value(row, name, output, output.value)
    if row.result is not None and row.result.value is not None:
        yield _value(row, "return value", row.result, row.result.value)


def _step(step: Step, name: str) -> Iterator[str]:
    said = [f"{step.target} {step.reader or f'{step.method} {step.path}'}"]
    if step.signature is not None:
        said.append(f"sign {step.signature.kind} {step.signature.service_type}")
    if step.needs:
        said.append(f"needs {' '.join(step.needs)}")
    if step.when is not None:
        looked_at = (step.when.condition, step.when.setting, step.when.argument, step.when.value)
        said.append("when " + " ".join(str(part) for part in looked_at if part not in (None, "")))
    if step.after:
        said.append(f"after {' '.join(map(str, step.after))}, then code {step.notice}")
    yield f"{name}: {', '.join(said)}  [{step.provenance}]"
    for key, value in step.body.items():
        yield f"  {key:<20} <- {_sent(value)}  [{value.provenance or step.provenance}]"
        for inner, origin in value.fields.items():
            yield f"    {inner:<18} <- {_sent(origin)}"


def _sent(value: Value) -> str:
    """Where a value of a request comes from."""
    named = (name for name in VALUE_ORIGINS if name not in ("constant", "item"))
    origin = next((str(found) for name in named if (found := getattr(value, name)) is not None), None)
    if origin is None:
        origin = "each text" if value.item else repr(value.constant)
    if value.count is not None:
        origin = f"elements {value.count} in {origin}"
    if value.when is not None:
        origin += f" ({value.when.setting or value.when.condition} {value.when.value})"
    return _with_help(origin, value.convert, value.lookup)


# --- what comes back ----------------------------------------------------------------------------------------


def _records(table: Table, row: Function) -> Iterator[str]:
    for argument in row.arguments:
        if isinstance(argument, BlockArgument):
            for form in argument.forms:
                yield from _record(argument.name, form, table.records_in, None)
        elif isinstance(argument, RecordArgument):
            output = row.outputs[argument.name]
            filled = f", from {_reply(row, output)}  [{output.provenance}]"
            for name in (argument.record, argument.bracketed):
                if name is not None:
                    yield from _record(argument.name, name, table.records_out, output, filled)


def _record(
    argument: str, name: str, records: Mapping[str, RecordSpec], output: Output | None, filled: str = ""
) -> Iterator[str]:
    record = records[name]
    each = " for each repetition" if record.counted is not None else ""
    yield f"{argument}: {name}, {record.width} bytes{each}  [{record.provenance}]{filled}"
    sources = _sources(output) if output is not None else {}
    group = ""
    for part in record_parts(record, records):
        offset = f"+{part.offset}" if part.inside else str(part.offset)
        place = f"  {offset:>6} {part.width:>5}"
        if part.kind.startswith("group"):
            group = part.name
            members = output.groups.get(group) if output is not None else None
            origin = f"  <- the list {members.json_name}" if members is not None else ""
            yield f"{place}  {part.kind}: {group}{origin}"
            continue
        source = sources.get((group if part.inside else "", part.name))
        origin = f"<- {_origin(source)}" if source is not None else ""
        noted = f"[{source.provenance}]" if source is not None and source.provenance else ""
        yield f"{place}  {part.kind:<8} {part.name:<24} {part.term}  {origin}  {noted}".rstrip()


def _sources(output: Output) -> Sources:
    outside = {("", field): source for field, source in output.fields.items()}
    return outside | {
        (group, field): source
        for group, members in output.groups.items()
        for field, source in members.fields.items()
    }


def _value(row: Function, name: str, output: Output, source: Source) -> str:
    noted = source.provenance or output.provenance
    return f"{name} <- {_origin(source)}, from {_reply(row, output)}  [{noted}]"


def _reply(row: Function, output: Output) -> str:
    return f"the reply of step {output.step}" if len(row.steps) > 1 else "the reply"


def _origin(source: Source) -> str:
    sent = (f"{source.sent} as sent",) if source.sent else ()
    text = " or ".join((*source.names, *sent)) or repr(source.constant)
    return _with_help(text, source.convert, source.lookup)


def _with_help(text: str, convert: str | None, lookup: str | None) -> str:
    helpers = [part for part in (convert, f"as found by {lookup}" if lookup else None) if part]
    return f"{text} ({', '.join(helpers)})" if helpers else text
