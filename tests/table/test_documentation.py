"""What is generated from the table and committed must be what the table says now."""

from __future__ import annotations

import copy
import functools
import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from bridge.bhyt.document import chapter
from bridge.bhyt.loader import load_lookups
from bridge.table.codegen.abi import component_method, declared, prototype
from bridge.table.document.codes_page import COMMAND as CODES_COMMAND
from bridge.table.document.codes_page import codes_page
from bridge.table.document.functions import COMMAND, functions_page
from bridge.table.loader import default_table
from bridge.table.model.console import ConsoleRequest
from bridge.table.model.rows import Function
from bridge.table.model.service import Service
from bridge.table.schema import console_schema, row_schema

ROOT = Path(__file__).parents[2]
TABLE = default_table()
LOOKUPS = load_lookups(TABLE.routes)
assert LOOKUPS is not None
PAGE = functions_page(TABLE, [chapter(LOOKUPS)])
SCHEMA = jsonschema_rs.validator_for(row_schema())
CONSOLE_SCHEMA = jsonschema_rs.validator_for(console_schema())
CONSOLE = yaml.safe_load((ROOT / "mappings" / "console.yaml").read_text(encoding="utf-8"))


def test_the_page_of_functions_is_current() -> None:
    committed = (ROOT / "docs" / "reference" / "functions.md").read_text(encoding="utf-8")
    assert committed == PAGE, f"docs/reference/functions.md is old; run: {COMMAND}"


@pytest.mark.parametrize(
    ("file", "command", "schema"),
    [
        ("schema.json", "cshis-bridge table schema", row_schema()),
        ("console.schema.json", "cshis-bridge table schema --console", console_schema()),
    ],
)
def test_a_schema_is_current(file: str, command: str, schema: dict[str, Any]) -> None:
    committed = json.loads((ROOT / "mappings" / file).read_text(encoding="utf-8"))
    assert committed == schema, f"mappings/{file} is old; run: {command} > mappings/{file}"


def test_the_page_of_codes_is_current() -> None:
    committed = (ROOT / "docs" / "reference" / "codes.md").read_text(encoding="utf-8")
    assert committed == codes_page(TABLE), f"docs/reference/codes.md is old; run: {CODES_COMMAND}"


FUNCTION_FILES = sorted((ROOT / "mappings" / "functions").glob("*.yaml"))


@pytest.mark.parametrize("file", FUNCTION_FILES, ids=lambda file: file.stem)
def test_an_editor_finds_no_fault_in_the_projects_own_rows(file: Path) -> None:
    rows = _written(file)
    assert [error.message for error in SCHEMA.iter_errors(rows)] == []


@pytest.mark.parametrize(
    "more",
    [
        {"stack_bytes": 8},
        {"status": "mapped"},
        {"identity": {"id": "a", "birthday": "b"}},
        {"step": {"id": "query", "cloud": "POST /x", "sign": "hc 01", "provenance": "test"}},
        {"step": {"cloud": "POST /x", "sign": "hc01", "provenance": "test"}},
        {"step": {"cloud": "POST /x", "signature": {"kind": "hc"}, "provenance": "test"}},
        {"steps": [{"id": "query", "cloud": "POST /x", "sign": "hc 01", "provenance": "test"}]},
        {"arguments": [{"kind": "patient", "width": 10}]},
        {"outputs": {"pBuffer": {"provenance": "test", "layout": [{"name": "a", "width": 2}]}}},
        {"step": {"reader": "opens", "provenance": "test"}},
        {"result": {"provenance": "test", "value": {"json": "a", "convert": "roman_number"}}},
        {"step": {"cloud": "POST /x", "sign": "hc 01", "provenance": "test", "when": {"condition": "sunny"}}},
    ],
    ids=lambda more: next(iter(more)),
)
def test_an_editor_finds_what_is_not_written(more: dict[str, object]) -> None:
    rows = _written(ROOT / "mappings" / "functions" / "1-reads.yaml")
    assert not SCHEMA.is_valid({"x": {**rows["hisGetBasicData"], **more}})


def test_an_editor_finds_no_fault_in_the_projects_own_console() -> None:
    assert [error.message for error in CONSOLE_SCHEMA.iter_errors(CONSOLE)] == []
    first, *_ = (ROOT / "mappings" / "console.yaml").read_text(encoding="utf-8").splitlines()
    assert first == "# yaml-language-server: $schema=console.schema.json"


@pytest.mark.parametrize(
    ("place", "content"),
    [
        ("requests.finalise", None),
        ("requests.explode", {}),
        ("requests.initialise.titel", "x"),
        ("requests.initialise.console", "POST api/common/v1/Initial"),
        ("requests.initialise.body.device", "a-b"),
        ("requests.initialise.body.device", {"json": "name", "need": True}),
        ("requests.initialise.accepts", "already"),
        ("requests.status.provenance", None),
        ("signatures.hc", None),
        ("statuses.no_card.statuses", []),
        ("statuses.no_card.statuses", ["3010"]),
        ("states.virtual_card", None),
    ],
)
def test_an_editor_finds_a_mistake_in_the_console(place: str, content: Any) -> None:
    """``content``: what is written there; None takes away what is."""
    changed = copy.deepcopy(CONSOLE)
    *outer, last = place.split(".")
    inner = functools.reduce(dict.__getitem__, outer, changed)
    if content is None:
        del inner[last]
    else:
        inner[last] = content
    assert not CONSOLE_SCHEMA.is_valid(changed)


def _written(file: Path) -> dict[str, Any]:
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {name: row for name, row in rows.items() if not name.startswith(".")}


@pytest.mark.parametrize("row", list(TABLE.functions.values()), ids=lambda row: row.name)
def test_the_page_tells_everything_of_a_function(row: Function) -> None:
    section = _section(row.name)
    assert row.provenance in section
    assert row.summary in section
    if row.library == "cshisx":
        assert f"`{component_method(row)}`" in section
    elif row.export:
        assert f"{prototype(row.name, declared(TABLE, row))};" in section
        assert f"Ordinal {row.ordinal}, {row.stack_bytes} stack bytes." in section
    for argument in row.arguments:
        assert f"`{argument.name}`" in section
    for step in row.steps:
        assert f"`{step.method} {step.path}`" in section or f"`{step.reader}`" in section
        if step.signature is not None:
            assert f"service type {step.signature.service_type}" in section
        for name in step.body:
            assert f"- `{name}` from " in section
    for notice in row.notices:
        assert f"**{notice.code}** {TABLE.statuses.meaning(notice.code)}" in section


@pytest.mark.parametrize("service", list(TABLE.services.values()), ids=lambda service: service.name)
def test_the_page_tells_everything_of_a_service(service: Service) -> None:
    section = _section(service.name)
    assert service.provenance in section
    assert service.summary in section
    assert all(f"`POST {path}`" in section for path in service.served_at)
    for field in service.all_fields:
        unit = "entries" if field.holds == "list" else "characters"
        assert f"- `{field.name}` {field.term}: at most {field.width} {unit}" in section
        assert not field.sent_as or f"; sent as `{field.sent_as}`" in section
        assert f"[{field.provenance}]" in section
    for part in service.reply:
        assert f"- reply `{part.name}` {part.term} [{part.provenance}]" in section


@pytest.mark.parametrize(("name", "request_"), list(TABLE.console.named()), ids=lambda value: str(value)[:40])
def test_the_page_tells_everything_of_a_request_of_the_console(name: str, request_: ConsoleRequest) -> None:
    section = _section(f"console_{name}")
    assert request_.provenance in section
    assert request_.summary in section
    assert f"`{request_.console}`" in section
    parts = {"path": request_.in_path, "query": request_.in_query}
    for part, fields in {**parts, "body": request_.body or {}, "reply": request_.reply}.items():
        assert all(f"- {part} `{field.json_name}`" in section for field in fields.values())
    if request_.accepts is not None:
        group = getattr(TABLE.console.statuses, request_.accepts)
        assert all(str(number) in section for number in group.statuses)
        assert group.meaning in section


def test_the_page_tells_what_every_status_means_for_the_session() -> None:
    for name, group in TABLE.console.statuses.named():
        assert f"- `{name}` {', '.join(map(str, group.statuses))}" in PAGE
        assert group.meaning in PAGE
        assert f"[{group.provenance}]" in PAGE


def test_every_link_of_the_page_leads_to_a_heading() -> None:
    headings = {line[4:].lower() for line in PAGE.splitlines() if line.startswith("### ")}
    links = re.findall(r"\]\(#([^)]+)\)", PAGE)
    requests = len(list(TABLE.console.named()))
    assert len(links) == len(TABLE.functions) + requests + len(TABLE.services) + len(LOOKUPS.lookups)
    assert set(links) == headings


def _section(name: str) -> str:
    _, _, rest = PAGE.partition(f"\n### {name}\n")
    assert rest, f"no section {name}"
    return rest.partition("\n### ")[0]


def test_the_example_of_the_readme_is_the_row_itself() -> None:
    text = (ROOT / "mappings" / "README.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    (row,) = [block for block in blocks if "hisGetEmergentTel" in block]
    assert row["hisGetEmergentTel"] == _written(ROOT / "mappings/functions/1-reads.yaml")["hisGetEmergentTel"]
    shared = yaml.safe_load((ROOT / "mappings" / "shared_records.yaml").read_text(encoding="utf-8"))["out"]
    (record,) = [block for block in blocks if "allergic_drugs" in block]
    assert record["allergic_drugs"] == shared["allergic_drugs"]


def test_the_page_of_exceptional_visits_has_every_code_and_its_number_after() -> None:
    page = (ROOT / "docs" / "operate" / "exceptional-visits.md").read_text(encoding="utf-8")
    rows = {
        row[0]: row
        for row in re.findall(r"^\| ([A-Z]\d{3}) \| (\w*) \| (.+?)<br>(.+?) \|$", page, re.MULTILINE)
    }
    assert TABLE.texts is not None
    visits = TABLE.texts.exceptional.codes
    assert rows == {code: (code, visit.taken or "", visit.zh, visit.en) for code, visit in visits.items()}
