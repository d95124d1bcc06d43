"""What a loaded table must fulfil beyond the shape of each row. Each check yields one line per fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bridge.table.check.console import check_console
from bridge.table.check.cutover import check_cutover
from bridge.table.check.outputs import check_outputs
from bridge.table.check.records import check_records
from bridge.table.check.statuses import check_statuses
from bridge.table.check.steps import check_steps
from bridge.table.check.texts import check_texts
from bridge.table.model.arguments import BlockArgument, RecordArgument, TextSizedArgument
from bridge.table.model.rows import Function, Route, Table


def check_table(table: Table) -> list[str]:
    """Every fault of the table, one line each; an empty list means it is sound."""
    faults = [*check_records("out", table.records_out), *check_records("in", table.records_in)]
    faults += [*check_statuses(table), *check_texts(table), *_check_ordinals(table), *_check_routes(table)]
    faults += [f"console.yaml: {fault}" for fault in check_console(table)]
    faults += [f"cutover.yaml: {fault}" for fault in check_cutover(table)]
    for function in table.functions.values():
        faults += [f"{function.name}: {fault}" for fault in _check_function(table, function)]
    return faults


def _check_ordinals(table: Table) -> Iterator[str]:
    ordinals = Counter(function.ordinal for function in table.exported() if function.ordinal is not None)
    yield from (
        f"ordinal {ordinal} is given {times} times" for ordinal, times in ordinals.items() if times > 1
    )


def _check_routes(table: Table) -> Iterator[str]:
    served = [path for service in table.services.values() for path in service.served_at]
    paths = Counter(path.lower() for path in (*(route.path for route in table.routes), *served))
    yield from (f"route {path} stands {times} times" for path, times in paths.items() if times > 1)
    for route in table.routes:
        if route.function not in table.functions:
            yield f"route {route.path}: there is no row {route.function}"
        else:
            yield from (
                f"route {route.path}: {fault}"
                for fault in _check_route(table.functions[route.function], route)
            )


def _check_route(function: Function, route: Route) -> Iterator[str]:
    kinds = {argument.name: argument.kind for argument in function.arguments}
    yield from (f"defaults: {name} is no scalar" for name in route.defaults if kinds.get(name) != "scalar")
    if route.bracketed and not any(
        isinstance(argument, RecordArgument) and argument.bracketed for argument in function.arguments
    ):
        yield f"bracketed: {function.name} has no record with an ICD-10 form"


def _check_function(table: Table, function: Function) -> Iterator[str]:
    names = Counter(argument.name for argument in function.arguments)
    yield from (f"argument {name} stands twice" for name, times in names.items() if times > 1)
    # the methods of a COM component have no ordinal
    if function.export and function.library == "cshis" and function.ordinal is None:
        yield "an export needs an ordinal"
    if function.status == "unsupported":
        if function.steps:
            yield "an unsupported function has no steps"
        return
    if not function.steps:
        yield "a supported function needs steps"
    yield from _check_arguments(table, function)
    yield from check_steps(table, function)
    yield from check_outputs(table, function)
    if function.identity is not None and not any(
        step.signature and step.signature.kind in ("hc", "hpchc") for step in function.steps
    ):
        yield "patient: no step signs with the health card"


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
