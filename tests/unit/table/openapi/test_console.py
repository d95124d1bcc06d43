"""The console's own requests against an OpenAPI document of a console."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bridge.cli.main import main
from bridge.sim.console import swagger
from bridge.sim.console.app import ROUTES
from bridge.table.loader import default_table
from bridge.table.model.rows import Table
from bridge.table.openapi.compare import compare
from bridge.table.openapi.document import Document
from tests.unit.table.openapi.openapi_documents import document_of, operation_of, reply_of, request_of

TABLE = default_table()
CONSOLE = document_of(TABLE, "console")
VITAL = {
    "POST /api/common/v1/Initial",
    "POST /api/common/v1/Finalize",
    "POST /api/sam/v1/Verification",
    "POST /api/sam/v1/Signature",
    "POST /api/hc/v1/Signature/Hc",
    "POST /api/hpc/v1/Signature",
    "POST /api/hc/v1/Signature/HpcHc",
}
INITIAL, STATUS, HC_PIN = "/api/common/v1/Initial", "/api/common/v1/Status", "/api/hc/v1/Pin"


@pytest.fixture
def document() -> dict[str, Any]:
    return copy.deepcopy(CONSOLE)


def lines(document: dict[str, Any], row: str, breaks: bool = True, table: Table = TABLE) -> list[str]:
    found = compare(table, Document(document), "console").differences
    return [each.text for each in found if each.function == row and each.breaks is breaks]


def without(document: dict[str, Any], requests: set[str]) -> dict[str, Any]:
    """The document without these requests."""
    for line in requests:
        method, path = line.split()
        del document["paths"][path][method.lower()]
        if not document["paths"][path]:
            del document["paths"][path]
    return document


def test_a_console_without_sessions_and_signatures_is_refused_and_each_request_named(
    document: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "console.json"
    file.write_text(json.dumps(without(document, VITAL)), encoding="utf-8")
    result = CliRunner().invoke(main, ["table", "check", "--openapi", str(file), "--service", "console"])
    assert result.exit_code == 1, result.output
    named = {line.split(": ")[1] for line in result.output.splitlines() if line.startswith("BREAKS console")}
    assert named == VITAL


@pytest.mark.parametrize("name", [name for name, request in TABLE.console.named()])
def test_each_request_alone_is_missed(document: dict[str, Any], name: str) -> None:
    request = dict(TABLE.console.named())[name]
    changed = without(document, {request.console})
    found = compare(TABLE, Document(changed), "console")
    named = [each for each in found.differences if each.where == request.console]
    assert named, request.console
    assert found.breaks is (request.used_by not in ("commands", "nobody"))


def test_another_method_breaks(document: dict[str, Any]) -> None:
    document["paths"][INITIAL] = {"put": operation_of(document, "post", INITIAL)}
    assert lines(document, "console initialise") == ["the path has only PUT"]


def test_another_name_in_a_body_breaks(document: dict[str, Any]) -> None:
    properties = request_of(document, "/api/hc/v1/VirtualHc/Import")["properties"]
    properties["transferCode"] = properties.pop("transferToken")
    assert lines(document, "console import_virtual_card") == [
        "request field transferToken: the document has no transferToken; the nearest is transferCode"
    ]


def test_a_device_that_must_be_named_breaks(document: dict[str, Any]) -> None:
    request_of(document, INITIAL)["required"] = ["name", "mode"]
    assert lines(document, "console initialise") == [
        "the document requires the request field mode, which the bridge does not send",
        "the document requires the request field name, which may be left out",
    ]


def test_a_name_inside_objects_of_a_reply_is_compared(document: dict[str, Any]) -> None:
    reply = operation_of(document, "get", STATUS)["responses"]["200"]["content"]["application/json"]
    status = reply["schema"]["properties"]["status"]["properties"]
    status["sam"]["properties"]["state"] = status["sam"]["properties"].pop("status")
    assert lines(document, "console status") == [
        "reply field status.sam.status: the document has no status; the nearest is state"
    ]
    del status["readerName"]
    assert lines(document, "console status", breaks=False) == [
        "reply field status.readerName: the document has no readerName"
    ]
    status["sam"].clear()  # an object that the document leaves open may hold anything
    assert lines(document, "console status") == []


def test_a_signature_without_one_of_its_fields_breaks(document: dict[str, Any]) -> None:
    del reply_of(document, "/api/hc/v1/Signature/HpcHc")["properties"]["clientRandom"]
    assert lines(document, "console sign_hpchc") == [
        "reply field clientRandom: the document has no clientRandom"
    ]


def test_what_is_wrong_with_a_request_that_nobody_sends_is_a_note(document: dict[str, Any]) -> None:
    path = "/api/hc/v1/VirtualHc/ReadBasic"
    document["paths"]["/api/hc/v1/VirtualHc/ReedBasic"] = document["paths"].pop(path)
    found = ["no such path; the nearest is /api/hc/v1/VirtualHc/ReedBasic"]
    assert lines(document, "console read_virtual_card") == found
    unused = TABLE.console.requests.read_virtual_card.model_copy(update={"used_by": "nobody"})
    requests = TABLE.console.requests.model_copy(update={"read_virtual_card": unused})
    console = TABLE.console.model_copy(update={"requests": requests})
    table = TABLE.model_copy(update={"console": console})
    assert lines(document, "console read_virtual_card", table=table) == []
    assert lines(document, "console read_virtual_card", breaks=False, table=table) == found


def test_what_the_document_does_not_describe_is_a_note(document: dict[str, Any]) -> None:
    operation = operation_of(document, "put", HC_PIN)
    del operation["requestBody"]
    assert lines(document, "console change_pin") == []
    assert lines(document, "console change_pin", breaks=False) == [
        "the document does not describe the request"
    ]


def test_the_requests_of_the_table_are_those_of_the_simulated_console() -> None:
    """The simulator was written from the seed alone: each request of the table must be one of its routes."""
    known = {f"{method} {path}" for method, path, _ in ROUTES}
    assert {request.console for _, request in TABLE.console.named()} <= known
    sent_by_rows = {step.console for row in TABLE.functions.values() for step in row.steps if step.console}
    for name, request in TABLE.console.named():
        if request.used_by == "rows":
            assert request.console in sent_by_rows, name


def test_the_document_of_the_simulated_console_confirms_every_row() -> None:
    """It is made of the seed's samples alone; `list_sams` reads more where a console tells more, and
    csISSetPIN does without `hasPin` where it only looks whether a virtual card is there.
    """
    result = compare(TABLE, Document(swagger.document()), "console")
    assert [each.text for each in result.differences if each.breaks] == []
    assert {each.function for each in result.differences} == {"console list_sams", "csISSetPIN"}


def test_a_list_without_a_status_and_values_behind_a_path_are_compared(document: dict[str, Any]) -> None:
    record = operation_of(document, "get", "/api/common/v1/Record")
    assert lines(document, "console list_calls", breaks=False) == []
    record["parameters"] = [{"in": "query", "name": "from", "required": True}]
    items = record["responses"]["200"]["content"]["application/json"]["schema"]["items"]
    items["properties"]["path"] = items["properties"].pop("url")
    found = lines(document, "console list_calls", breaks=False)
    assert found[0].startswith("the document requires the request field from")
    assert [text.partition(":")[0] for text in found[1:]] == [
        "request field skip", "request field take", "reply field url",
    ]  # fmt: skip
