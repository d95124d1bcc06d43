"""Grades of provenance texts, and what the report counts."""

from __future__ import annotations

import pytest

from bridge.table.document.coverage import as_json, as_lines, coverage
from bridge.table.loader import default_table
from bridge.table.openapi.facts import Grade, facts_of, grade, weakest

TABLE = default_table()


@pytest.mark.parametrize(
    ("provenance", "expected"),
    [
        ("seed 002 row 7", "confirmed"),
        ("manual 3.3 §1.1; official ordinal", "confirmed"),
        ("official export table and ordinal", "confirmed"),
        ("openapi NHI Web API v1 (was assumed)", "confirmed"),
        ("seed 002 row 36; a real client", "confirmed"),
        ("a real client", "client"),
        ("a real 6.0 client", "client"),
        ("a real client; seed 002 spells it otherwise", "client"),
        ("design", "design"),
        ("assumed", "assumed"),
        ("official export table and ordinal; the prototype is assumed", "assumed"),
        ("seed 001; the name SDKVersion is assumed", "assumed"),
        ("somebody said so", "assumed"),
        ("the seed 002 row", "assumed"),
    ],
)
def test_a_provenance_has_its_grade(provenance: str, expected: Grade) -> None:
    assert grade(provenance) == expected


def test_the_weakest_decides() -> None:
    assert weakest(["confirmed", "assumed", "client"]) == "assumed"
    assert weakest(["client", "design"]) == "design"
    assert weakest([]) == "confirmed"


def test_a_field_without_provenance_inherits_and_one_with_its_own_does_not() -> None:
    facts = {fact.where: fact for fact in facts_of(TABLE.functions["hisGetTreatmentNoNeedHPC"])}
    assert facts["pBuffer.visits.visit_datetime"].provenance == "a real client"
    assert facts["pBuffer.visits.visit_datetime"].owner == ("outputs", "pBuffer")
    assert facts["pBuffer.visits.newborn_mark"].provenance == "assumed"
    assert facts["pBuffer.visits.newborn_mark"].owner[-2:] == ("fields", "newborn_mark")
    assert facts["pBuffer.visits.visit_datetime"].names == (("treatments", "treatDateTime"),)


def test_every_row_and_fact_is_counted_once() -> None:
    report = coverage(TABLE)
    assert report.by_function.total() == len(TABLE.functions)
    supported = [row for row in TABLE.functions.values() if row.status != "unsupported"]
    counted = sum(
        report.kinds[kind].total() for kind in ("row", "request", "request field", "reply field", "notice")
    )
    assert counted == sum(1 for row in supported for _ in facts_of(row))
    unsupported = len(TABLE.functions) - len(supported)
    assert report.by_function["unsupported"] == unsupported


def test_a_function_is_as_firm_as_its_weakest_fact() -> None:
    rows = {row.name: row for row in coverage(TABLE).functions}
    assert rows["hisGetBasicData"].grade == "confirmed"
    assert rows["hisGetBasicData"].facts["assumed"] == 0
    assert rows["hisGetRegisterPrevent"].grade == "assumed"
    assert rows["hisWriteOrganDonate"].grade == "unsupported"


def test_both_forms_tell_the_same() -> None:
    report = coverage(TABLE)
    lines = list(as_lines(report))
    plain = as_json(report)
    assumed = [row for row in report.functions if row.grade == "assumed"]
    assert lines[1].split()[-2:] == [str(len(assumed)), str(report.by_function["unsupported"])]
    assert {line.split()[0] for line in lines if " of " in line and line.startswith("  his")} <= {
        row.name for row in assumed
    }
    assert isinstance(plain["functions"], dict)
    assert plain["functions"]["assumed"] == len(assumed)
