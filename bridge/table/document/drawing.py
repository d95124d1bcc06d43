"""Draws records for people: a line for each field with its offset, width, value and official term."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.codec.text import CODE_PAGE
from bridge.table.model.records import (
    FieldSpec,
    FillerSpec,
    GroupSpec,
    IncludeSpec,
    LayoutItem,
    LiteralSpec,
    RecordSpec,
)


def draw_record(
    record: RecordSpec, records: dict[str, RecordSpec], data: bytes | None = None, repeat: int = 1
) -> Iterator[str]:
    """The lines of a record; with ``data`` each field's value from the bytes, blanks at its end dropped.

    In: the record, those of its direction, the bytes in code page 950, the caller's count where it rules.
    """
    offset = 0
    for where, name, width, term in _parts(record.layout, records, repeat):
        if data is not None and offset >= len(data):  # only some positions of a group were asked for
            return
        if where is not None:
            yield f"  {where}"
        if name:
            value = "" if data is None else _value(data[offset : offset + width])
            yield f"  {offset:>5}  {width:>4}  {name:<24}{value}{'  ' if value else ''}{term}".rstrip()
        offset += width


def _value(chunk: bytes) -> str:
    return f"[{chunk.decode(CODE_PAGE, errors='replace').rstrip()}]"


def _parts(
    layout: tuple[LayoutItem, ...], records: dict[str, RecordSpec], repeat: int
) -> Iterator[tuple[str | None, str, int, str]]:
    """(heading, name, width, term) of every part in order; fillers have no name."""
    for item in layout:
        match item:
            case FieldSpec():
                yield None, item.name, item.width, item.term
            case FillerSpec():
                yield None, "", item.filler, ""
            case LiteralSpec():
                yield None, f'"{item.literal}"', len(item.literal), ""
            case IncludeSpec():
                yield from _parts(records[item.include].layout, records, repeat)
            case GroupSpec():
                count = repeat if item.repeat == "n" else item.repeat
                for index in range(count):
                    heading: str | None = f"{item.group} {index + 1} of {count}"
                    for _, name, width, term in _parts(item.fields, records, repeat):
                        yield heading, name, width, term
                        heading = None
