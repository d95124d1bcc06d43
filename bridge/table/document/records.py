"""The part of a function's documentation that lists its arguments and draws its records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bridge.table.model.arguments import ArgumentSpec, BlockArgument, RecordArgument
from bridge.table.model.layout import places
from bridge.table.model.records import FieldSpec, FillerSpec, GroupSpec, LiteralSpec, RecordSpec
from bridge.table.model.rows import Function, Table

DIRECTIONS = {
    "text": "in",
    "block": "in",
    "count": "in",
    "scalar": "in",
    "file": "in",
    "text_inout": "in and out",
    "record": "out",
    "text_out": "out",
    "text_sized": "out",
    "scalar_out": "out",
    "length": "in: capacity, out: bytes written",
    "ignored": "ignored",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a drawn record: where it starts in the record (or in its group), how wide it is."""

    offset: int
    width: int
    name: str
    kind: str
    term: str
    inside: bool = False


def argument_lines(table: Table, row: Function) -> Iterator[str]:
    """Markdown lines: a table of the arguments, then each in-block and out-record with its fields."""
    if not row.arguments:
        return
    yield ""
    yield "| argument | direction | what |"
    yield "|---|---|---|"
    for argument in row.arguments:
        direction = DIRECTIONS[argument.kind]
        yield f"| `{argument.name}` | {direction} | {_what(argument)} |"
    for name, direction, record_name in _records(row):
        records = table.records_out if direction == "out" else table.records_in
        yield from _record(name, record_name, records)


def record_parts(record: RecordSpec, records: Mapping[str, RecordSpec]) -> tuple[Part, ...]:
    """The fields of a record in order. Those of a group follow it, with offsets inside one repetition.

    In: the record, those of its direction (for included ones). Offsets and widths in bytes.
    """
    return tuple(_parts(record, records))


def _parts(record: RecordSpec, records: Mapping[str, RecordSpec]) -> Iterator[Part]:
    start = 0
    for place in places(record, records):
        if place.group is None:
            yield _single(place.item, place.offset)
        elif place.index == 0:
            if place.item is place.group.fields[0]:
                start = place.offset
                yield _group(place.group, start)
            yield _single(place.item, place.offset - start, inside=True)


def _group(group: GroupSpec, offset: int) -> Part:
    times = f"n times, at most {group.most}" if group.repeat == "n" else f"{group.repeat} times"
    return Part(offset, group.width, group.group, f"group, {times}", group.term)


def _single(item: FieldSpec | FillerSpec | LiteralSpec, offset: int, inside: bool = False) -> Part:
    match item:
        case FieldSpec():
            return Part(
                offset=offset, width=item.width, name=item.name, kind=item.type, term=item.term, inside=inside
            )
        case FillerSpec():
            return Part(offset=offset, width=item.filler, name="", kind="blank", term="", inside=inside)
        case LiteralSpec():
            return Part(
                offset=offset,
                width=len(item.literal),
                name="",
                kind=f"always {item.literal}",
                term="",
                inside=inside,
            )


def _record(argument: str, name: str, records: Mapping[str, RecordSpec]) -> Iterator[str]:
    record = records[name]
    each = " for each repetition" if record.counted is not None else ""
    yield ""
    yield f"`{argument}`: {name}, {record.width} bytes{each} ({record.title}) [{record.provenance}]"
    yield ""
    yield "| offset | bytes | field | type | 中文 |"
    yield "|---:|---:|---|---|---|"
    for part in record_parts(record, records):
        offset = f"+{part.offset}" if part.inside else str(part.offset)
        shown = f"`{part.name}`" if part.name else ""
        yield f"| {offset} | {part.width} | {shown} | {part.kind} | {part.term} |"


def _records(row: Function) -> Iterator[tuple[str, str, str]]:
    """(argument, direction, record) of every record that a row reads or fills."""
    for argument in row.arguments:
        if isinstance(argument, RecordArgument):
            yield argument.name, "out", argument.record
            if argument.bracketed is not None:
                yield argument.name, "out", argument.bracketed
        elif isinstance(argument, BlockArgument):
            yield from ((argument.name, "in", form) for form in argument.forms)


def _what(argument: ArgumentSpec) -> str:
    """What a row says of an argument beyond name and kind, in the row's own words."""
    said = argument.model_dump(exclude={"kind", "name"}, exclude_defaults=True)
    if said.get("range"):
        said["range"] = f"{said['range']['start']} to {said['range']['end']}"
    return ", ".join([argument.kind, *(f"{key} {_shown(value)}" for key, value in said.items())])


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return " or ".join(str(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
