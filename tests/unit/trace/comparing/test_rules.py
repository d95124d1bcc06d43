"""The file of the comparison's rules: sound, and its faults reported with their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.errors import TableError
from bridge.table.loader import default_directory, default_table
from bridge.trace.comparing.rules import RULES_FILE, default_rules, load_rules
from bridge.trace.data import FOLDER

TABLE = default_table()
TEXT = (default_directory() / FOLDER / RULES_FILE).read_text(encoding="utf-8")


def faults_of(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "compare.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as caught:
        load_rules(TABLE, file)
    return caught.value.faults


def test_the_projects_own_rules_are_sound_and_give_reasons() -> None:
    rules = default_rules()
    for rule in (*rules.values, *rules.codes, *rules.rows, *rules.carried):
        assert rule.why
        assert not rule.why_zh.isascii()
        assert rule.provenance


def test_every_group_with_a_date_has_a_rule() -> None:
    """6.0 sorts all of them; allergic drugs and prescription signatures have places of their own."""
    groups = {
        (name, item.group)
        for name, record in TABLE.records_out.items()
        for item in record.layout
        if hasattr(item, "group")
    }
    without = groups - set(default_rules().rows_of)
    assert without == {("allergic_drugs", "drugs"), ("prescription_signatures", "signatures")}


def test_every_fault_is_told_with_its_place(tmp_path: Path) -> None:
    assert "a: 1" not in TEXT
    assert faults_of(tmp_path, "values: [{id: x}]\n")[0].startswith("compare.yaml: values.0.why:")
    assert faults_of(tmp_path, "a: 1\n") == ["compare.yaml: a: Extra inputs are not permitted"]
    assert "stands twice" in faults_of(tmp_path, "codes: []\ncodes: []\n")[0]
    wrong = TEXT.replace("fields: [treatment_number]", "fields: [treatment_nr]")
    assert faults_of(tmp_path, wrong) == [
        "compare.yaml: values.treatment-number: fields: there is no treatment_nr in seq_number_256_n1,"
        " treatment_number_no_card, treatment_number_card"
    ]
    assert "no regular expression" in faults_of(tmp_path, TEXT.replace('new: "20\\\\d{12}"', 'new: "("'))[0]
    assert faults_of(tmp_path, TEXT.replace("- id: random\n", "- id: vpn-signature\n")) == [
        "compare.yaml: vpn-signature: the id stands twice"
    ]
