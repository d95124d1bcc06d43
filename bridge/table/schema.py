"""The JSON schema of a function file, so that an editor helps while a row is written."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from bridge.table.model.rows import Function


def row_schema() -> dict[str, Any]:
    """The schema of ``functions/*.yaml``: legacy names and their rows (the name is the key, not a field)."""
    schema = TypeAdapter(dict[str, Function]).json_schema(by_alias=True)
    function = schema["$defs"]["Function"]
    del function["properties"]["name"]
    function["required"].remove("name")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rows of cshis-bridge",
        **schema,
    }
