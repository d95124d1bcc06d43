"""Makes OpenAPI documents for the tests: one that says exactly what a table says."""

from __future__ import annotations

from typing import Any

from bridge.table.model.rows import Table
from bridge.table.openapi.facts import JsonPath, facts_of

Schema = dict[str, Any]


def document_of(table: Table, service: str) -> dict[str, Any]:
    """A document of all requests of a service, every field in it and each request field required."""
    paths: dict[str, Any] = {}
    if service == "console":
        for _, asked in table.console.named():
            operation = paths.setdefault(asked.path, {}).setdefault(asked.method.lower(), _operation())
            for field in (asked.body or {}).values():
                _add(_content(operation["requestBody"]), field.path)
            for field in asked.in_query.values():
                operation.setdefault("parameters", []).append({"in": "query", "name": field.json_name})
            reply = _content(operation["responses"]["200"])
            if asked.answers == "list":
                reply |= {"type": "array", "items": {}}
                reply = reply["items"]
            for field in asked.reply.values():
                _add_inside(reply, field.path)
    for function in table.functions.values():
        facts = tuple(facts_of(function))
        for index, step in enumerate(function.steps):
            if step.target != service:
                continue
            operation = paths.setdefault(step.path, {}).setdefault(step.method.lower(), _operation())
            request = _content(operation["requestBody"])
            for name in table.console.signature_fields(step.signature.kind) if step.signature else ():
                _add(request, (name,))
            for fact in facts:
                if fact.kind == "request field" and fact.step == index:
                    _add(request, fact.names[0])
                if fact.reply_of == step.id:
                    for path in fact.names:
                        _add(_content(operation["responses"]["200"]), path)
    return {"openapi": "3.0.1", "info": {"title": "NHI", "version": "v1"}, "paths": paths}


def operation_of(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """An operation of a document."""
    found: dict[str, Any] = document["paths"][path][method.lower()]
    return found


def request_of(document: dict[str, Any], path: str) -> Schema:
    """The schema of a POST request body."""
    return _content(operation_of(document, "post", path)["requestBody"])


def reply_of(document: dict[str, Any], path: str) -> Schema:
    """The schema of the reply to a POST."""
    return _content(operation_of(document, "post", path)["responses"]["200"])


def _operation() -> dict[str, Any]:
    return {"requestBody": _described(), "responses": {"200": _described()}}


def _described() -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"type": "object", "properties": {}}}}}


def _content(holder: dict[str, Any]) -> Schema:
    found: Schema = holder["content"]["application/json"]["schema"]
    return found


def _add_inside(schema: Schema, path: tuple[str, ...]) -> None:
    """A value inside objects."""
    name, *rest = path
    found = schema.setdefault("properties", {}).setdefault(name, {})
    found.setdefault("type", "object" if rest else "string")
    if rest:
        found["type"] = "object"
        _add_inside(found, tuple(rest))


def _add(schema: Schema, path: JsonPath) -> None:
    name, *rest = path
    found = schema["properties"].setdefault(name, {"type": "string"})
    if not rest:
        return
    items = found.setdefault("items", {"type": "string"})
    found["type"] = "array"
    if rest != ["."]:
        items.update(type="object")
        items.setdefault("properties", {})
        _add(items, tuple(rest))
