"""What the OpenAPI document says of a route and its request, with widths, terms and examples.

Plain JSON schemas of OpenAPI 3.0, made from the rows alone. ``x-bytes`` is a width in bytes of code page 950.
"""

from __future__ import annotations

from bridge.codec.code_page import WINDOWS
from bridge.rest.openapi.examples import BY_FIELD, BY_TYPE, example_record
from bridge.rest.openapi.schema_parts import FORMS, TYPES, Schema, fields_in_words, object_schema, sentence
from bridge.table.model.arguments import (
    BlockArgument,
    CountArgument,
    RecordArgument,
    ScalarArgument,
    TextArgument,
)
from bridge.table.model.layout import build_layout
from bridge.table.model.rows import Function, Route, Table

_LONGEST_EXAMPLE = 20


def describe(route: Route, function: Function) -> str:
    """A route's text: function, section, summary, where it is known from, the forms of a reply."""
    lines = [
        f"{function.title} (`{function.name}`, section {function.section}). {function.summary}",
        f"Status: {function.status}. Known from: {function.provenance}; this path from {route.provenance}.",
    ]
    if any(isinstance(argument, RecordArgument) for argument in function.arguments):
        listed = "\n".join(f"- {form}: {text}" for form, text in FORMS.items())
        lines.append(f"This path gives records in the form **{route.form}**. All forms:\n\n{listed}")
    if route.bracketed:
        lines.append("Diagnosis codes come in the ICD-10 form: 7 bytes each, in brackets or between blanks.")
    return "\n\n".join(lines)


# --- requests -----------------------------------------------------------------------------------------------


def request_schema(table: Table, function: Function, route: Route) -> Schema:
    """The JSON object a route takes: the in-arguments by their legacy names.

    Optional are those that may be blank, a count that follows from its block, and what the route knows.
    """
    derived = {a.count for a in function.arguments if isinstance(a, BlockArgument)} | set(route.defaults)
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
                properties[argument.name] = _scalar(argument, route.defaults.get(argument.name))
            case _:
                continue
        if not getattr(argument, "blank", False) and argument.name not in derived:
            required.append(argument.name)
    return object_schema(function.title, properties, required)


def _text_in(function: Function, argument: TextArgument) -> Schema:
    term, example = _role(function, argument)
    notes = [term, f"up to {argument.width} bytes in code page 950; one trailing blank or NUL may follow"]
    if argument.blank:
        notes.append("blank or missing is a value")
    schema: Schema = {
        "type": "string",
        "description": sentence(*notes),
        "x-bytes": argument.width,
    }
    if example is not None:
        schema["example"] = example
    return schema


def _role(function: Function, argument: TextArgument) -> tuple[str, str | None]:
    """Chinese term and example of a text argument: the row's own, or from what the row uses it for."""
    term, example = _known_role(function, argument)
    return argument.term or term, argument.example or example


def _known_role(function: Function, argument: TextArgument) -> tuple[str, str | None]:
    if function.identity is not None and argument.name == function.identity.id:
        return "身分證號", BY_FIELD["id_no"]
    if function.identity is not None and argument.name == function.identity.birthday:
        return f"出生日期, {TYPES['date']}", BY_FIELD["birthday"]
    used = [
        value for step in function.steps for value in step.body.values() if value.argument == argument.name
    ]
    if any(value.convert == "roc_datetime" for value in used):
        return f"日期時間, {TYPES['datetime']}", BY_TYPE["datetime"]
    if any(value.convert == "roc_date" for value in used):
        return f"日期, {TYPES['date']}", BY_TYPE["date"]
    if argument.blank:
        return "", " "
    return "", "1".zfill(argument.width) if argument.width <= _LONGEST_EXAMPLE else None


def _block(table: Table, argument: BlockArgument) -> Schema:
    records = [table.records_in[form] for form in argument.forms]
    each = " per repetition" if argument.count else ""
    forms = [f"{r.title}, {r.width} bytes{each}: {fields_in_words(r, table.records_in)}" for r in records]
    return {
        "type": "string",
        "description": sentence(f"Fixed-width data block in code page 950. {' Or: '.join(forms)}"),
        "x-bytes": [record.width for record in records],
        "example": WINDOWS.decode(example_record(build_layout(records[0], table.records_in))),
    }


def _scalar(argument: ScalarArgument, default: int | None) -> Schema:
    note = sentence(argument.term, "16-bit number", "a string of digits is taken too")
    schema: Schema = {"type": "integer", "minimum": -32_768, "maximum": 32_767, "description": note}
    if argument.allowed:
        schema["enum"] = list(argument.allowed)
    if default is not None:
        schema["default"] = default
    return schema
