"""Checks mappings/migration/world.yaml against the table: every field tells something, or is said not to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from bridge.errors import TableError
from bridge.table.default import default_table
from bridge.table.model.arguments import TextOutArgument, TextSizedArgument
from bridge.table.model.layout import record_fields
from bridge.table.model.rows import Function, Table
from bridge.trace.data import load_data
from bridge.trace.worlds.rules import FILE, FunctionRule, RecordRule, WorldRules

Place = tuple[str, str]  # group ("" outside) and field


@cache
def default_rules() -> WorldRules:
    """The project's own rules, read once. Raises TableError."""
    return check_world(load_data(FILE, WorldRules), default_table())


def check_world(rules: WorldRules, table: Table) -> WorldRules:
    """The rules themselves. Raises TableError with one line per fault."""
    faults = [*_record_faults(rules, table), *_function_faults(rules, table)]
    if faults:
        raise TableError([f"{FILE}: {fault}" for fault in faults])
    return rules


def _record_faults(rules: WorldRules, table: Table) -> Iterator[str]:
    for name in sorted(set(rules.records) - set(table.records_out)):
        yield f"records: {name}: there is no such out-record"
    for name, record in table.records_out.items():
        rule = rules.records.get(name)
        if rule is None:
            yield f"records: {name}: nothing is said of this record"
            continue
        known = {(group, field.name) for group, field in record_fields(record, table.records_out)}
        reported = set(_reported(rule))
        ignored = {place for place in known if place[1] in rule.ignored}
        for group, field in sorted(known - reported - ignored):
            yield f"records: {name}: {group or 'fields'}: nothing is said of {field}"
        for group, field in sorted(reported - known):
            yield f"records: {name}: {group or 'fields'}: there is no field {field}"
        for _, field in sorted(reported & ignored):
            yield f"records: {name}: {field} is both read and ignored"
        for field in sorted(set(rule.ignored) - {field for _, field in known}):
            yield f"records: {name}: ignored: there is no field {field}"


def _reported(rule: RecordRule) -> Iterator[Place]:
    yield from (("", field) for field in rule.fields)
    yield from (("", field) for choice in rule.choices.values() for field in choice)
    yield from ((group, field) for group, each in rule.groups.items() for field in each.fields)


def _function_faults(rules: WorldRules, table: Table) -> Iterator[str]:
    for name, rule in rules.functions.items():
        function = table.functions.get(name)
        if function is None:
            yield f"functions: {name}: there is no such function"
            continue
        known = {argument.name for argument in function.arguments}
        for argument in sorted(_arguments(rule) - known):
            yield f"functions: {name}: there is no argument {argument}"
    for name, function in table.functions.items():
        if not function.export or function.status == "unsupported":
            continue
        rule = rules.function(name)
        for argument in sorted(_texts(function) - {*rule.texts, *rule.ignored}):
            yield f"functions: {name}: nothing is said of the text {argument}"
        if _changes_a_card(function) and not rule.changes:
            yield f"functions: {name}: it changes a card, and nothing is said of what"


def _arguments(rule: FunctionRule) -> set[str]:
    """The arguments that a rule names."""
    named = {*rule.texts, *rule.ignored, rule.opens, rule.takes, rule.visit, rule.names_visit, rule.patient}
    named.add(rule.presents)
    named |= {result.argument for result in rule.results}
    if rule.squeezes is not None:
        named |= {rule.squeezes.code, rule.squeezes.squeezed}
    for change in rule.changes:
        named |= {change.block.argument} if change.block else set(change.rows.values())
    return {name for name in named if name is not None}


def _texts(function: Function) -> set[str]:
    return {
        argument.name
        for argument in function.arguments
        if isinstance(argument, TextOutArgument | TextSizedArgument)
    }


def _changes_a_card(function: Function) -> bool:
    """Whether a write is one to a health card's records, which a world must not have beforehand. PINs of
    practitioners are no records, and numbers that are asked for apart have answers of their own.
    """
    return function.effect == "write" and any(
        step.signature is not None and step.signature.kind in ("hc", "hpchc") for step in function.steps
    )
