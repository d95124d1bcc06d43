"""The generated half of the component CsHisX: its calls as C functions, and nothing of cshis.dll."""

from pathlib import Path
from typing import Any

import pytest

from bridge.errors import TableError
from bridge.table.codegen.abi import signature_hash, slots
from bridge.table.codegen.sources import (
    COMPONENT_CALLS,
    COMPONENT_HEADER,
    generate_component,
    render,
    render_component,
)
from bridge.table.loader import default_table, load_table
from bridge.table.model.arguments import TextOutArgument
from bridge.table.model.rows import Function, Table
from bridge.table.model.statuses import Status, StatusMap

TEMPLATES = Path(__file__).parents[4] / "native" / "templates"


def row(name: str, **more: Any) -> Function:
    random = TextOutArgument(kind="text_out", name="pRandom", width=20)
    given = {"section": "VPN", "title": "亂數", "summary": "說明", "status": "mapped", "provenance": "test"}
    return Function(name=name, arguments=(random,), **(given | more))


def table(unreachable: int = 4000) -> Table:
    codes = {"bridge-unreachable": unreachable, "bad-argument": 6018, "not-supported": -2}
    transport = {
        name: Status(meaning="m", legacy=code, contexts={}, provenance="test") for name, code in codes.items()
    }
    statuses = StatusMap(legacy_codes={}, vhc_codes={}, unlisted={}, sources={"transport": transport})
    rows = (row("VPNGetRandom", ordinal=102), row("VPNGetRandomX", library="cshisx"))
    return Table(
        functions={each.name: each for each in rows},
        records_out={},
        records_in={},
        statuses=statuses,
        routes=(),
        console=default_table().console,
        digest="abc123",
    )


def test_only_the_rows_of_the_component() -> None:
    rendered = render_component(table(), TEMPLATES)
    assert rendered.keys() == {COMPONENT_HEADER, COMPONENT_CALLS}
    for text in rendered.values():
        assert "abc123" in text
        assert "$" not in text
        assert text.count("int CSHIS_CALL VPNGetRandomX(char *pRandom)") == 1
        assert "VPNGetRandom(" not in text
    assert not any("VPNGetRandomX" in text for text in render(table(), TEMPLATES).values())


def test_codes_and_signature_are_those_of_the_table() -> None:
    rendered = render_component(table(), TEMPLATES)
    assert "#define CSHISX_UNREACHABLE 4000\n" in rendered[COMPONENT_HEADER]
    assert "#define CSHISX_BAD_ARGUMENT 6018\n" in rendered[COMPONENT_HEADER]
    sent = slots(table(), table().functions["VPNGetRandomX"])
    described = f'{{"VPNGetRandomX", 0x{signature_hash("VPNGetRandomX", sent):08x}u, 4000, 6018, 1, slots}}'
    assert described in rendered[COMPONENT_CALLS]
    assert "{CSHIS_TEXT_OUT, 20, true, -1, false, -1, 0}" in rendered[COMPONENT_CALLS]


def test_a_failure_that_would_read_as_success_is_refused() -> None:
    with pytest.raises(TableError, match="VPNGetRandomX: transport/bridge-unreachable gives 0"):
        render_component(table(unreachable=0), TEMPLATES)


def test_writes_only_what_has_changed(tmp_path: Path) -> None:
    written = generate_component(table(), TEMPLATES, tmp_path)
    assert {path.name for path in written} == {COMPONENT_HEADER, COMPONENT_CALLS}
    assert generate_component(table(), TEMPLATES, tmp_path) == []


def test_the_projects_table_has_the_methods_that_programs_know() -> None:
    names = {row.name for row in load_table().exported("cshisx")}
    assert names == {"VPNGetRandomX", "VPNH_SignX", "GetSAMCardInfoInCS"}
