"""The fixed-width records in the arguments of a traced call: which record, and each field with its offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from bridge.calls.blocks import read_block
from bridge.calls.call import OutBuffer
from bridge.calls.conditions import bracketed
from bridge.codec.code_page import windows_private
from bridge.codec.fixed import Layout, layout_width
from bridge.errors import BadArgument
from bridge.table.model.arguments import BlockArgument, RecordArgument, TextSizedArgument
from bridge.table.model.layout import Place, kept_layout, places
from bridge.table.model.records import FieldSpec, FieldType, FillerSpec, LiteralSpec, RecordSpec
from bridge.table.model.rows import Function, Table
from bridge.trace.format import Answer, Given, Number, TracedCall

Direction = Literal["in", "out"]
MOST_POSITIONS = 60  # that a range can name (manual 1.41)


@dataclass(frozen=True, slots=True)
class Span:
    """A field's place in a record. ``type`` "filler" and "literal" are bytes that belong to no field.

    ``group`` and ``index`` (from 0): the repetition it stands in; "" and 0 outside groups. ``offset`` and
    ``width`` in bytes.
    """

    name: str
    type: FieldType | Literal["filler", "literal"]
    offset: int
    width: int
    term: str = ""
    group: str = ""
    index: int = 0

    @property
    def path(self) -> str:
        """Such as ``visits[2].treatment_item``; the index counts from 0."""
        return f"{self.group}[{self.index}].{self.name}" if self.group else self.name

    def of(self, data: bytes) -> bytes:
        """Its bytes in a record; fewer where the record ends before."""
        return data[self.offset : self.offset + self.width]


class RecordView(NamedTuple):
    """A record in an argument. ``record`` is its name in the table, "" for text of no fixed width.

    ``data``: its bytes. ``spans``: its fields in order.
    """

    argument: str
    record: str
    direction: Direction
    data: bytes
    spans: tuple[Span, ...]


def record_spans(
    records: Mapping[str, RecordSpec], name: str, repeat: int = 1, *, ranged: bool = False
) -> tuple[Span, ...]:
    """The fields of a record in order. ``repeat`` is the caller's count where it rules; with ``ranged`` it
    also rules a group of fixed size, of which the caller wants some positions only.
    """
    key = (id(records), name, repeat, ranged)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found_places = places(records[name], records, repeat, ranged=ranged)
        found = _kept[key] = (records, tuple(_span(place) for place in found_places))
    return found[1]


# a trace has thousands of calls with the same few records; the table's records are kept alive, too
MOST_KEPT = 1024
_kept: dict[tuple[int, str, int, bool], tuple[Mapping[str, RecordSpec], tuple[Span, ...]]] = {}


def _span(place: Place) -> Span:
    group = place.group.group if place.group is not None else ""
    match place.item:
        case FieldSpec(name=name, type=kind, width=width, term=term):
            return Span(
                name=name,
                type=kind,
                offset=place.offset,
                width=width,
                term=term,
                group=group,
                index=place.index,
            )
        case FillerSpec(width=width):
            return Span(
                name="",
                type="filler",
                offset=place.offset,
                width=width,
                term="",
                group=group,
                index=place.index,
            )
        case LiteralSpec(width=width):
            return Span(
                name="",
                type="literal",
                offset=place.offset,
                width=width,
                term="",
                group=group,
                index=place.index,
            )


# --- of a call ----------------------------------------------------------------------------------------------


def records_in(table: Table, function: Function, call: TracedCall) -> list[RecordView]:
    """The data blocks that the program passed, in the form that fits them. Left out is one that fits none,
    and one that is longer or shorter than its record.
    """
    views = (
        block_view(table, argument, call.given)
        for argument in function.arguments
        if isinstance(argument, BlockArgument)
    )
    return [view for view in views if view is not None]


def block_view(table: Table, argument: BlockArgument, given: Mapping[str, Given]) -> RecordView | None:
    """The data block of one argument, in the form that fits it; None as :func:`records_in` leaves it out."""
    data = given.get(argument.name)
    if not isinstance(data, bytes):
        return None
    repeat = number_of(given, argument.count) if argument.count else 1
    layouts: list[Layout] = [kept_layout(table.records_in, form, repeat) for form in argument.forms]
    try:
        reading = read_block(layouts, data, windows_private(), argument.count is not None)
    except BadArgument:
        return None
    form = argument.forms[reading.form]
    if reading.left_over or len(data) < layout_width(layouts[reading.form]):
        return None  # not every byte of it has its place in the record: none is taken for harmless
    return RecordView(argument.name, form, "in", data, record_spans(table.records_in, form, repeat))


_RECORDS = (RecordArgument, TextSizedArgument)


def records_out(
    table: Table, function: Function, given: Mapping[str, Given], answer: Answer
) -> list[RecordView]:
    """The records that came back: as many bytes as their length variables then said. Those of a call
    that failed are left out.
    """
    if not table.succeeded(function.name, answer.code16):
        return []
    views = []
    for argument in function.arguments:
        if not isinstance(argument, _RECORDS):
            continue
        data = written(answer, argument.name, argument.length)
        if data is None:
            continue
        if isinstance(argument, TextSizedArgument):
            views.append(RecordView(argument.name, "", "out", data, (Span("text", "text", 0, len(data)),)))
            continue
        record = record_of(argument, given.get(argument.name))
        spans = record_spans(
            table.records_out, record, repeat_of(argument, given), ranged=argument.range is not None
        )
        views.append(RecordView(argument.name, record, "out", data, spans))
    return views


def written(answer: Answer, name: str, length: str) -> bytes | None:
    """The bytes of a buffer that count after the call; None where it was unusable."""
    data, count = answer.after.get(name), answer.after.get(length)
    if not isinstance(data, bytes) or not isinstance(count, Number):
        return None
    return data[: max(count.low, 0)]


def record_of(argument: RecordArgument, before: Given | None) -> str:
    """The record that is meant, by what stood in the buffer before the call."""
    content = before if isinstance(before, bytes) else b""
    wants_brackets = argument.bracketed is not None and bracketed(OutBuffer(len(content), content))
    return argument.bracketed if argument.bracketed and wants_brackets else argument.record


def number_of(given: Mapping[str, Given], name: str, default: int = 1) -> int:
    """The 16-bit value of an argument, or the default where it is no number."""
    value = given.get(name)
    return max(value.low, 0) if isinstance(value, Number) else default


def repeat_of(argument: RecordArgument, given: Mapping[str, Given]) -> int:
    """How many rows of the record the caller wants, where that is its to say."""
    if argument.range is None:
        return number_of(given, argument.count) if argument.count is not None else 1
    first, last = number_of(given, argument.range.start), number_of(given, argument.range.end)
    return min(max(last - first + 1, 0), MOST_POSITIONS)
