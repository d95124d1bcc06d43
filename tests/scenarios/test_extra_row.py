"""Adding a function is data only: a row in a file of its own is loaded, called, and becomes C."""

from __future__ import annotations

from pathlib import Path

import cffi
import pytest

from bridge.calls.call import OutBuffer
from bridge.errors import TableError
from bridge.sim.simulator import Simulator
from bridge.table.codegen.sources import CDEF, DEFINITION, EXPORTS, HEADER, SYMBOLS, ordinals, render
from bridge.table.loader import default_table, load_table
from bridge.table.model.rows import Table
from tests.support.simulated import Bench
from tests.support.stage import CHILD, DEMO, data, open_stage, person

TEMPLATES = Path(__file__).parents[2] / "native" / "templates"
ROWS = """
hisGetInvented:
  section: "9.1"
  title: 讀取虛構資料
  summary: Telephone and mark of organ donation of a person, by two requests.
  provenance: design
  ordinal: 299
  arguments:
    - {kind: patient}
    - {kind: record, name: pTel, record: {name: invented_tel, width: 14}, length: iTelLen}
    - {kind: text_out, name: pMark, width: 1}
  steps:
    - {id: tel, cloud: POST /api/v1/EmergentTel/Query, sign: hc 01, provenance: design}
    - {id: mark, cloud: POST /api/v1/OrganDonate/Query, sign: hc 01, provenance: design}
  outputs:
    pTel:
      step: tel
      provenance: design
      layout:
        - {name: tel, text: 14, term: 電話, json: tel}
    pMark:
      step: mark
      provenance: design
      value: {json: organDonate}
"""


@pytest.fixture
def extra_file(tmp_path: Path) -> Path:
    file = tmp_path / "invented.yaml"
    file.write_text(ROWS, encoding="utf-8")
    return file


@pytest.fixture
def table(extra_file: Path) -> Table:
    return load_table(extra_functions=(extra_file,))


async def _call(bench: Bench, card: str = DEMO, room: int = 14) -> tuple[int, dict[str, bytes | int]]:
    result = await bench.call(
        "hisGetInvented", **person(bench.simulator.world, card), pTel=OutBuffer(room), pMark=OutBuffer(1)
    )
    return result.code, dict(result.outputs)


async def test_the_row_is_called_like_any_other(table: Table, simulator: Simulator) -> None:
    simulator.world.record(DEMO).emergency_tel = "0212345678"
    async with open_stage(simulator, table=table) as bench:
        assert await _call(bench) == (0, {"pTel": b"0212345678    ", "pMark": b"A"})
        assert await _call(bench, CHILD) == (5020, {})
        assert await _call(bench, room=13) == (6018, {})
        simulator.world.remove("hc")
        assert await _call(bench) == (4013, {})


async def test_the_other_rows_work_beside_it(table: Table, simulator: Simulator) -> None:
    async with open_stage(simulator, table=table) as bench:
        record = data(await bench.call("hisGetBasicData", pBuffer=OutBuffer(72)), "pBuffer", 72)
    assert record[:12] == DEMO.encode()
    assert set(table.functions) == {*default_table().functions, "hisGetInvented"}


async def test_without_the_file_there_is_no_such_function(stage: Bench) -> None:
    assert await _call(stage) == (-2, {})


def test_the_row_becomes_c(table: Table) -> None:
    made = render(table, TEMPLATES)
    prototype = (
        "hisGetInvented(char *pPatientID, char *pPatientBirthDate, char *pTel, short *iTelLen, char *pMark)"
    )
    assert f"int {prototype};" in made[CDEF]
    assert prototype in made[HEADER]
    assert "讀取虛構資料" in made[HEADER]
    assert f"int CSHIS_CALL {prototype}" in made[EXPORTS]
    assert "hisGetInvented;" in made[SYMBOLS]
    assert "    hisGetInvented @299" in made[DEFINITION]
    declared = cffi.FFI()
    declared.cdef(made[CDEF])
    without = render(default_table(), TEMPLATES)
    assert "hisGetInvented" not in "".join(without.values())


def test_the_row_moves_no_other_ordinal(table: Table) -> None:
    with_it, without = ordinals(table), ordinals(default_table())
    assert with_it["hisGetInvented"] == 299
    assert {name: number for name, number in with_it.items() if name != "hisGetInvented"} == without


BAD_ROWS = {
    "a name that exists": (("hisGetInvented:", "hisGetBasicData:"), "a row of that name exists already"),
    "an unknown key": (("  provenance: design\n  ordinal", "  state: mapped\n  ordinal"), "state"),
    "an unknown record": (("{name: invented_tel, width: 14}", "emergency_fax"), "layout: goes with a record"),
    "a record that is not its own": (
        ("record: {name: invented_tel", "record: {name: vaccinations"),
        "vaccinations",
    ),
    "an ordinal that is taken": (("ordinal: 299", "ordinal: 48"), "48"),
    "a wrong width": (("width: 14", "width: 15"), "add up to 14 bytes"),
    "a stack": (("  ordinal: 299", "  ordinal: 299\n  stack_bytes: 20"), "follows from the arguments"),
    "an output without its step": (("step: mark", "step: marks"), "marks"),
    "a field that is not filled": ((", json: tel}", "}"), "tel: needs exactly one of json"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_faulty_row_is_refused_with_its_file_and_place(case: str, tmp_path: Path) -> None:
    (old, new), told = BAD_ROWS[case]
    assert old in ROWS
    file = tmp_path / "faulty.yaml"
    file.write_text(ROWS.replace(old, new), encoding="utf-8")
    with pytest.raises(TableError) as caught:
        load_table(extra_functions=(file,))
    assert any(told in fault for fault in caught.value.faults)


def test_the_projects_own_table_is_left_as_it_is(table: Table) -> None:
    assert "hisGetInvented" in table.functions
    assert "hisGetInvented" not in default_table().functions
    assert table.digest != default_table().digest
