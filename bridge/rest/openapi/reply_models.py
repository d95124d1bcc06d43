"""What the OpenAPI document says of a route's reply: the code and, on success, what the function gives.

Plain JSON schemas of OpenAPI 3.0, made from the rows alone. ``x-bytes`` is a width in bytes of code page 950.
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.codec.code_page import WINDOWS
from bridge.codec.fixed import unpack
from bridge.config import CodeNames
from bridge.rest.openapi.examples import example_record
from bridge.rest.openapi.schema_parts import (
    FORMS,
    TYPES,
    Schema,
    fields_in_words,
    object_schema,
    repeats,
    sentence,
)
from bridge.rest.replies import BYTE_VIEW, CODE_NAMES, record_of
from bridge.table.model.arguments import RecordArgument, TextOutArgument, TextSizedArgument
from bridge.table.model.layout import build_layout, walk
from bridge.table.model.records import FieldSpec, GroupSpec, RecordSpec
from bridge.table.model.rows import Function, Route, Table

_DIGITS = "^-?[0-9]+$"
# Not both of the names that differ in letter case only: PHP, for one, has no such two methods of a class.
DECLARED: Mapping[CodeNames, tuple[str, ...]] = {**CODE_NAMES, "both": ("ERRORCODE", "statusCode")}


def reply_schema(table: Table, function: Function, route: Route, names: CodeNames = "both") -> Schema:
    """The JSON object a route answers: the code and, on success, the out-arguments by their legacy names."""
    properties = _code_schema(table, function, names)
    for argument in function.arguments:
        if isinstance(argument, RecordArgument):
            properties[argument.name] = _record_out(table, argument, route)
        elif isinstance(argument, TextOutArgument):
            properties[argument.name] = _text_out(argument)
        elif isinstance(argument, TextSizedArgument):
            properties[argument.name] = {"type": "string", "description": "Text of any length."}
    properties["message"] = {
        "type": "string",
        "description": "Why, where a parameter or the body cannot be used (6018) or the function is not "
        "supported; nowhere else.",
    }
    if route.envelope is not None:
        properties[route.envelope] = _envelope(function)
    schema = object_schema(function.title, properties, list(DECLARED[names]))
    return {**schema, "additionalProperties": True}  # some generators refuse what is not declared


def refusal_schema(names: CodeNames = "both") -> Schema:
    """The JSON object of an answer other than HTTP 200: a code that means failure, and why in a sentence."""
    properties = {**_code_names("Legacy return code as digits.", 6018, names), "message": {"type": "string"}}
    schema = object_schema("Refused before a function was reached", properties, [*DECLARED[names], "message"])
    return {**schema, "additionalProperties": True}


def _text_out(argument: TextOutArgument) -> Schema:
    note = sentence(argument.term, f"at most {argument.width} bytes in code page 950")
    return {"type": "string", "description": note, "x-bytes": argument.width}


def _envelope(function: Function) -> Schema:
    """The reply once more, where a real client of the path reads it; complete also on failure."""
    texts = {a.name: _text_out(a) for a in function.arguments if isinstance(a, TextOutArgument)}
    properties: Schema = {
        "ErrorCode": {"type": "string", "pattern": _DIGITS, "description": "As ERRORCODE.", "example": "0"},
        "message": {"type": "string", "description": "The code's meaning."},
        **texts,
    }
    return object_schema(f"{function.title}: the same for older clients", properties, list(properties))


def _code_schema(table: Table, function: Function, names: CodeNames) -> Schema:
    notices = [
        f"{n.code} {table.statuses.meaning(n.code)} (filled as well)".strip() for n in function.notices
    ]
    meaning = "0 is success" if function.result is None else "the function's value, or the code of a failure"
    also = "errorCode, the same as a number, comes with it" if names == "both" else ""
    described = sentence("Legacy return code as digits", meaning, *notices, also)
    return _code_names(described, 0, names)


def _code_names(described: str, example: int, names: CodeNames) -> Schema:
    number: Schema = {"type": "integer", "description": "The same number.", "example": example}
    text: Schema = {"description": described, "example": str(example)}
    if (
        names == "text"
    ):  # otherwise a reader that is blind for letter case, as Go's is, may find the number there
        text |= {"type": "string", "pattern": _DIGITS}
    return {name: text if name == "ERRORCODE" else dict(number) for name in DECLARED[names]}


def _record_out(table: Table, argument: RecordArgument, route: Route) -> Schema:
    record = table.records_out[record_of(argument, route)]
    layout = build_layout(record, table.records_out)
    example = example_record(layout)
    each = f" for each of {argument.count}" if argument.count else ""
    heading = f"{record.title}, {record.width} bytes{each}, {FORMS[route.form]}"
    if route.form in ("plain", "big5"):
        return {
            "type": "string",
            "description": sentence(f"{heading}. Fields: {fields_in_words(record, table.records_out)}"),
            "x-bytes": record.width,
            "example": WINDOWS.decode(example) if route.form == "plain" else example.decode(BYTE_VIEW),
        }
    schema = object_schema(record.title, _properties(record, table.records_out), [])
    schema.update(description=sentence(heading), example=unpack(layout, example))
    return schema


def _properties(record: RecordSpec, records: dict[str, RecordSpec]) -> Schema:
    """The fields of a record as properties; included records in place, groups as lists."""
    properties: Schema = {}
    for item in walk(record, records):
        if isinstance(item, FieldSpec):
            properties[item.name] = _field(item)
        elif isinstance(item, GroupSpec):
            fields = {inner.name: _field(inner) for inner in item.fields if isinstance(inner, FieldSpec)}
            items = object_schema(item.term or item.group, fields, [])
            properties[item.group] = {"type": "array", "items": items, "description": repeats(item)}
    return properties


def _field(field: FieldSpec) -> Schema:
    return {
        "type": "string",
        "description": sentence(field.term, f"{field.width} bytes", TYPES[field.type]),
        "x-bytes": field.width,
    }
