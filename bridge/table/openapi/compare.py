"""Compares the rows of a table with an OpenAPI document of the console or cloud. Pure.

What would make calls fail, or make a value get lost on the way, is a difference that ``breaks``; the rest is
a note. Facts that the document bears out are ``confirmed``: their provenance can be raised (``confirm.py``).
What a value means no document tells, so a notice is compared and never confirmed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from bridge.table.model.rows import Function, Step, Table
from bridge.table.openapi.console import compare_console
from bridge.table.openapi.document import Document, Shape
from bridge.table.openapi.facts import Fact, JsonPath, facts_of
from bridge.table.openapi.result import Comparison, Difference, hint

Service = Literal["console", "cloud"]
TEST_ENVIRONMENT = "/test/"  # paths that only the insurer's test environment has, in a document of its own


def compare(table: Table, document: Document, service: Service) -> Comparison:
    """Compare every console or cloud request of the table; of the console also those of console.yaml.

    In: the table; the document; which requests it is about. The signature's fields, which the bridge adds by
    itself, count as sent.
    Raises NotOpenApi where the document contradicts itself.
    """
    result = Comparison()
    if service == "console":
        compare_console(table.console, document, result)
    for function in table.functions.values():
        _Row(table, function, document, service, result).compare()
    return result


class _Row:
    """The comparison of one row."""

    def __init__(
        self, table: Table, function: Function, document: Document, service: Service, result: Comparison
    ) -> None:
        self._table = table
        self._function = function
        self._document = document
        self._service = service
        self._result = result
        self._facts = tuple(facts_of(function))
        self._operations: dict[int, Mapping[str, Any]] = {}

    def compare(self) -> None:
        for index, step in enumerate(self._function.steps):
            if step.target == self._service and self._is_meant(step):
                self._result.requests += 1
                self._step(index, step)
        for fact in self._facts:
            if fact.reply_of:
                self._reply_fact(fact)

    def _is_meant(self, step: Step) -> bool:
        """Whether the document is about the environment that has the step's path."""
        paths = self._document.paths()
        return not step.path.startswith(TEST_ENVIRONMENT) or any(
            path.startswith(TEST_ENVIRONMENT) for path in paths
        )

    def _step(self, index: int, step: Step) -> None:
        where = f"{step.method} {step.path}"
        methods = self._document.methods(step.path)
        if methods is None:
            self._differs(where, f"no such path{hint(step.path, self._document.paths())}")
        elif step.method not in methods:
            self._differs(where, f"the path has only {', '.join(sorted(methods))}")
        else:
            self._operations[index] = methods[step.method]
            self._confirm(f for f in self._facts if f.kind == "request" and f.step == index)
            self._request(index, step, where)

    def _request(self, index: int, step: Step, where: str) -> None:
        shape = self._document.request(self._operations[index])
        sent = set(step.body)
        if step.signature is not None:
            sent |= set(self._table.console.signature_fields(step.signature.kind))
        for name in sorted(shape.required - sent):
            self._differs(
                where, f"the document requires the request field {name}, which the row does not send"
            )
        fields = [fact for fact in self._facts if fact.kind == "request field" and fact.step == index]
        if fields and not shape.known:
            self._differs(where, "the document does not describe the request", breaks=False)
            return
        for fact in fields:
            problem = self._missing(shape, fact.names[0])
            if problem is None:
                self._confirm([fact])
            else:
                self._differs(where, f"request field {fact.where}: {problem}")
        self._required_inside(shape, fields, where)

    def _required_inside(self, shape: Shape, fields: list[Fact], where: str) -> None:
        """Required fields of list items that the row does not send."""
        sent = {fact.names[0] for fact in fields}
        for outer in sorted({path[0] for path in sent if len(path) > 1}):
            items = self._document.items(shape.properties.get(outer, {}))
            inner = {path[1] for path in sent if len(path) > 1 and path[0] == outer}
            for name in sorted(
                (self._document.shape(items).required if items is not None else set()) - inner
            ):
                self._differs(where, f"the document requires {outer}.{name}, which the row does not send")

    def _reply_fact(self, fact: Fact) -> None:
        """A value that is read: from the reply of each alternative of the step."""
        described = 0
        found = 0
        for index, step in enumerate(self._function.steps):
            if step.id != fact.reply_of or index not in self._operations or not fact.names:
                continue
            shape = self._document.reply(self._operations[index])
            if not shape.known:
                self._undescribed(step)
                continue
            described += 1
            problems = [self._missing(shape, path) for path in fact.names]
            if None in problems:
                found += 1
            else:
                text = f"reply field {_dotted(fact.names[0])} (for {fact.where}): {problems[0]}"
                self._differs(f"{step.method} {step.path}", text, breaks=fact.required)
        if found and found == described and fact.kind == "reply field":
            self._confirm([fact])

    def _undescribed(self, step: Step) -> None:
        where = f"{step.method} {step.path}"
        note = Difference(self._function.name, where, "the document does not describe the reply", False)
        if note not in self._result.differences:
            self._result.differences.append(note)

    def _missing(self, shape: Shape, path: JsonPath) -> str | None:
        """What is wrong with a JSON path in an object, or None. Every part but the last is a list's name; a
        point alone is the object itself.
        """
        name, *rest = path
        if path == (".",):
            return None
        if name not in shape.properties:
            return f"the document has no {name}{hint(name, shape.properties)}"
        if not rest:
            return None
        items = self._document.items(shape.properties[name])
        if items is None:
            return f"{name} is no list in the document"
        inner = self._document.shape(items)
        if rest == ["."]:
            return f"the items of {name} are objects in the document" if inner.known else None
        return self._missing(inner, tuple(rest))

    def _differs(self, where: str, text: str, breaks: bool = True) -> None:
        self._result.differences.append(Difference(self._function.name, where, text, breaks))

    def _confirm(self, facts: Iterator[Fact] | list[Fact]) -> None:
        self._result.confirmed.setdefault(self._function.name, []).extend(facts)


def _dotted(path: JsonPath) -> str:
    return ".".join(path)
