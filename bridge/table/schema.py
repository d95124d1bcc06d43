"""The JSON schemas of the files that are written by hand, so that an editor helps meanwhile."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pydantic import TypeAdapter

from bridge.table.model import names
from bridge.table.model.console import ConsoleProtocol, ConsoleStatuses
from bridge.table.model.records import RecordSpec
from bridge.table.model.rows import Function
from bridge.table.shorthand.arguments import LENGTH, PATIENT
from bridge.table.shorthand.record import FIELD_TYPES, GROUP_SOURCE_KEYS, SOURCE_KEYS
from bridge.table.shorthand.row import SIGN

Schema = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NAME: Schema = {"type": "string", "pattern": r"^[A-Za-z_][A-Za-z0-9_]*$"}


def row_schema() -> Schema:
    """The schema of ``functions/*.yaml``: legacy names and their rows (the name is the key, not a field).

    It is that of the frozen models, but for what a file writes in fewer words (bridge.table.shorthand).
    """
    schema = TypeAdapter(dict[str, Function]).json_schema(by_alias=True)
    parts: Schema = schema["$defs"]
    records = TypeAdapter(RecordSpec).json_schema(by_alias=True, ref_template="#/$defs/{model}")
    parts |= records["$defs"]
    _names(parts)
    _function(parts["Function"])
    del parts["Identity"]
    _steps(parts)
    for name in ("Output", "Notice"):
        parts[name]["required"].remove("step")
    _records(parts, records)
    _arguments(parts)
    return {"$schema": _DIALECT, "title": "Rows of cshis-bridge", **schema}


def console_schema() -> Schema:
    """The schema of ``console.yaml``. A field of a request or reply may be its JSON name alone."""
    schema = TypeAdapter(ConsoleProtocol).json_schema(by_alias=True)
    parts: Schema = schema["$defs"]
    whole = parts["ConsoleField"]
    alone = {name: whole["properties"]["json"][name] for name in ("type", "pattern")}
    parts["ConsoleField"] = {"anyOf": [alone, whole], "title": whole["title"]}
    for name in ("ConsoleRequest", "SignatureRequest"):
        parts[name]["properties"]["accepts"] = {"enum": list(ConsoleStatuses.model_fields)}
    return {**schema, "$schema": _DIALECT, "title": "The console's own requests of cshis-bridge"}


def _names(parts: Schema) -> None:
    """What a row may only name, and not say."""
    for part, key, known in (
        ("Value", "convert", names.VALUE_CONVERTERS | names.KEYED_CONVERTERS),
        ("Value", "setting", names.SETTINGS),
        ("When", "condition", names.CONDITIONS),
        ("When", "setting", names.SETTINGS),
        ("ForEach", "condition", names.TEXT_CONDITIONS),
        ("Source", "convert", names.REPLY_CONVERTERS),
        ("Step", "reader", names.READER_OPERATIONS),
    ):
        parts[part]["properties"][key] = {"enum": sorted(known)}


def _function(function: Schema) -> None:
    properties = function["properties"]
    for derived in ("name", "stack_bytes", "identity"):
        del properties[derived]
    properties["status"]["enum"].remove("mapped")
    properties["step"] = {"$ref": "#/$defs/OnlyStep"}
    properties["steps"] |= {"minItems": 2}
    function["required"] = [name for name in function["required"] if name not in ("name", "status")]


def _steps(parts: Schema) -> None:
    step = parts["Step"]
    del step["properties"]["signature"], parts["Signature"]
    step["properties"]["sign"] = {
        "type": "string",
        "pattern": f"^{SIGN.pattern}$",
        "description": "The cards that sign, and the service type.",
    }
    only = deepcopy(step)
    del only["properties"]["id"]
    only["required"].remove("id")
    parts["OnlyStep"] = {**only, "title": "OnlyStep"}


def _records(parts: Schema, records: Schema) -> None:
    """Records of a row's own: their layout stands with the output, or with the data block."""
    field, group = parts["FieldSpec"], parts["GroupSpec"]
    types = {name: {"type": "integer", "exclusiveMinimum": 0} for name in FIELD_TYPES}
    kept = {key: value for key, value in field["properties"].items() if key not in ("width", "type")}
    field["properties"] = kept | types
    field["required"] = ["name"]
    field["oneOf"] = [{"required": [name]} for name in FIELD_TYPES]
    filled, filled_group = deepcopy(field), deepcopy(group)
    source, group_source = parts["Source"]["properties"], parts["GroupSource"]["properties"]
    filled["properties"] |= {key: source[key] for key in sorted(SOURCE_KEYS)}
    filled_group["properties"] |= {key: group_source[key] for key in sorted(GROUP_SOURCE_KEYS)}
    filled_group["properties"]["fields"] = _list(["FilledField", "FillerSpec"])
    parts["FilledField"] = {**filled, "title": "FilledField"}
    parts["FilledGroup"] = {**filled_group, "title": "FilledGroup"}
    parts["Output"]["properties"]["layout"] = _list(
        ["FilledField", "FillerSpec", "LiteralSpec", "FilledGroup"]
    )
    own = {
        "name": _NAME,
        **{key: value for key, value in records["properties"].items() if key != "layout"},
    }
    base = {"type": "object", "additionalProperties": False}
    parts["OwnRecord"] = {**base, "properties": own, "required": ["name", "width"], "title": "OwnRecord"}
    layout = {"layout": records["properties"]["layout"]}
    parts["OwnForm"] = {
        **base,
        "properties": own | layout,
        "required": ["name", "width", "layout"],
        "title": "OwnForm",
    }


def _arguments(parts: Schema) -> None:
    for name in ("RecordArgument", "TextSizedArgument"):
        parts[name]["properties"]["length"] |= {"default": LENGTH}
        parts[name]["required"].remove("length")
    record = parts["RecordArgument"]["properties"]
    record["record"] = {"anyOf": [record["record"], {"$ref": "#/$defs/OwnRecord"}]}
    forms = parts["BlockArgument"]["properties"]["forms"]
    forms["items"] = {"anyOf": [forms["items"], {"$ref": "#/$defs/OwnForm"}]}
    names = {part: {**_NAME, "default": name} for part, (name, _) in PATIENT.items()}
    parts["PatientArgument"] = {
        "type": "object",
        "additionalProperties": False,
        "title": "PatientArgument",
        "description": "Two texts that must be the id and birthday of the card in the reader (5020).",
        "properties": {"kind": {"const": "patient", "type": "string"}, **names},
        "required": ["kind"],
    }
    argument = parts["Function"]["properties"]["arguments"]["items"]
    reference = "#/$defs/PatientArgument"
    argument["oneOf"].append({"$ref": reference})
    argument["discriminator"]["mapping"]["patient"] = reference


def _list(names: list[str]) -> Schema:
    items = {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in names]}
    return {"type": "array", "items": items, "minItems": 1}
