"""The comparison of the table with an OpenAPI document, and what it raises in the mapping files."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.sim.cloud.app import ROUTES
from bridge.sim.cloud.fields import SIGNATURE_FIELDS as SIMULATED_SIGNATURE_FIELDS
from bridge.table.loader import default_directory, default_table
from bridge.table.openapi.compare import compare
from bridge.table.openapi.confirm import confirm_file, function_files
from bridge.table.openapi.document import Document, NotOpenApi
from bridge.table.openapi.facts import facts_of
from bridge.table.openapi.result import Comparison
from tests.unit.table.openapi.openapi_documents import document_of, operation_of, reply_of, request_of

TABLE = default_table()
CLOUD = document_of(TABLE, "cloud")
PREVENT = "/api/v1/PreventData/Query"
BASIC = "/api/v1/BasicData/Query"
EMERGENCY = "/api/v1/EmergentTel/Write"
PRESCRIPTIONS = "/api/v1/Prescription/Write"
NUMBER = "/api/v1/SequelNumber/Next"


def cloud(document: dict[str, Any]) -> Comparison:
    return compare(TABLE, Document(document), "cloud")


def texts(result: Comparison, function: str) -> list[str]:
    return [difference.text for difference in result.differences if difference.function == function]


@pytest.fixture
def document() -> dict[str, Any]:
    return copy.deepcopy(CLOUD)


# --- nothing to find ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["cloud", "console"])
def test_a_document_that_says_the_same_differs_in_nothing(service: Any) -> None:
    result = compare(TABLE, Document(document_of(TABLE, service)), service)
    assert [str(difference) for difference in result.differences] == []
    assert result.requests > 10
    assert not result.breaks


def test_every_request_and_field_of_it_is_confirmed() -> None:
    result = cloud(CLOUD)
    for function in TABLE.functions.values():
        if any(step.cloud is None for step in function.steps):
            continue
        comparable = {
            f
            for f in facts_of(function)
            if f.kind not in ("row", "notice") and (f.step is not None or f.names)
        }
        assert set(result.confirmed.get(function.name, [])) == comparable


def test_the_simulated_cloud_requires_nothing_that_the_rows_do_not_send() -> None:
    paths = {}
    for route in ROUTES:
        names = [*SIMULATED_SIGNATURE_FIELDS[route.kind], *route.fields]
        schema = {"required": names, "properties": {name: {"type": "string"} for name in names}}
        body = {"content": {"application/json": {"schema": schema}}}
        paths[route.path] = {"post": {"requestBody": body, "responses": {"200": {"description": "ok"}}}}
    result = cloud({"openapi": "3.1.0", "info": {"title": "simulator"}, "paths": paths})
    found = [str(d) for d in result.differences if "requires" in d.text or "no such path" in d.text]
    assert found == []
    assert result.requests > 30


# --- differences --------------------------------------------------------------------------------------------


def test_a_missing_path_breaks_and_the_nearest_is_named(document: dict[str, Any]) -> None:
    document["paths"]["/api/v1/PreventData/Queries"] = document["paths"].pop(PREVENT)
    result = cloud(document)
    assert texts(result, "hisGetRegisterPrevent") == [
        "no such path; the nearest is /api/v1/PreventData/Queries"
    ]
    assert result.breaks
    assert "hisGetRegisterPrevent" not in result.confirmed


def test_another_method_breaks(document: dict[str, Any]) -> None:
    document["paths"][BASIC] = {"get": operation_of(document, "post", BASIC)}
    result = cloud(document)
    assert texts(result, "hisGetBasicData") == ["the path has only GET"]
    assert result.breaks


def test_a_request_field_that_the_document_does_not_know_breaks(document: dict[str, Any]) -> None:
    properties = request_of(document, EMERGENCY)["properties"]
    properties["tels"] = properties.pop("tel")
    result = cloud(document)
    assert texts(result, "hisWriteEmergentTel") == [
        "request field tel: the document has no tel; the nearest is tels"
    ]
    assert result.breaks


def test_a_required_field_that_the_row_does_not_send_breaks(document: dict[str, Any]) -> None:
    request = request_of(document, EMERGENCY)
    request["properties"]["reason"] = {"type": "string"}
    request["required"] = ["reason", "tel", "clientRandom", "hcId"]
    result = cloud(document)
    assert texts(result, "hisWriteEmergentTel") == [
        "the document requires the request field reason, which the row does not send"
    ]
    assert result.breaks


def test_fields_of_list_items_are_compared(document: dict[str, Any]) -> None:
    items = request_of(document, PRESCRIPTIONS)["properties"]["prescriptions"]["items"]
    del items["properties"]["usage"]
    items["required"] = ["days", "route"]
    result = cloud(document)
    found = texts(result, "hisWritePrescription")
    assert "request field prescriptions.usage: the document has no usage" in [t.split(";")[0] for t in found]
    assert "the document requires prescriptions.route, which the row does not send" in found


def test_a_required_query_parameter_breaks(document: dict[str, Any]) -> None:
    operation_of(document, "post", BASIC)["parameters"] = [
        {"in": "query", "name": "hospital", "required": True},
        {"in": "header", "name": "x-trace", "required": True},
    ]
    assert texts(cloud(document), "hisGetBasicData") == [
        "the document requires the request field hospital, which the row does not send"
    ]


def test_a_reply_field_that_the_document_lacks_breaks(document: dict[str, Any]) -> None:
    del reply_of(document, PREVENT)["properties"]["preventDatas"]["items"]["properties"]["itemCode"]
    result = cloud(document)
    found = texts(result, "hisGetRegisterPrevent")
    assert [text.split(":")[0] for text in found] == [
        "reply field preventDatas.itemCode (for pBuffer.services.exam_item_code)"
    ]
    assert result.breaks


def test_a_list_that_is_none_in_the_document_breaks(document: dict[str, Any]) -> None:
    reply_of(document, PREVENT)["properties"]["preventDatas"] = {"type": "string"}
    assert any(
        "preventDatas is no list in the document" in t
        for t in texts(cloud(document), "hisGetRegisterPrevent")
    )


def test_a_reply_field_that_may_be_missing_is_a_note(document: dict[str, Any]) -> None:
    del reply_of(document, NUMBER)["properties"]["treatmentNumber"]
    result = cloud(document)
    found = [
        d for d in result.differences if d.function == "hisGetSeqNumber256N1" and "treatment_number" in d.text
    ]
    assert [d.breaks for d in found] == [False]


def test_what_the_document_does_not_describe_is_a_note_and_confirms_nothing(document: dict[str, Any]) -> None:
    operation_of(document, "post", BASIC)["responses"] = {"200": {"description": "ok"}}
    result = cloud(document)
    assert texts(result, "hisGetBasicData") == ["the document does not describe the reply"]
    assert not result.breaks
    assert {fact.kind for fact in result.confirmed["hisGetBasicData"]} == {"request"}


# --- how documents are written ------------------------------------------------------------------------------


def test_references_and_compositions_are_followed(document: dict[str, Any]) -> None:
    reply = reply_of(document, PREVENT)
    inner = reply["properties"]["preventDatas"]
    document["components"] = {
        "schemas": {"Base": {"properties": {}}, "Prevent/List": inner, "Reply": dict(reply)}
    }
    document["components"]["schemas"]["Reply"]["properties"] = {
        "preventDatas": {"$ref": "#/components/schemas/Prevent~1List"}
    }
    reply.clear()
    reply["allOf"] = [{"$ref": "#/components/schemas/Base"}, {"$ref": "#/components/schemas/Reply"}]
    assert cloud(document).differences == []


def test_a_base_path_of_the_server_is_taken_off() -> None:
    paths = {path.removeprefix("/api"): item for path, item in CLOUD["paths"].items()}
    written = {**CLOUD, "paths": paths, "servers": [{"url": "https://example.test/api/"}]}
    assert cloud(written).differences == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "not an OpenAPI 3 document"),
        ({"swagger": "2.0", "paths": {}}, "not an OpenAPI 3 document"),
        ({"openapi": "3.0.0"}, "has no paths"),
    ],
)
def test_another_document_is_refused(content: Any, message: str) -> None:
    with pytest.raises(NotOpenApi, match=message):
        Document(content)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"$ref": "#/components/schemas/Gone"}, "leads nowhere"),
        ({"$ref": "other.json#/X"}, "leads out of the document"),
        ({"$ref": "#/components/schemas/Self"}, "leads in a circle"),
        ({"$ref": "#/components/schemas/Made"}, "composed of itself"),
    ],
)
def test_a_reference_that_cannot_be_followed_is_named(
    document: dict[str, Any], schema: dict[str, Any], message: str
) -> None:
    document["components"] = {
        "schemas": {
            "Self": {"$ref": "#/components/schemas/Self"},
            "Made": {"allOf": [{"$ref": "#/components/schemas/Made"}]},
        }
    }
    operation_of(document, "post", BASIC)["responses"]["200"]["content"]["application/json"]["schema"] = (
        schema
    )
    with pytest.raises(NotOpenApi, match=message):
        cloud(document)


# --- raising provenance -------------------------------------------------------------------------------------


def _raised(file: Path, result: Comparison, source: str = "NHI v1") -> tuple[str, int]:
    return confirm_file(file.read_text(encoding="utf-8"), TABLE, result.confirmed, source)


def test_only_confirmed_assumptions_change_and_nothing_else_of_the_text() -> None:
    total = 0
    for file in function_files(default_directory()):
        before = file.read_text(encoding="utf-8")
        after, times = _raised(file, cloud(CLOUD))
        total += times
        assert after.replace("provenance: openapi NHI v1 (was assumed)", "provenance: assumed") == before
        assert after.count("openapi NHI v1 (was assumed)") == times
    assert total > 20


def test_a_field_that_is_not_confirmed_keeps_the_assumption_of_its_output(document: dict[str, Any]) -> None:
    del reply_of(document, PREVENT)["properties"]["preventDatas"]["items"]["properties"]["itemCode"]
    file = default_directory() / "functions" / "1-reads.yaml"
    rows = yaml.safe_load(_raised(file, cloud(document))[0])
    assert rows["hisGetRegisterPrevent"]["outputs"]["pBuffer"]["provenance"] == "assumed"
    assert rows["hisGetRegisterPregnant"]["outputs"]["pBuffer"]["provenance"].startswith("openapi")


SHARED = """\
.shared:
  body: &body
    tel: {argument: pTel, provenance: assumed}  # stays a comment
hisWriteEmergentTel:
  outputs: {}
  step:
    provenance: "assumed"
    body:
      <<: *body
"""


def test_shared_and_quoted_texts_are_found_and_odd_titles_quoted() -> None:
    table = TABLE.model_copy(deep=True)
    confirmed = {"hisWriteEmergentTel": list(facts_of(table.functions["hisWriteEmergentTel"]))}
    text, times = confirm_file(SHARED, table, confirmed, 'A: "B" #1, v1')
    row = yaml.safe_load(text)["hisWriteEmergentTel"]
    assert times == 2
    assert row["step"]["provenance"] == 'openapi A: "B" #1, v1 (was assumed)'
    assert row["step"]["body"]["tel"]["provenance"] == 'openapi A: "B" #1, v1 (was assumed)'
    assert "# stays a comment" in text


def test_a_shared_text_stays_when_one_of_its_rows_is_not_confirmed() -> None:
    two = SHARED + "hisGetEmergentTel:\n  step: {provenance: x, body: {<<: *body}}\n"
    tel = TABLE.functions["hisWriteEmergentTel"]
    functions = {**TABLE.functions, "hisGetEmergentTel": tel.model_copy(update={"name": "hisGetEmergentTel"})}
    table = TABLE.model_copy(update={"functions": functions})
    text, times = confirm_file(two, table, {"hisWriteEmergentTel": list(facts_of(tel))}, "NHI v1")
    assert times == 1
    assert yaml.safe_load(text)["hisWriteEmergentTel"]["step"]["body"]["tel"]["provenance"] == "assumed"


def test_a_field_that_stands_in_a_layout_is_raised_by_its_name() -> None:
    name = "hisGetTreatmentNoNeedHPC"
    text = (default_directory() / "functions" / "1-reads.yaml").read_text(encoding="utf-8")
    before = yaml.safe_load(text)[name]["outputs"]["pBuffer"]["layout"]
    raised, times = confirm_file(text, TABLE, {name: list(facts_of(TABLE.functions[name]))}, "NHI v1")
    after = yaml.safe_load(raised)[name]["outputs"]["pBuffer"]["layout"]
    changed = {
        new["name"]: new["provenance"]
        for old_group, new_group in zip(before, after, strict=True)
        for old, new in zip(old_group["fields"], new_group["fields"], strict=True)
        if old != new
    }
    assert changed == {"newborn_mark": "openapi NHI v1 (was assumed)"}
    assert times == 1
