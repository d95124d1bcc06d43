"""Turns a record of the table into a codec layout."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.codec.fixed import Field, Filler, Group, Layout
from bridge.table.record_spec import (
    FieldSpec,
    FillerSpec,
    GroupSpec,
    IncludeSpec,
    LayoutItem,
    LiteralSpec,
    RecordSpec,
)


def build_layout(record: RecordSpec, records: Mapping[str, RecordSpec], repeat: int = 1) -> Layout:
    """The layout of a record; ``records`` are those of the same direction, ``repeat`` the caller's count
    where it rules.

    Raises KeyError for an included record that does not exist.
    """
    parts: list[Field | Filler | Group] = []
    for item in record.layout:
        if isinstance(item, IncludeSpec):
            parts += build_layout(records[item.include], records)
        else:
            parts.append(_part(item, repeat))
    return tuple(parts)


def _part(item: LayoutItem, repeat: int) -> Field | Filler | Group:
    match item:
        case FieldSpec():
            return Field(item.name, item.width, item.type)
        case FillerSpec():
            return Filler(b" " * item.filler)
        case LiteralSpec():
            return Filler(item.literal.encode("ascii"))
        case GroupSpec():
            count = repeat if item.repeat == "n" else item.repeat
            return Group(item.group, count, tuple(_inner(inner) for inner in item.fields))
        case IncludeSpec():
            raise TypeError("an included record is spliced in by build_layout")


def _inner(item: FieldSpec | FillerSpec) -> Field | Filler:
    if isinstance(item, FieldSpec):
        return Field(item.name, item.width, item.type)
    return Filler(b" " * item.filler)
