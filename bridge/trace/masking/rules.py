"""Which field and which text says what about a person: mappings/migration/mask.yaml, loaded and checked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bridge.errors import TableError
from bridge.table.default import default_table
from bridge.table.model.arguments import (
    ArgumentSpec,
    FileArgument,
    TextArgument,
    TextInOutArgument,
    TextOutArgument,
    TextSizedArgument,
)
from bridge.table.model.layout import record_fields
from bridge.table.model.rows import Table
from bridge.table.model.spec import Identifier, Provenance, Spec
from bridge.trace.data import load_data

NAME = "mask.yaml"

Kind = Literal[
    "id", "name", "card_no", "birthday", "newborn_birthday", "date", "datetime", "year", "phone",
    "hospital", "hospital_name", "signature", "token", "words", "file_name", "sam_card_info", "free_text",
    "order_code", "keep",
]  # fmt: skip

_TEXTS = (TextArgument, TextInOutArgument, TextOutArgument, TextSizedArgument, FileArgument)


class FieldEntry(Spec):
    """Fields of records of one kind, by their names."""

    kind: Kind
    names: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    provenance: Provenance


class ArgumentEntry(FieldEntry):
    """Arguments of one kind: of all functions, or of those that are named."""

    functions: tuple[Identifier, ...] = ()


class KeptDates(Spec):
    """ROC dates (7 digits) that stay as they are."""

    dates: tuple[Annotated[str, Field(pattern=r"^\d{7}$")], ...]
    provenance: Provenance


class _MaskFile(Spec):
    fields: tuple[FieldEntry, ...]
    arguments: tuple[ArgumentEntry, ...]
    kept_dates: KeptDates


class MaskRules:
    """The kind of each field and of each argument with a text. What is classified nowhere is free text."""

    def __init__(self, content: _MaskFile) -> None:
        self.kept_dates = frozenset(date.encode("ascii") for date in content.kept_dates.dates)
        self._fields = {name: entry.kind for entry in content.fields for name in entry.names}
        self._arguments = {
            (function, name): entry.kind
            for entry in content.arguments
            for name in entry.names
            for function in entry.functions or ("",)
        }

    def field(self, name: str) -> Kind:
        """The kind of a record's field."""
        return self._fields.get(name, "free_text")

    def argument(self, function: str, name: str) -> Kind:
        """The kind of an argument that is text, by legacy names."""
        of_all = self._arguments.get(("", name), "free_text")
        return self._arguments.get((function, name), of_all)

    def unclassified(self, table: Table) -> list[str]:
        """The fields (``record.field``) and arguments (``function.argument``) of a table without a kind."""
        fields = (f"{record}.{name}" for record, name in _fields_of(table) if name not in self._fields)
        arguments = (
            f"{function}.{name}"
            for function, name in _texts_of(table)
            if not {("", name), (function, name)} & self._arguments.keys()
        )
        return [*fields, *arguments]


@cache
def default_rules() -> MaskRules:
    """The project's own rules, loaded once. Raises TableError."""
    return load_rules(default_table())


def load_rules(table: Table, file: Path | None = None) -> MaskRules:
    """Load the rules, the project's own or another ``file``. Raises TableError with one line per fault: file,
    path in it, what is wrong. Names that the table does not have, and names that stand under two kinds, are
    faults.
    """
    content = load_data(NAME, _MaskFile, file)
    faults = [f"{NAME}: {fault}" for fault in _faults(content, table)]
    if faults:
        raise TableError(faults)
    return MaskRules(content)


def _faults(content: _MaskFile, table: Table) -> Iterator[str]:
    fields = {name for _, name in _fields_of(table)}
    seen: set[tuple[str, str]] = set()
    for entry in content.fields:
        for name in entry.names:
            if name not in fields:
                yield f"fields: {name}: no record has such a field"
            if ("", name) in seen:
                yield f"fields: {name}: stands twice"
            seen.add(("", name))
    seen = set()
    texts = set(_texts_of(table))
    names = {name for _, name in texts}
    for argument in content.arguments:
        for name in argument.names:
            if not argument.functions and name not in names:
                yield f"arguments: {name}: no function has such a text"
            for function in argument.functions or ("",):
                if function and (function, name) not in texts:
                    yield f"arguments: {function}.{name}: there is no such text"
                if (function, name) in seen:
                    yield f"arguments: {f'{function}.' if function else ''}{name}: stands twice"
                seen.add((function, name))


def _fields_of(table: Table) -> Iterator[tuple[str, str]]:
    """Record and field."""
    for records in (table.records_out, table.records_in):
        for record, spec in records.items():
            yield from ((record, field.name) for _, field in record_fields(spec, records))


def _texts_of(table: Table) -> Iterator[tuple[str, str]]:
    """Function and argument."""
    for function in table.functions.values():
        yield from ((function.name, argument.name) for argument in function.arguments if is_text(argument))


def is_text(argument: ArgumentSpec) -> bool:
    """Whether an argument holds text of its own: no record, no data block, no number."""
    return isinstance(argument, _TEXTS)
