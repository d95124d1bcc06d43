"""Reads an OpenAPI 3 document as far as the table needs it: operations, and which JSON names a schema has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

MOST_REFERENCES = 32  # a longer chain of $ref is a circle


class NotOpenApi(ValueError):
    """The content is no OpenAPI 3 document, or a reference in it leads nowhere; the message says which."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a schema says of an object: its properties, which are required, whether others are welcome.

    ``known`` is False where the document describes nothing (any object would do).
    """

    properties: Mapping[str, Mapping[str, Any]]
    required: frozenset[str]
    known: bool


class Document:
    """An OpenAPI 3 document."""

    def __init__(self, content: Any) -> None:
        """Take the parsed JSON or YAML. Raises NotOpenApi."""
        version = content.get("openapi") if isinstance(content, dict) else None
        if not isinstance(version, str) or not version.startswith("3."):
            raise NotOpenApi("not an OpenAPI 3 document: its head has no 'openapi: 3.x'")
        if not isinstance(content.get("paths"), dict):
            raise NotOpenApi("the document has no paths")
        self._content = content
        info = content.get("info")
        self._info = info if isinstance(info, dict) else {}

    @property
    def title(self) -> str:
        """Title and version, for provenance: ``NHI Web API v1``."""
        return " ".join(str(self._info[key]).strip() for key in ("title", "version") if self._info.get(key))

    def methods(self, path: str) -> Mapping[str, Mapping[str, Any]] | None:
        """The operations of a path by upper-case method, or None where the document lacks the path.

        The path may stand in the document behind the base path of one of its servers.
        """
        for base in self._bases():
            item = self._content["paths"].get(path.removeprefix(base)) if path.startswith(base) else None
            if item is not None:
                resolved = self._resolved(item)
                return {name.upper(): found for name, found in resolved.items() if isinstance(found, dict)}
        return None

    def paths(self) -> list[str]:
        return [str(path) for path in self._content["paths"]]

    def request(self, operation: Mapping[str, Any]) -> Shape:
        """The shape of an operation's JSON request body, its query parameters among the properties."""
        body = self._resolved(operation.get("requestBody") or {})
        shape = self.shape(_json_schema(body))
        queries = [
            q
            for q in map(self._resolved, operation.get("parameters") or [])
            if q.get("in") == "query" and "name" in q
        ]
        return Shape(
            {**shape.properties, **{q["name"]: q.get("schema") or {} for q in queries}},
            shape.required | {q["name"] for q in queries if q.get("required")},
            shape.known or bool(queries),
        )

    def reply(self, operation: Mapping[str, Any], *, listed: bool = False) -> Shape:
        """The shape of an operation's successful JSON reply; ``listed``: of each item, where it is a list."""
        responses = operation.get("responses") or {}
        wanted = sorted(str(code) for code in responses if str(code).startswith("2")) or ["default"]
        found = {str(code): response for code, response in responses.items()}
        schema = _json_schema(self._resolved(found.get(wanted[0]) or {}))
        return self.shape(self.items(schema) or {} if listed else schema)

    def shape(self, schema: Mapping[str, Any]) -> Shape:
        """The properties of a schema, with those of its allOf, oneOf and anyOf parts.

        A property is required where the schema or an allOf part says so.
        """
        properties: dict[str, Mapping[str, Any]] = {}
        required: set[str] = set()
        for part, binding in self._parts(schema, True, 0):
            own = part.get("properties")
            if isinstance(own, dict):
                properties |= own
            if binding and isinstance(part.get("required"), list):
                required |= set(part["required"])
        return Shape(properties, frozenset(required), bool(properties))

    def items(self, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The schema of a list's items, or None where the schema is no list."""
        for part, _ in self._parts(schema, True, 0):
            if "items" in part:
                items = part["items"]
                return items if isinstance(items, dict) else {}
        return None

    def _parts(
        self, schema: Mapping[str, Any], binding: bool, depth: int
    ) -> Iterator[tuple[Mapping[str, Any], bool]]:
        """A schema and all it is composed of; with each, whether what it requires is required."""
        if depth > MOST_REFERENCES:
            raise NotOpenApi("a schema is composed of itself")
        resolved = self._resolved(schema)
        yield resolved, binding
        for key in ("allOf", "oneOf", "anyOf"):
            for part in resolved.get(key) or []:
                yield from self._parts(part, binding and key == "allOf", depth + 1)

    def _resolved(self, node: Any) -> Mapping[str, Any]:
        """The node itself, or what its chain of $ref leads to."""
        for _ in range(MOST_REFERENCES):
            if not isinstance(node, dict):
                return {}
            reference = node.get("$ref")
            if reference is None:
                return node
            node = self._pointed(str(reference))
        raise NotOpenApi("a $ref leads in a circle")

    def _pointed(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            raise NotOpenApi(f"$ref {reference} leads out of the document")
        node: Any = self._content
        for step in reference[2:].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or name not in node:
                raise NotOpenApi(f"$ref {reference} leads nowhere")
            node = node[name]
        return node

    def _bases(self) -> list[str]:
        servers = self._content.get("servers") or []
        urls = [str(server.get("url", "")) for server in servers if isinstance(server, dict)]
        return ["", *dict.fromkeys(base for url in urls if (base := urlsplit(url).path.rstrip("/")))]


def _json_schema(content_holder: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of the first JSON content of a request body or response; empty where there is none."""
    content = content_holder.get("content")
    for media, described in (content if isinstance(content, dict) else {}).items():
        schema = described.get("schema") if isinstance(described, dict) else None
        if "json" in str(media) and isinstance(schema, dict):
            return schema
    return {}
