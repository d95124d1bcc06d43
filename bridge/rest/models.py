"""What the OpenAPI document says of a route: its request and reply, with widths, terms and examples.

Plain JSON schemas of OpenAPI 3.0, made from the rows alone. ``x-bytes`` is a width in bytes of code page 950.
"""

from __future__ import annotations

from typing import Any

from bridge.codec.fixed import unpack
from bridge.codec.text import CODE_PAGE
from bridge.rest.examples import BY_FIELD, BY_TYPE, example_record
from bridge.rest.replies import BYTE_VIEW
from bridge.table.layout import build_layout
from bridge.table.model import (
    BlockArgument,
    CountArgument,
    FieldSpec,
    Function,
    GroupSpec,
    IncludeSpec,
    LayoutItem,
    RecordArgument,
    RecordSpec,
    Route,
    ScalarArgument,
    Table,
    TextArgument,
    TextOutArgument,
)

Schema = dict[str, Any]

FORMS = {
    "plain": "the fixed-width record as text; in code page 950 it has exactly the legacy number of bytes",
    "big5": "the fixed-width record's bytes, each as the character U+0000 to U+00FF of the same number",
    "json": "the record as an object of named fields without padding; a group lists all its repetitions",
    "json_big5": "the object of named fields, the bytes of each text as the characters U+0000 to U+00FF",
}
_TYPES = {
    "text": "",
    "code": "",
    "date": "ROC date YYYMMDD",
    "datetime": "ROC date and time YYYMMDDhhmmss",
    "number": "digits, zero-padded",
    "quantity": "7 digits, two of them decimals",
}
_LONGEST_EXAMPLE = 20


def operation_id(route: Route) -> str:
    """The route's name for generated clients: its path with ``_`` for ``/``."""
    return route.path.strip("/").replace("/", "_")


def describe(route: Route, function: Function) -> str:
    """A route's text: function, section, summary, where it is known from, the forms of a reply."""
    lines = [
        f"{function.title} (`{function.name}`, section {function.section}). {function.summary}",
        f"Status: {function.status}. Known from: {function.provenance}; this path from {route.provenance}.",
    ]
    if any(isinstance(argument, RecordArgument) for argument in function.arguments):
        listed = "\n".join(f"- {form}: {text}" for form, text in FORMS.items())
        lines.append(f"This path gives records in the form **{route.form}**. All forms:\n\n{listed}")
    return "\n\n".join(lines)


# --- requests -----------------------------------------------------------------------------------------------


def request_schema(table: Table, function: Function) -> Schema:
    """The JSON object a route takes: the in-arguments by their legacy names.

    Optional are those that may be blank and a count that follows from its block.
    """
    derived = {a.count for a in function.arguments if isinstance(a, BlockArgument)}
    properties: Schema = {}
    required = []
    for argument in function.arguments:
        match argument:
            case TextArgument():
                properties[argument.name] = _text_in(function, argument)
            case BlockArgument():
                properties[argument.name] = _block(table, argument)
            case CountArgument():
                properties[argument.name] = {
                    "type": "integer",
                    "minimum": argument.least,
                    "maximum": argument.most,
                    "description": "Number of repetitions; if missing, the block's length tells it.",
                }
            case ScalarArgument():
                properties[argument.name] = _scalar(argument)
            case _:
                continue
        if not getattr(argument, "blank", False) and argument.name not in derived:
            required.append(argument.name)
    return _object(function.title, properties, required)


def _text_in(function: Function, argument: TextArgument) -> Schema:
    term, example = _role(function, argument)
    notes = [term, f"up to {argument.width} bytes in code page 950; one trailing blank or NUL may follow"]
    if argument.blank:
        notes.append("blank or missing is a value")
    schema: Schema = {
        "type": "string",
        "description": _sentence(*notes),
        "x-bytes": argument.width,
    }
    if example is not None:
        schema["example"] = example
    return schema


def _role(function: Function, argument: TextArgument) -> tuple[str, str | None]:
    """Chinese term and example of a text argument, from what the row uses it for."""
    if function.identity is not None and argument.name == function.identity.id:
        return "身分證號", BY_FIELD["id_no"]
    if function.identity is not None and argument.name == function.identity.birthday:
        return f"出生日期, {_TYPES['date']}", BY_FIELD["birthday"]
    used = [
        value for step in function.steps for value in step.body.values() if value.argument == argument.name
    ]
    if any(value.convert == "roc_datetime" for value in used):
        return f"日期時間, {_TYPES['datetime']}", BY_TYPE["datetime"]
    if argument.blank:
        return "", " "
    return "", "1".zfill(argument.width) if argument.width <= _LONGEST_EXAMPLE else None


def _block(table: Table, argument: BlockArgument) -> Schema:
    records = [table.records_in[form] for form in argument.forms]
    each = " per repetition" if argument.count else ""
    forms = [f"{r.title}, {r.width} bytes{each}: {_fields_in_words(r, table.records_in)}" for r in records]
    return {
        "type": "string",
        "description": _sentence(f"Fixed-width data block in code page 950. {' Or: '.join(forms)}"),
        "x-bytes": [record.width for record in records],
        "example": example_record(build_layout(records[0], table.records_in)).decode(CODE_PAGE),
    }


def _scalar(argument: ScalarArgument) -> Schema:
    schema: Schema = {"type": "integer", "description": "16-bit number; a string of digits is taken too."}
    if argument.allowed:
        schema["enum"] = list(argument.allowed)
    return schema


# --- replies ------------------------------------------------------------------------------------------------


def reply_schema(table: Table, function: Function, route: Route) -> Schema:
    """The JSON object a route answers: the code and, on success, the out-arguments by their legacy names."""
    properties = _code_schema(table, function)
    for argument in function.arguments:
        if isinstance(argument, RecordArgument):
            properties[argument.name] = _record_out(table, argument, route)
        elif isinstance(argument, TextOutArgument):
            properties[argument.name] = {
                "type": "string",
                "description": f"At most {argument.width} bytes in code page 950.",
                "x-bytes": argument.width,
            }
    properties["message"] = {
        "type": "string",
        "description": "Only where a body cannot be used: what is wrong.",
    }
    return _object(function.title, properties, ["ERRORCODE", "errorCode", "statusCode"])


def _code_schema(table: Table, function: Function) -> Schema:
    notices = [
        f"{n.code} {table.statuses.meaning(n.code)} (filled as well)".strip() for n in function.notices
    ]
    meaning = "0 is success" if function.result is None else "the function's value, or the code of a failure"
    described = _sentence("Legacy return code as digits", meaning, *notices)
    number: Schema = {"type": "integer", "description": "The same number.", "example": 0}
    text: Schema = {"type": "string", "pattern": "^-?[0-9]+$", "description": described, "example": "0"}
    return {"ERRORCODE": text, "errorCode": number, "statusCode": dict(number)}


def _record_out(table: Table, argument: RecordArgument, route: Route) -> Schema:
    record = table.records_out[argument.record]
    layout = build_layout(record, table.records_out)
    example = example_record(layout)
    each = f" for each of {argument.count}" if argument.count else ""
    heading = f"{record.title}, {record.width} bytes{each}, {FORMS[route.form]}"
    if route.form in ("plain", "big5"):
        return {
            "type": "string",
            "description": _sentence(f"{heading}. Fields: {_fields_in_words(record, table.records_out)}"),
            "x-bytes": record.width,
            "example": example.decode(CODE_PAGE if route.form == "plain" else BYTE_VIEW),
        }
    schema = _object(record.title, _properties(record, table.records_out), [])
    schema.update(description=_sentence(heading), example=unpack(layout, example))
    return schema


def _properties(record: RecordSpec, records: dict[str, RecordSpec]) -> Schema:
    """The fields of a record as properties; included records in place, groups as lists."""
    properties: Schema = {}
    for item in _flat(record, records):
        if isinstance(item, FieldSpec):
            properties[item.name] = _field(item)
        elif isinstance(item, GroupSpec):
            fields = {inner.name: _field(inner) for inner in item.fields if isinstance(inner, FieldSpec)}
            items = _object(item.term or item.group, fields, [])
            properties[item.group] = {"type": "array", "items": items, "description": _repeats(item)}
    return properties


def _field(field: FieldSpec) -> Schema:
    return {
        "type": "string",
        "description": _sentence(field.term, f"{field.width} bytes", _TYPES[field.type]),
        "x-bytes": field.width,
    }


# --- parts --------------------------------------------------------------------------------------------------


def _flat(record: RecordSpec, records: dict[str, RecordSpec]) -> list[LayoutItem]:
    items: list[LayoutItem] = []
    for item in record.layout:
        items += _flat(records[item.include], records) if isinstance(item, IncludeSpec) else [item]
    return items


def _fields_in_words(record: RecordSpec, records: dict[str, RecordSpec]) -> str:
    """``name 姓名 (20), ...``: fields, blanks and brackets, each with its width in bytes."""
    words = []
    for item in _flat(record, records):
        if isinstance(item, GroupSpec):
            words.append(f"{item.group} ({_repeats(item)}: {', '.join(map(_in_words, item.fields))})")
        else:
            words.append(_in_words(item))
    return ", ".join(words)


def _in_words(item: LayoutItem) -> str:
    if isinstance(item, FieldSpec):
        return f"{item.name} {item.term} ({item.width})".replace("  ", " ")
    literal = getattr(item, "literal", None)
    return f'"{literal}"' if literal else f"blank ({getattr(item, 'filler', 0)})"


def _repeats(group: GroupSpec) -> str:
    return f"1 to {group.most} times" if group.repeat == "n" else f"{group.repeat} times"


def _object(title: str, properties: Schema, required: list[str]) -> Schema:
    schema: Schema = {"type": "object", "title": title, "properties": properties}
    return {**schema, "required": required} if required else schema  # an empty list is not valid


def _sentence(*parts: str) -> str:
    return "; ".join(part for part in parts if part) + "."
