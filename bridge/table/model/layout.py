"""Turns a record of the table into a codec layout."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.codec.fixed import Field, Filler, Group, Layout
from bridge.table.model.records import (
    FieldSpec,
    FillerSpec,
    GroupSpec,
    IncludeSpec,
    LayoutItem,
    LiteralSpec,
    RecordSpec,
)

MOST_KEPT = 1024


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


def kept_layout(records: Mapping[str, RecordSpec], name: str, repeat: int = 1) -> Layout:
    """The layout of a record, made once: a table does not change while it is in use, and a layout is wanted
    at every call.
    """
    key = (id(records), name, repeat)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found = _kept[key] = (records, build_layout(records[name], records, repeat))
    return found[1]


_kept: dict[
    tuple[int, str, int], tuple[Mapping[str, RecordSpec], Layout]
] = {}  # keeps the records alive, too


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
