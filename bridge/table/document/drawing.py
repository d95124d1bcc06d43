"""Draws records for people: a line for each field with its offset, width, value and official term."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.codec.code_page import WINDOWS, CodePage
from bridge.table.model.layout import Place, places
from bridge.table.model.records import FieldSpec, FillerSpec, LiteralSpec, RecordSpec


def draw_record(
    record: RecordSpec,
    records: dict[str, RecordSpec],
    data: bytes | None = None,
    repeat: int = 1,
    page: CodePage = WINDOWS,
) -> Iterator[str]:
    """The lines of a record; with ``data`` each field's value from the bytes, blanks at its end dropped.

    In: the record, those of its direction, the bytes in code page 950, the caller's count where it rules.
    """
    for place in places(record, records, repeat):
        end = place.offset + place.item.width
        if data is not None and place.offset >= len(data):  # only some positions of a group were asked for
            return
        if place.group is not None and place.item is place.group.fields[0]:
            yield f"  {place.group.group} {place.index + 1} of {place.count}"
        name, term = _name(place)
        if name:
            value = "" if data is None else _value(data[place.offset : end], page)
            width = place.item.width
            yield f"  {place.offset:>5}  {width:>4}  {name:<24}{value}{'  ' if value else ''}{term}".rstrip()


def _name(place: Place) -> tuple[str, str]:
    """Name and official term of a part; a filler has neither."""
    match place.item:
        case FieldSpec(name=name, term=term):
            return name, term
        case LiteralSpec(literal=literal):
            return f'"{literal}"', ""
        case FillerSpec():
            return "", ""


def _value(chunk: bytes, page: CodePage) -> str:
    return f"[{page.decode(chunk, errors='replace').rstrip()}]"
