"""The one walk over a record's layout, and what is made of it everywhere: codec layouts, field names, places.

``records`` are always those of the same direction as the record: from them come the included ones. An
included record that does not exist is a KeyError (bridge.table.check finds it first).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bridge.codec.fixed import Field, Filler, Group, Layout, layout_width
from bridge.table.model.records import (
    FieldSpec,
    FillerSpec,
    GroupSpec,
    IncludeSpec,
    LiteralSpec,
    RecordSpec,
)

MOST_KEPT = 1024

Part = FieldSpec | FillerSpec | LiteralSpec | GroupSpec


@dataclass(frozen=True, slots=True)
class Place:
    """A field, filler or literal where it stands in a record, ``offset`` bytes from its start.

    ``group`` is the group that it repeats with, None outside groups; ``index`` (from 0) the repetition, of
    ``count``.
    """

    item: FieldSpec | FillerSpec | LiteralSpec
    offset: int
    group: GroupSpec | None = None
    index: int = 0
    count: int = 1


def walk(record: RecordSpec, records: Mapping[str, RecordSpec]) -> Iterator[Part]:
    """The parts of a record in order: included records in place, a group as one part."""
    for item in record.layout:
        if isinstance(item, IncludeSpec):
            yield from walk(records[item.include], records)
        else:
            yield item


def times(group: GroupSpec, repeat: int) -> int:
    """How often a group stands in a record; ``repeat`` is the caller's count, where it rules."""
    return repeat if group.repeat == "n" else group.repeat


def places(
    record: RecordSpec, records: Mapping[str, RecordSpec], repeat: int = 1, *, ranged: bool = False
) -> Iterator[Place]:
    """Every part of a record at its offset, groups with all their repetitions.

    ``repeat`` is the caller's count where it rules. With ``ranged`` it also rules a group of fixed size, of
    which the caller wants some positions only.
    """
    offset = 0
    for part in walk(record, records):
        if not isinstance(part, GroupSpec):
            yield Place(part, offset)
            offset += part.width
            continue
        count = repeat if ranged else times(part, repeat)
        for index in range(count):
            for item in part.fields:
                yield Place(item, offset, part, index, count)
                offset += item.width


def record_fields(record: RecordSpec, records: Mapping[str, RecordSpec]) -> Iterator[tuple[str, FieldSpec]]:
    """Every field of a record once, with the name of its group ("" outside groups)."""
    for part in walk(record, records):
        if isinstance(part, GroupSpec):
            yield from ((part.group, item) for item in part.fields if isinstance(item, FieldSpec))
        elif isinstance(part, FieldSpec):
            yield "", part


def build_layout(record: RecordSpec, records: Mapping[str, RecordSpec], repeat: int = 1) -> Layout:
    """The layout of a record for the codec; ``repeat`` is the caller's count where it rules."""
    return tuple(_part(part, repeat) for part in walk(record, records))


def kept_layout(records: Mapping[str, RecordSpec], name: str, repeat: int = 1) -> Layout:
    """The layout of a record, made once: a table does not change while it is in use, and a layout is wanted
    at every call.
    """
    return kept_size(records, name, repeat)[0]


def kept_size(records: Mapping[str, RecordSpec], name: str, repeat: int = 1) -> tuple[Layout, int]:
    """The same, and its length in bytes."""
    key = (id(records), name, repeat)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        layout = build_layout(records[name], records, repeat)
        found = _kept[key] = (records, (layout, layout_width(layout)))
    return found[1]


# keeps the records alive, too
_kept: dict[tuple[int, str, int], tuple[Mapping[str, RecordSpec], tuple[Layout, int]]] = {}


def _part(item: Part, repeat: int) -> Field | Filler | Group:
    if isinstance(item, GroupSpec):
        return Group(item.group, times(item, repeat), tuple(_inner(inner) for inner in item.fields))
    return _inner(item)


def _inner(item: FieldSpec | FillerSpec | LiteralSpec) -> Field | Filler:
    match item:
        case FieldSpec():
            return Field(item.name, item.width, item.type)
        case FillerSpec():
            return Filler(b" " * item.filler)
        case LiteralSpec():
            return Filler(item.literal.encode("ascii"))
