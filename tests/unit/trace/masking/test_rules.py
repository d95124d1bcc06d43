"""mappings/migration/mask.yaml: complete, and its faults are reported."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bridge.errors import TableError
from bridge.table.loader import default_directory, default_table
from bridge.trace.data import FOLDER
from bridge.trace.masking.rules import NAME, default_rules, load_rules

TABLE = default_table()
TEXT = (default_directory() / FOLDER / NAME).read_text(encoding="utf-8")


def load(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mask.yaml"
    file.write_text(text, encoding="utf-8")
    load_rules(TABLE, file)


def test_every_field_and_every_text_of_the_table_has_a_kind() -> None:
    assert default_rules().unclassified(TABLE) == []


def test_a_field_that_is_forgotten_is_named_and_filled(tmp_path: Path) -> None:
    file = tmp_path / "mask.yaml"
    file.write_text(
        TEXT.replace("names: [id_no]", "names: [card_no]").replace("[card_no, sam_id]", "[sam_id]"), "utf-8"
    )
    rules = load_rules(TABLE, file)
    assert "basic_data.id_no" in rules.unclassified(TABLE)
    assert rules.field("id_no") == "free_text"
    assert rules.argument("hisNobodyKnowsThis", "pX") == "free_text"


def test_an_argument_may_mean_something_else_in_one_function() -> None:
    rules = default_rules()
    assert rules.argument("csGetHospName", "pBuffer") == "hospital_name"
    assert rules.argument("VPNH_Sign", "pBuffer") == "signature"
    assert rules.argument("hisGetBasicData", "pBuffer") == "free_text"


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("names: [id_no]", "names: [id_no, nobody]", "fields: nobody: no record has such a field"),
        ("names: [id_no]", "names: [id_no, name]", "fields: name: stands twice"),
        ("kind: phone", "kind: fax", "fields.7.kind"),
        ("names: [SN]", "names: [SN, pNobody]", "arguments: pNobody: no function has such a text"),
        ("names: [SN]", "names: [SN, SSN]", "arguments: SSN: stands twice"),
        ("[csGetHospName,", "[csGetHospID,", "arguments: csGetHospID.pBuffer: there is no such text"),
        ("fields:", "fields: []\nfields:", "stands twice"),
        ('"1991231"', '"199"', "kept_dates.dates.0"),
        ("kept_dates:", "kept_days:", "kept_dates: Field required"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, right: str, wrong: str, fault: str) -> None:
    assert right in TEXT
    with pytest.raises(TableError) as reported:
        load(tmp_path, TEXT.replace(right, wrong, 1))
    assert any(fault in line and line.startswith("mask.yaml: ") for line in reported.value.faults)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(TableError) as reported:
        load(tmp_path, TEXT.replace("names: [id_no]", "names: [no_one, nobody]"))
    assert len(reported.value.faults) == 2


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"mask\.yaml: "):
        load_rules(TABLE, tmp_path / "mask.yaml")


def test_every_entry_says_where_it_comes_from() -> None:
    content = yaml.safe_load(TEXT)
    entries = [*content["fields"], *content["arguments"], content["kept_dates"]]
    assert all(entry["provenance"] for entry in entries)
