"""The caller's arguments: from bytes and numbers to texts, blocks and layouts. Pure; every fault is 6018."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.calls.blocks import CONTROL, Unpacked, read_block
from bridge.calls.call import File, LegacyCall, OutBuffer
from bridge.calls.conditions import bracketed
from bridge.calls.marks import mark_digit
from bridge.codec.code_page import WINDOWS, CodePage
from bridge.codec.fixed import Group, Layout, layout_width
from bridge.codec.text import decode
from bridge.errors import BadArgument, FileSizeWrong, FileUnreadable
from bridge.table.model.arguments import (
    BlockArgument,
    CountArgument,
    FileArgument,
    RangeSpec,
    RecordArgument,
    ScalarArgument,
    TextArgument,
    TextInOutArgument,
    TextSizedArgument,
)
from bridge.table.model.layout import kept_layout, kept_size
from bridge.table.model.rows import Function, Table
from bridge.words import said

MOST_FILE_BYTES = 10 * 1024 * 1024


class ReadArguments:
    """The arguments of a call as its row reads them: texts, numbers, data blocks, the layouts of out-records.

    ``skipped``: how many repetitions of a record's group come before the range that the caller wants.
    ``left_over``: the arguments that bring more than their documented width, which nobody looks at.
    ``page``: what their bytes are text of.
    """

    __slots__ = ("blocks", "call", "function", "layouts", "left_over", "page", "skipped", "values")

    def __init__(self, function: Function, call: LegacyCall, page: CodePage = WINDOWS) -> None:
        self.function = function
        self.call = call
        self.page = page
        self.values: dict[str, str | int] = {}
        self.blocks: dict[str, Unpacked] = {}
        self.layouts: dict[str, Layout] = {}
        self.skipped: dict[str, int] = {}
        self.left_over: list[str] = []


def read_arguments(table: Table, read: ReadArguments, prepared: PreparedArguments) -> None:
    """Read all arguments of ``read.call`` into ``read``.

    Raises BadArgument, naming the argument, for one that is missing, too short, of the wrong kind, not Big5,
    blank where a value is needed, or not one of the values allowed; FileUnreadable and FileSizeWrong.
    """
    for count in prepared.counts:  # first: blocks and records are measured by them
        try:
            read.values[count.name] = _count(count, read.call)
        except BadArgument as error:
            raise _named(count.name, error) from error
    for argument, take in prepared.readers:
        try:
            take(table, read, argument)
        except BadArgument as error:
            raise _named(argument.name, error) from error
    for file in prepared.files:
        _check_file(read, file)


def _named(name: str, error: BadArgument) -> BadArgument:
    """The fault, with the argument that it is about."""
    return BadArgument(said("{name}: {error}", name=name, error=error))


def _bytes(name: str, call: LegacyCall) -> bytes:
    value = call.arguments.get(name)
    if not isinstance(value, bytes):
        raise BadArgument(said("missing"))
    return value


def _number(name: str, call: LegacyCall) -> int:
    value = call.arguments.get(name)
    if not isinstance(value, int):
        raise BadArgument(said("missing"))
    return value


def _text(argument: TextArgument, read: ReadArguments) -> str:
    data = _bytes(argument.name, read.call)
    if argument.width == 1:
        data = mark_digit(data[:1]) + data[1:]
    text = _taken(read, argument.name, argument.width, data)
    if not text and not argument.blank:
        raise BadArgument(said("blank"))
    return text


def _taken(read: ReadArguments, name: str, width: int, data: bytes) -> str:
    """Text up to a NUL, at most of its documented width, without blanks around it. What stands behind is not
    looked at: the old software did not, and programs pass arrays that end there.
    """
    if data[width:].strip(b" \0"):
        read.left_over.append(name)
    text = decode(data[:width].split(b"\0")[0], read.page).strip()
    if CONTROL.search(text):
        raise BadArgument(said("a control character in it"))
    return text


def _digits(argument: TextInOutArgument, read: ReadArguments) -> str:
    """The digits at the front; whatever follows them does not count."""
    found = re.match(rb" *(\d+)", _bytes(argument.name, read.call)[: argument.width])
    if found is None:
        raise BadArgument(said("not a number"))
    return str(int(found[1]))


def file_argument(name: str, call: LegacyCall) -> File:
    """The file of a file argument. Raises BadArgument when there is none."""
    value = call.arguments.get(name)
    if not isinstance(value, File):
        raise BadArgument(said("missing"))
    return value


def _file_name(argument: FileArgument, read: ReadArguments) -> str:
    """The name as text. It is in code page 950, or in UTF-8 where the program runs on Linux."""
    file = file_argument(argument.name, read.call)
    if file.ambiguous:
        raise BadArgument(
            said("no NUL ends it, and its bytes begin with the names of several files, or of none")
        )
    if file.cut:
        read.left_over.append(argument.name)
    name = file.name.split(b"\0")[0]
    if name[argument.width :].strip():
        raise BadArgument(said("longer than {most} bytes", most=argument.width))
    try:
        text = _taken(read, argument.name, argument.width, _in_code_page(name, read.page))
    except BadArgument as error:  # what stands behind an array that a program did not end
        raise BadArgument(
            said(
                "{error}; the name of a file must end with a NUL, or begin with the name of only one file",
                error=error,
            )
        ) from error
    if not text:
        raise BadArgument(said("blank"))
    return text


def _in_code_page(name: bytes, page: CodePage) -> bytes:
    """A name in UTF-8 in code page 950; another one, also one that is UTF-8 only by chance, as it is."""
    try:
        return page.encode(name.decode())
    except UnicodeError:
        return name


def _check_file(read: ReadArguments, argument: FileArgument) -> None:
    """The file can be sent. Raises FileUnreadable, FileSizeWrong."""
    file = file_argument(argument.name, read.call)
    if file.too_large:
        raise FileSizeWrong(said("larger than {most} bytes", most=MOST_FILE_BYTES))
    if file.content is None:
        raise FileUnreadable(
            said("the file is missing or may not be read, or its name has no NUL at its end")
        )
    if not file.content:
        raise FileSizeWrong(said("the file is empty"))
    if len(file.content) > MOST_FILE_BYTES:
        raise FileSizeWrong(
            said(
                "{count} bytes, more than {most}",
                count=len(file.content),
                most=MOST_FILE_BYTES,
            )
        )
    if str(len(file.content)) != read.values[argument.size]:
        raise FileSizeWrong(
            said(
                "the file has {count} bytes, stated are {stated}",
                count=len(file.content),
                stated=read.values[argument.size],
            )
        )


def _scalar(argument: ScalarArgument, call: LegacyCall) -> int:
    value = _number(argument.name, call)
    if argument.allowed and value not in argument.allowed:
        raise BadArgument(
            said("{value} is none of {allowed}", value=value, allowed=", ".join(map(str, argument.allowed)))
        )
    return value


def _count(argument: CountArgument, call: LegacyCall) -> int:
    value = _number(argument.name, call)
    if not argument.least <= value <= argument.most:
        raise BadArgument(
            said(
                "{value} is not within {least} to {most}",
                value=value,
                least=argument.least,
                most=argument.most,
            )
        )
    return value


def _repeat(read: ReadArguments, count: str | None) -> int:
    return int(read.values[count]) if count is not None else 1


def _block(table: Table, read: ReadArguments, argument: BlockArgument) -> Unpacked:
    repeat = _repeat(read, argument.count)
    forms = [kept_layout(table.records_in, form, repeat) for form in argument.forms]
    reading = read_block(forms, _bytes(argument.name, read.call), read.page, argument.count is not None)
    if reading.left_over:
        read.left_over.append(argument.name)
    return reading.values


def _record(table: Table, read: ReadArguments, argument: RecordArgument) -> Layout:
    room = _room(argument.name, read.call, least=1)
    record = argument.record
    if argument.bracketed is not None and bracketed(room):
        record = argument.bracketed
    repeat = 1 if argument.count is None else _repeat(read, argument.count)
    layout, width = kept_size(table.records_out, record, repeat)
    if argument.range is not None:
        layout = _ranged(read, argument.name, argument.range, layout)
        width = layout_width(layout)
    _check_capacity(room, width)
    return layout


def _room(name: str, call: LegacyCall, least: int) -> OutBuffer:
    room = call.arguments.get(name)
    if not isinstance(room, OutBuffer):
        raise BadArgument(said("missing"))
    _check_capacity(room, least)
    return room


def _check_capacity(room: OutBuffer, least: int) -> None:
    if room.capacity < least:
        raise BadArgument(
            said("{capacity} bytes offered, {least} are needed", capacity=room.capacity, least=least)
        )


def _position(name: str, call: LegacyCall) -> int:
    try:
        return _number(name, call)
    except BadArgument as error:
        raise _named(name, error) from error


def _ranged(read: ReadArguments, name: str, wanted: RangeSpec, layout: Layout) -> Layout:
    """The layout of the positions wanted.

    Raises BadArgument for a range that does not lie within the group.
    """
    start, end = _position(wanted.start, read.call), _position(wanted.end, read.call)
    group = layout[0]
    if not isinstance(group, Group):
        raise TypeError(f"{name}: a range of a record that is no group")
    if not 1 <= start <= end <= group.count:
        raise BadArgument(
            said(
                "{start_name} {start} to {end_name} {end} are not within 1 to {count}, in this order",
                start_name=wanted.start,
                start=start,
                end_name=wanted.end,
                end=end,
                count=group.count,
            )
        )
    read.skipped[name] = start - 1
    return (Group(group.name, end - start + 1, group.fields),)


# --- which arguments are read, and how ----------------------------------------------------------------------

Take = Callable[[Table, ReadArguments, Any], None]


def _take_text(table: Table, read: ReadArguments, argument: TextArgument) -> None:
    read.values[argument.name] = _text(argument, read)


def _take_scalar(table: Table, read: ReadArguments, argument: ScalarArgument) -> None:
    read.values[argument.name] = _scalar(argument, read.call)


def _take_block(table: Table, read: ReadArguments, argument: BlockArgument) -> None:
    read.blocks[argument.name] = _block(table, read, argument)


def _take_record(table: Table, read: ReadArguments, argument: RecordArgument) -> None:
    read.layouts[argument.name] = _record(table, read, argument)


def _take_digits(table: Table, read: ReadArguments, argument: TextInOutArgument) -> None:
    read.values[argument.name] = _digits(argument, read)


def _take_file(table: Table, read: ReadArguments, argument: FileArgument) -> None:
    read.values[argument.name] = _file_name(argument, read)


def _check_buffer(table: Table, read: ReadArguments, argument: TextSizedArgument) -> None:
    _room(argument.name, read.call, least=1)


# Of every kind of argument that says something before the call is made.
_TAKES: Mapping[type[Any], Take] = {
    TextArgument: _take_text,
    ScalarArgument: _take_scalar,
    BlockArgument: _take_block,
    RecordArgument: _take_record,
    TextInOutArgument: _take_digits,
    FileArgument: _take_file,
    TextSizedArgument: _check_buffer,
}


@dataclass(frozen=True, slots=True)
class PreparedArguments:
    """How the arguments of a row are read: the counts, then the others, then what is said of files."""

    counts: tuple[CountArgument, ...]
    readers: tuple[tuple[Any, Take], ...]
    files: tuple[FileArgument, ...]

    @classmethod
    def of(cls, function: Function) -> PreparedArguments:
        arguments = function.arguments
        return cls(
            counts=tuple(a for a in arguments if isinstance(a, CountArgument)),
            readers=tuple((a, _TAKES[type(a)]) for a in arguments if type(a) in _TAKES),
            files=tuple(a for a in arguments if isinstance(a, FileArgument)),
        )
