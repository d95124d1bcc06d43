"""Compares the console's own requests (console.yaml) with an OpenAPI document of the console. Pure.

No call works without those that the session sends, so that whatever is wrong with one of them breaks calls.
Those that commands or nobody send are compared, too: what is wrong with them is a note. Requests that only
rows send are compared with the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.table.model.console import ConsoleField, ConsoleProtocol, ConsoleRequest
from bridge.table.openapi.document import Document, Shape
from bridge.table.openapi.facts import Fact, Kind, NodePath
from bridge.table.openapi.result import Comparison, Difference, hint

UNDESCRIBED = "the document does not describe the {what}"


def compare_console(protocol: ConsoleProtocol, document: Document, result: Comparison) -> None:
    """Compare every request of console.yaml. Adds to ``result``; the requests stand there as "console NAME".

    Raises NotOpenApi where the document contradicts itself.
    """
    for name, request in protocol.named():
        if request.used_by != "rows":
            result.requests += 1
            _Request(name, request, document, result).compare()


class _Request:
    """The comparison of one request."""

    def __init__(self, name: str, request: ConsoleRequest, document: Document, result: Comparison) -> None:
        self._name = name
        self._request = request
        self._document = document
        self._result = result

    def compare(self) -> None:
        """Look for the path, the method, then each field."""
        path, method = self._request.path, self._request.method
        methods = self._document.methods(path)
        if methods is None:
            self._differs(f"no such path{hint(path, self._document.paths())}")
        elif method not in methods:
            self._differs(f"the path has only {', '.join(sorted(methods))}")
        else:
            self._confirm("request", method)
            self._body(methods[method])
            self._reply(methods[method])

    def _body(self, operation: Mapping[str, Any]) -> None:
        fields = {**self._request.in_query, **(self._request.body or {})}
        shape = self._document.request(operation)
        for name in sorted(shape.required - {f.json_name for f in fields.values()}):
            self._differs(f"the document requires the request field {name}, which the bridge does not send")
        for name in sorted(f.json_name for f in fields.values() if not f.required):
            if name in shape.required:
                self._differs(f"the document requires the request field {name}, which may be left out")
        self._fields("request", fields, shape)

    def _reply(self, operation: Mapping[str, Any]) -> None:
        self._fields(
            "reply",
            self._request.reply,
            self._document.reply(operation, listed=self._request.answers == "list"),
        )

    def _fields(self, what: str, fields: Mapping[str, ConsoleField], shape: Shape) -> None:
        if fields and not shape.known:
            self._differs(UNDESCRIBED.format(what=what), breaks=False)
            return
        kind: Kind = "request field" if what == "request" else "reply field"
        for name, field in fields.items():
            problem = self._missing(shape, field.path)
            if problem is None:
                self._confirm(kind, name, field.provenance)
            else:
                self._differs(f"{kind} {field.json_name}: {problem}", breaks=field.required)

    def _missing(self, shape: Shape, path: tuple[str, ...]) -> str | None:
        """What is wrong with a path of JSON names from the outermost object inwards, or None."""
        name, *rest = path
        if name not in shape.properties:
            return f"the document has no {name}{hint(name, shape.properties)}"
        inner = self._document.shape(shape.properties[name])
        if not rest or not inner.known:  # an object that the document leaves open may hold anything
            return None
        return self._missing(inner, tuple(rest))

    def _differs(self, text: str, breaks: bool = True) -> None:
        needed = self._request.used_by == "session"
        row = f"console {self._name}"
        self._result.differences.append(Difference(row, self._request.console, text, breaks and needed))

    def _confirm(self, kind: Kind, where: str, provenance: str | None = None) -> None:
        owner: NodePath = ("requests", self._name)
        fact = Fact(kind, where, provenance or self._request.provenance, owner)
        self._result.confirmed.setdefault(f"console {self._name}", []).append(fact)
