"""A row as it is written becomes the row in full: what follows from something else is filled in, and nothing
else changes.
"""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest

from bridge.table.loader import default_directory, strict_yaml
from bridge.table.model.rows import Function
from bridge.table.shorthand.record import expand_record
from bridge.table.shorthand.row import expand_row

READ = """
section: "1.1"
title: 讀取不需個人PIN碼資料
summary: Basic data of the health card.
provenance: manual 3.3 §1.1; official ordinal
ordinal: 48
arguments: [{kind: record, name: pBuffer, record: {name: basic_data, width: 26}}]
step: {cloud: POST /api/v1/BasicData/Query, sign: hc 01, provenance: seed 002 row 7}
outputs:
  pBuffer:
    provenance: seed 002
    layout:
      - {name: card_no, code: 12, term: 卡片號碼, json: cardSn, convert: own_card_no}
      - {filler: 2}
      - group: visits
        repeat: 2
        json: treatments
        fields:
          - {name: fee, number: 5, json: fee, required: false, provenance: assumed}
          - {filler: 1}
"""
READ_IN_FULL = """
section: "1.1"
title: 讀取不需個人PIN碼資料
summary: Basic data of the health card.
status: mapped
provenance: manual 3.3 §1.1; official ordinal
ordinal: 48
stack_bytes: 8
arguments:
  - {kind: record, name: pBuffer, record: basic_data, length: iBufferLen}
  - {kind: length, name: iBufferLen}
steps:
  - id: query
    cloud: POST /api/v1/BasicData/Query
    signature: {kind: hc, service_type: "01"}
    provenance: seed 002 row 7
outputs:
  pBuffer:
    step: query
    provenance: seed 002
    fields:
      card_no: {json: cardSn, convert: own_card_no}
    groups:
      visits:
        json: treatments
        fields:
          fee: {json: fee, required: false, provenance: assumed}
"""
RECORD_IN_FULL = """
width: 26
title: 讀取不需個人PIN碼資料
provenance: manual 3.3 §1.1
layout:
  - {name: card_no, width: 12, type: code, term: 卡片號碼}
  - {filler: 2}
  - group: visits
    repeat: 2
    fields:
      - {name: fee, width: 5, type: number}
      - {filler: 1}
"""
WRITE = """
effect: write
arguments:
  - {kind: text, name: pDateTime, width: 13}
  - {kind: patient}
  - {kind: block, name: pDataWrite, forms: [shared, {name: own, width: 2, layout: [{name: a, text: 2}]}]}
  - {kind: text_sized, name: pText, length: iLen}
  - {kind: scalar, name: Mode, c_type: int}
step: {console: GET /api/common/v1/Status, provenance: seed 001}
result: {value: {json: a}, provenance: seed 001}
notices: [{json: a, equals: true, code: 5010, provenance: seed 001}]
"""


def expanded(text: str) -> Any:
    return expand_row(strict_yaml(text))


def test_a_read_in_full() -> None:
    made = expanded(READ)
    assert made.faults == []
    assert made.row == strict_yaml(READ_IN_FULL)
    assert made.records_out == {"basic_data": strict_yaml(RECORD_IN_FULL)}
    assert made.records_in == {}


def test_a_write_in_full() -> None:
    made = expanded(WRITE)
    assert made.faults == []
    assert [(a["kind"], a["name"]) for a in made.row["arguments"]] == [
        ("text", "pDateTime"),
        ("text", "pPatientID"),
        ("text", "pPatientBirthDate"),
        ("block", "pDataWrite"),
        ("text_sized", "pText"),
        ("length", "iLen"),
        ("scalar", "Mode"),
    ]
    assert [a.get("width") for a in made.row["arguments"][:3]] == [13, 10, 7]
    assert made.row["identity"] == {"id": "pPatientID", "birthday": "pPatientBirthDate"}
    assert made.row["arguments"][3]["forms"] == ["shared", "own"]
    assert made.records_in["own"]["layout"] == [{"name": "a", "type": "text", "width": 2}]
    assert made.row["stack_bytes"] == 28
    assert made.row["steps"][0]["id"] == "change"
    assert made.row["result"]["step"] == made.row["notices"][0]["step"] == "change"


def test_a_length_may_have_a_place_of_its_own() -> None:
    made = expand_row(
        {
            "arguments": [
                {"kind": "text_sized", "name": "pText", "length": "n"},
                {"kind": "scalar", "name": "Mode", "c_type": "int"},
                {"kind": "length", "name": "n"},
            ]
        }
    )
    assert made.faults == []
    assert [a["name"] for a in made.row["arguments"]] == ["pText", "Mode", "n"]


@pytest.mark.parametrize("kind", [{"export": False}, {"library": "cshisx"}])
def test_what_is_no_export_of_the_library_has_no_stack(kind: dict[str, Any]) -> None:
    row = {**kind, "arguments": [{"kind": "patient"}]}
    assert "stack_bytes" not in expand_row(row).row
    assert expand_row({"arguments": [{"kind": "patient"}]}).row["stack_bytes"] == 8


def test_alternatives_of_one_id_need_no_reference_and_steps_of_several_do() -> None:
    steps = [{"id": "a", "reader": "open"}, {"id": "a", "reader": "close"}]
    assert expand_row({"steps": steps, "result": {}}).row["result"] == {"step": "a"}
    steps[1]["id"] = "b"
    assert expand_row({"steps": steps, "result": {}}).row["result"] == {}


def test_a_fault_is_told_at_its_place_in_the_file() -> None:
    made = expanded(WRITE)
    assert made.written_path(("arguments", 3, "block", "forms")) == ("arguments", 2, "block", "forms")
    assert made.written_path(("arguments", 6)) == ("arguments", 4)
    assert made.written_path(("steps", 0, "console")) == ("step", "console")
    assert made.written_path(("summary",)) == ("summary",)


def test_a_shared_record_in_full() -> None:
    written = strict_yaml("{width: 4, title: x, provenance: x, layout: [{include: a}, {name: b, hex: 3}]}")
    record, faults = expand_record(written)
    assert faults == []
    assert record["layout"] == [{"include": "a"}, {"name": "b", "type": "hex", "width": 3}]


@pytest.mark.parametrize(
    "file", sorted((default_directory() / "functions").glob("*.yaml")), ids=lambda f: f.stem
)
def test_what_is_written_is_left_as_it_is(file: Any) -> None:
    """Rows share parts by anchors: expanding one must not change another."""
    rows = strict_yaml(file.read_text(encoding="utf-8"))
    before = copy.deepcopy(rows)
    for name, row in rows.items():
        if not name.startswith("."):
            made = expand_row(row)
            assert made.faults == []
            Function.model_validate({"name": name, **made.row})
    assert rows == before


JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"x": []},
    {"name": []},
    10**40,
]


@pytest.mark.parametrize("seed", range(200))
def test_no_damage_raises(seed: int) -> None:
    """What is no row is the models' to refuse; here nothing breaks over it."""
    chance = random.Random(seed)
    row = strict_yaml(chance.choice([READ, WRITE]))
    for _ in range(chance.randint(1, 3)):
        _damage(row, chance)
    made = expand_row(row)
    assert all(isinstance(fault, str) for fault in made.faults)
    json.dumps(made.faults)


def _damage(thing: Any, chance: random.Random) -> None:
    keys = list(thing) if isinstance(thing, dict) else list(range(len(thing)))
    if not keys:
        return
    key = chance.choice(keys)
    if isinstance(thing[key], dict | list) and thing[key] and chance.random() < 0.8:
        _damage(thing[key], chance)
    elif isinstance(thing, dict) and chance.random() < 0.3:
        del thing[key]
    else:
        thing[key] = copy.deepcopy(chance.choice(JUNK))
