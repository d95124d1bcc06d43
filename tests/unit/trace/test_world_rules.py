"""mappings/migration/world.yaml says of every field what it tells, or that it tells nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.sim.scenario_card import CardEntry
from bridge.table.argument_spec import TextOutArgument, TextSizedArgument
from bridge.table.loader import default_table
from bridge.table.record_spec import FieldSpec, GroupSpec, RecordSpec
from bridge.trace.world_rules import default_rules

TABLE, RULES = default_table(), default_rules()


def fields(record: RecordSpec) -> Iterator[tuple[str, str]]:
    """(group, field) of everything in a record."""
    for item in record.layout:
        if isinstance(item, GroupSpec):
            yield from ((item.group, part.name) for part in item.fields if isinstance(part, FieldSpec))
        elif isinstance(item, FieldSpec):
            yield "", item.name


def test_every_field_of_every_out_record_is_mentioned_and_nothing_else() -> None:
    assert set(RULES.records) == set(TABLE.records_out)
    for name, record in TABLE.records_out.items():
        rule = RULES.records[name]
        said = {("", field) for field in rule.fields}
        said |= {("", field) for choice in rule.choices.values() for field in choice}
        said |= {(group, field) for group, each in rule.groups.items() for field in each.fields}
        ignored = {part for part in fields(record) if part[1] in rule.ignored}
        assert said & ignored == set(), name
        assert said | ignored == set(fields(record)), name
        assert set(rule.ignored) == {field for _, field in ignored}, name


def test_every_out_text_is_mentioned() -> None:
    for name, function in TABLE.functions.items():
        texts = {
            argument.name
            for argument in function.arguments
            if isinstance(argument, TextOutArgument | TextSizedArgument)
        }
        rule = RULES.function(name)
        if function.export and function.status != "unsupported":
            assert texts == {*rule.texts, *rule.ignored}, name


def test_every_function_and_argument_named_exists() -> None:
    for name, rule in RULES.functions.items():
        assert name in TABLE.functions, name
        known = {argument.name for argument in TABLE.functions[name].arguments}
        named = {*rule.texts, *rule.ignored, *(result.argument for result in rule.results)}
        named |= {rule.opens, rule.takes, rule.visit, rule.names_visit, rule.patient}
        if rule.squeezes is not None:
            named |= {rule.squeezes.code, rule.squeezes.squeezed}
        for change in rule.changes:
            named |= {change.block.argument} if change.block else set(change.rows.values())
        assert named - {None} <= known, name


def test_every_function_that_changes_a_card_says_what() -> None:
    """A write that is not named here would be put into the world beforehand and then happen twice."""
    silent = {"hisGetTreatNumNoICCard", "hisGetTreatNumICCard", "hpcInputHPCPIN", "hpcUnlockHPC"}
    for function in TABLE.exported():
        if function.effect in ("write", "allocates") and function.status != "unsupported":
            uploads = any(step.centre for step in function.steps)
            rule = RULES.function(function.name)
            assert rule.changes or uploads or function.name in silent, function.name


def test_lists_are_those_of_a_scenario() -> None:
    for rule in RULES.records.values():
        for group in rule.groups.values():
            assert group.list_name in CardEntry.model_fields
    for meaning in RULES.meanings:
        assert set(meaning.card) <= {*CardEntry.model_fields, "has_pin"}
