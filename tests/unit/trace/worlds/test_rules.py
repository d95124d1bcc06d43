"""mappings/migration/world.yaml says of every field what it tells, or that it tells nothing."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from bridge.errors import TableError
from bridge.sim.scenario.card import CardEntry
from bridge.table.loader import default_directory, default_table
from bridge.trace.worlds.check import check_world, default_rules
from bridge.trace.worlds.rules import FILE, WorldRules

TABLE, RULES = default_table(), default_rules()


def test_the_projects_own_rules_have_no_faults() -> None:
    assert check_world(RULES, TABLE) is RULES


def test_lists_and_facts_are_those_of_a_scenario() -> None:
    for rule in RULES.records.values():
        for group in rule.groups.values():
            assert group.list_name in CardEntry.model_fields
        for target in rule.fields.values():
            subject, _, key = target.partition(".")
            assert subject != "card" or key in CardEntry.model_fields
    for meaning in RULES.meanings:
        assert set(meaning.card) <= {*CardEntry.model_fields, "has_pin"}


def _without_field(content: Any) -> None:
    del content["records"]["basic_data"]["fields"]["sex"]


def _without_record(content: Any) -> None:
    del content["records"]["emergency_tel"]


def _twice(content: Any) -> None:
    content["records"]["basic_data"]["ignored"] = {"sex": "why not"}


def _unknown_field(content: Any) -> None:
    content["records"]["vaccinations"]["groups"]["vaccinations"]["fields"]["dose"] = "item"


def _unknown_record(content: Any) -> None:
    content["records"]["nothing"] = {"provenance": "design"}


def _unknown_function(content: Any) -> None:
    content["functions"]["hisNothing"] = {"provenance": "design"}


def _unknown_argument(content: Any) -> None:
    content["functions"]["csOpenCom"]["opens"] = "pPort"


def _silent_write(content: Any) -> None:
    del content["functions"]["hisWriteEmergentTel"]


def _silent_text(content: Any) -> None:
    del content["functions"]["hpcGetHPCSN"]["texts"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (_without_field, "records: basic_data: fields: nothing is said of sex"),
        (_without_record, "records: emergency_tel: nothing is said of this record"),
        (_twice, "records: basic_data: sex is both read and ignored"),
        (_unknown_field, "records: vaccinations: vaccinations: there is no field dose"),
        (_unknown_record, "records: nothing: there is no such out-record"),
        (_unknown_function, "functions: hisNothing: there is no such function"),
        (_unknown_argument, "functions: csOpenCom: there is no argument pPort"),
        (_silent_write, "functions: hisWriteEmergentTel: it changes a card, and nothing is said of what"),
        (_silent_text, "functions: hpcGetHPCSN: nothing is said of the text SN"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_fault_is_told_with_its_place(change: Any, fault: str) -> None:
    content = yaml.safe_load((default_directory() / "migration" / FILE).read_text(encoding="utf-8"))
    change(content)
    with pytest.raises(TableError) as caught:
        check_world(WorldRules.model_validate(content), TABLE)
    assert f"{FILE}: {fault}" in caught.value.faults
