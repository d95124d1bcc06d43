"""The OpenAPI page and document: valid, complete, and from this machine alone."""

import re
from urllib.parse import urljoin

import pytest

from bridge.codec.fixed import layout_width
from bridge.rest.openapi.schema_parts import FORMS
from bridge.table.model.arguments import (
    BlockArgument,
    CountArgument,
    RecordArgument,
    ScalarArgument,
    TextArgument,
    TextOutArgument,
    TextSizedArgument,
)
from bridge.table.model.layout import build_layout

SCHEMA_KEYS = {
    "type", "properties", "required", "items", "description", "example", "enum", "minimum",
    "maximum", "pattern", "x-bytes", "default", "additionalProperties",
}  # fmt: skip
IN = (TextArgument, BlockArgument, CountArgument, ScalarArgument)
OUT = (RecordArgument, TextOutArgument, TextSizedArgument)


@pytest.fixture
async def document(client):
    return (await client.get("/swagger/v1/swagger.json")).json()


def references(node):
    if isinstance(node, dict):
        yield from ([node["$ref"]] if "$ref" in node else [])
        for value in node.values():
            yield from references(value)
    if isinstance(node, list):
        for value in node:
            yield from references(value)


def schema_of(document, path, part):
    operation = document["paths"][path]["post"]
    where = operation["requestBody"] if part == "request" else operation["responses"]["200"]
    name = where["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return document["components"]["schemas"][name]


def check_schema(schema):
    """What OpenAPI 3.0 asks of a schema, for the words that are used here."""
    assert set(schema) <= SCHEMA_KEYS
    assert schema["type"] in ("object", "array", "string", "integer")
    assert (schema["type"] == "array") == ("items" in schema)
    assert set(schema.get("required", ["x"])) <= {*schema.get("properties", {}), "x"}
    assert schema.get("required") != []
    if schema["type"] in ("string", "integer") and "example" in schema:
        assert isinstance(schema["example"], str if schema["type"] == "string" else int)
    for name, inner in schema.get("properties", {}).items():
        if name == "ERRORCODE":  # readers that are blind for letter case may find errorCode, a number, there
            assert set(inner) == {"description", "example"}
        else:
            check_schema(inner)
    if "items" in schema:
        check_schema(schema["items"])


def test_document_is_sound(document, table):
    assert document["openapi"] == "3.0.3"
    assert document["info"]["title"]
    assert document["info"]["version"]
    assert set(document["paths"]) == {
        *(route.path for route in table.routes),
        *(path for service in table.services.values() for path in service.served_at),
    }
    operations = [methods["post"] for methods in document["paths"].values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    refusals = {"400", "403", "408", "413"}
    assert all({"200", *refusals} <= set(operation["responses"]) for operation in operations)
    targets = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) == targets
    for schema in document["components"]["schemas"].values():
        check_schema(schema)


# A request without any of them is signed by the bridge.
SIGNED_HERE = ("sSamid", "sHospid", "sClientrandom", "sSignature")


def test_every_field_of_a_service_stands_in_its_request(document, table):
    for service in table.services.values():
        for path in service.served_at:
            asked, given = (schema_of(document, path, part) for part in ("request", "reply"))
            assert set(asked["properties"]) == {field.name for field in service.all_fields}
            assert set(given["properties"]) == {"message", *(part.name for part in service.reply)}
            for field in service.all_fields:
                assert field.term in asked["properties"][field.name]["description"]
                signed_here = service.verified is None and field.name in SIGNED_HERE
                may_be_left_out = field.optional or signed_here
                assert (field.name in asked["required"]) != may_be_left_out
            description = document["paths"][path]["post"]["description"]
            assert service.summary in description
            assert service.provenance in description


def test_every_argument_stands_in_request_or_reply(document, table):
    for route in table.routes:
        function = table.functions[route.function]
        asked = schema_of(document, route.path, "request")
        given = schema_of(document, route.path, "reply")
        assert set(asked["properties"]) == {a.name for a in function.arguments if isinstance(a, IN)}
        out = {a.name for a in function.arguments if isinstance(a, OUT)}
        envelope = {route.envelope} if route.envelope else set()
        always = {"ERRORCODE", "statusCode", "message"}  # errorCode differs in letter case only
        assert set(given["properties"]) == always | out | envelope
        description = document["paths"][route.path]["post"]["description"]
        for expected in (function.section, function.summary, function.provenance, route.provenance):
            assert expected in description
        if any(isinstance(argument, RecordArgument) for argument in function.arguments):
            assert all(f"- {form}: " in description for form in FORMS)
            assert f"form **{route.form}**" in description


def test_examples_are_records_of_the_legacy_length(document, table):
    seen = 0
    for route in table.routes:
        for argument in table.functions[route.function].arguments:
            if isinstance(argument, RecordArgument):
                schema = schema_of(document, route.path, "reply")["properties"][argument.name]
                name = argument.bracketed if route.bracketed else argument.record
                record = table.records_out[name]
                width = layout_width(build_layout(record, table.records_out))
                if route.form in ("plain", "big5"):
                    code_page = "cp950" if route.form == "plain" else "latin-1"
                    assert len(schema["example"].encode(code_page)) == width == schema["x-bytes"]
                else:
                    assert set(schema["example"]) == set(schema["properties"])
                seen += 1
    assert seen > 5


async def test_the_example_of_a_request_is_accepted(client, document, table):
    for route in table.routes:
        properties = schema_of(document, route.path, "request")["properties"]
        body = {name: schema["example"] for name, schema in properties.items() if "example" in schema}
        required = schema_of(document, route.path, "request").get("required", [])
        if all(name in body for name in required) and table.functions[route.function].status != "unsupported":
            assert (await client.post(route.path, json=body)).json()["ERRORCODE"] == "0", route.path


def test_fields_have_terms_and_widths(document):
    plain = schema_of(document, "/VHC/VHChisGetBasicData", "reply")["properties"]["pBuffer"]
    assert "id_no 身分證號 (10)" in plain["description"]
    assert "72 bytes" in plain["description"]
    fields = schema_of(document, "/T/BasicJson", "reply")["properties"]["pBuffer"]["properties"]
    assert fields["birthday"] == {
        "type": "string", "description": "出生日期; 7 bytes; ROC date YYYMMDD.", "x-bytes": 7,
    }  # fmt: skip
    groups = schema_of(document, "/T/TreatmentJson", "reply")["properties"]["pBuffer"]["properties"]
    assert groups["visits"]["items"]["properties"]["visit_sequence"]["x-bytes"] == 4


def test_requests_say_what_is_required(document):
    seq = schema_of(document, "/VHC/VHChisGetSeqNumber256N1", "request")
    assert seq["required"] == ["cTreatItem"]
    write = schema_of(document, "/T/PrescriptSign", "request")
    assert write["required"] == ["pDateTime", "pPatientID", "pPatientBirthDate", "pDataWrite"]
    assert write["properties"]["pPatientID"]["example"] == "Z299999929"
    assert write["properties"]["iWriteCount"]["maximum"] == 60
    assert schema_of(document, "/T/CardStatus", "request")["properties"]["CardType"]["enum"] == [1, 2, 3]


def test_notices_are_explained(document):
    code = schema_of(document, "/VHC/VHChisGetSeqNumber256N1", "reply")["properties"]["ERRORCODE"]
    assert "5010" in code["description"]
    assert "5174" in code["description"]


async def test_the_page_and_its_parts_come_from_here(client):
    page = await client.get("/swagger/index.html")
    assert page.headers["content-type"].startswith("text/html")
    assert "//" not in re.sub(r"<!--.*?-->|// .*", "", page.text).replace("https://localhost", "")
    parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert {part.rpartition(".")[2] for part in parts} == {"js", "css", "png"}
    for part in parts:
        reply = await client.get(urljoin("/swagger/index.html", part))
        assert reply.status_code == 200, part
        assert len(reply.content) > 500
    script = next(part for part in parts if part.endswith(".js"))
    assert "javascript" in (await client.get(script)).headers["content-type"]
    assert "url: '/swagger/v1/swagger.json'" in page.text


@pytest.mark.parametrize("path", ["/", "/swagger", "/swagger/"])
async def test_short_addresses_lead_to_the_page(client, path):
    reply = await client.get(path)
    assert (reply.status_code, reply.headers["location"]) == (307, "/swagger/index.html")


async def test_a_missing_part_is_answered_like_any_unknown_path(client):
    reply = await client.get("/swagger/nothing.js")
    assert (reply.status_code, reply.json()["ERRORCODE"]) == (404, "-2")


# --- what generators of clients make names of ---------------------------------------------------------------


def test_no_two_names_of_the_document_differ_in_letter_case_only(document):
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    ids = [operation["operationId"] for operation in operations]
    tags = {tag for operation in operations for tag in operation["tags"]}
    assert "VHC" in tags
    for names in (ids, tags, document["components"]["schemas"]):
        assert len({name.lower() for name in names}) == len(names)
    for schema in document["components"]["schemas"].values():
        for each in _objects(schema):
            assert len({name.lower() for name in each["properties"]}) == len(each["properties"])


def test_types_are_named_by_the_document_and_not_by_titles(document):
    for name, schema in document["components"]["schemas"].items():
        assert not [each for each in _objects(schema) if "title" in each], name
    assert document["info"]["title"].isascii()


def _objects(schema):
    if "properties" in schema:
        yield schema
        for inner in schema["properties"].values():
            yield from _objects(inner)
    if "items" in schema:
        yield from _objects(schema["items"])
