"""Request bodies as real clients send them: lenient about form, strict about values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from bridge.calls.call import Argument, OutBuffer
from bridge.codec.code_page import WINDOWS, CodePage
from bridge.errors import BadArgument
from bridge.table.model.arguments import (
    ArgumentSpec,
    BlockArgument,
    CountArgument,
    RecordArgument,
    ScalarArgument,
    TextArgument,
    TextOutArgument,
    TextSizedArgument,
)
from bridge.table.model.layout import places
from bridge.table.model.records import FieldSpec
from bridge.table.model.rows import Function, Route, Table
from bridge.words import said

FORM = "application/x-www-form-urlencoded"
LARGEST_DIGIT = 9
MOST_ROOM = 32_767  # JSON has room for every record; a capacity is a signed 16-bit number
ICD10_PATTERN = b"[XXXXXXX]"  # what C programs write into the buffer where they want the ICD-10 form
_NOTHING = ("", "null", '""')
_AROUND = " \t\r\n\0"  # C programs send the whole buffer, NUL included


def read_body(body: bytes, content_type: str = "") -> dict[str, object]:
    """The parameters of a request, by name in lower case.

    In: the body, UTF-8 with or without byte order mark: a JSON object whatever the Content-Type says, or a
    form where it says so. Nothing, ``null`` and ``""``, which libraries send where a program gives no body,
    are an empty object, whatever it says. Raises BadArgument when it is neither, or when a parameter is given
    twice.
    """
    try:
        text = body.decode("utf-8-sig").strip(_AROUND)
    except UnicodeDecodeError as error:
        raise BadArgument(said("the body is not UTF-8 at byte {place}", place=error.start + 1)) from error
    if text in _NOTHING:
        return {}
    declared = content_type.partition(";")[0].strip().lower()
    if declared == FORM and not text.startswith(("{", "[")):
        return _read_form(text)
    return _read_json(text)


def _read_form(text: str) -> dict[str, object]:
    """Raises BadArgument. An ``&`` too many, at either end or in the middle, does no harm."""
    pairs = "&".join(pair for pair in text.split("&") if pair)
    if not pairs:
        return {}
    try:
        return _by_name(parse_qsl(pairs, keep_blank_values=True, strict_parsing=True, errors="strict"))
    except ValueError as error:
        raise BadArgument(said("the body is no form")) from error


def _read_json(text: str) -> dict[str, object]:
    try:
        content = json.loads(text, strict=False, object_pairs_hook=_once_each)
    except json.JSONDecodeError as error:
        raise BadArgument(
            said("the body is not JSON: {fault} at character {place}", fault=error.msg, place=error.pos + 1)
        ) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, thousands of brackets
        raise BadArgument(said("the body is no usable JSON")) from error
    if not isinstance(content, dict):
        raise BadArgument(said("the body is no JSON object"))
    return _by_name(content.items())


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object, at any depth, with its names as they are written: inner ones go on to other servers."""
    _by_name(pairs)
    return dict(pairs)


def _by_name(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, value in pairs:
        if name.lower() in values:
            raise BadArgument(said("a parameter is given twice (letter case does not count)"))
        values[name.lower()] = value
    return values


# --- arguments ----------------------------------------------------------------------------------------------


def read_arguments(
    table: Table,
    function: Function,
    given: Mapping[str, object],
    route: Route,
    page: CodePage = WINDOWS,
) -> dict[str, Argument]:
    """The arguments of a call by their legacy names.

    In: the parameters by lower-case name; unknown ones are ignored. Out: texts and blocks as bytes of code
    page 950, unshortened (the engine knows the widths); numbers, those of the route where one is missing;
    room for every out-argument, with the ICD-10 pattern where the route has that form; a count that is
    missing, from the length of its block. One that is missing stays missing, which the engine reports (6018).
    Raises BadArgument, naming the argument, for a wrong type or a character outside the code page; for such a
    character in a block it names the field, too.
    """
    arguments: dict[str, Argument] = {}
    for spec in function.arguments:
        try:
            value = _argument(spec, given.get(spec.name.lower()), route, page)
        except UnicodeEncodeError as error:
            where = f"{spec.name}: {_field(table, spec, error, page)}character {error.start + 1}"
            raise BadArgument(
                said("{where} is not in code page 950 as Windows has it", where=where)
            ) from error
        except BadArgument as error:
            raise BadArgument(said("{name}: {error}", name=spec.name, error=error)) from error
        if value is not None:
            arguments[spec.name] = value
    for spec in function.arguments:
        if isinstance(spec, BlockArgument) and spec.count is not None and spec.count not in arguments:
            _add_count(table, spec, spec.count, arguments)
    return arguments


def _argument(spec: ArgumentSpec, value: object, route: Route, page: CodePage) -> Argument | None:
    match spec:
        case TextArgument() if value is None and spec.blank:
            return b""
        case TextArgument() if spec.width == 1 and type(value) is int and 0 <= value <= LARGEST_DIGIT:
            return b"%d" % value  # a mark: of one digit nothing can be lost
        case TextArgument() | BlockArgument():
            return _text(value, page)
        case CountArgument() | ScalarArgument():
            number = _number(value)
            return route.defaults.get(spec.name) if number is None else number
        case RecordArgument():
            return OutBuffer(MOST_ROOM, ICD10_PATTERN if route.bracketed else b"")
        case TextOutArgument():
            return OutBuffer(spec.width)
        case TextSizedArgument():
            return OutBuffer(MOST_ROOM)
        case _:  # a length: the room says it
            return None


def _text(value: object, page: CodePage) -> bytes | None:
    """Raises UnicodeEncodeError for a character outside the code page."""
    if value is None:
        return None
    if not isinstance(value, str):  # a JSON number would have lost its leading zeros
        raise BadArgument(said("a string is needed"))
    return page.encode(value)


def _field(table: Table, spec: ArgumentSpec, error: UnicodeEncodeError, page: CodePage) -> str:
    """The field of a block that has the character, as the engine names it: "prescriptions[1].usage: ".

    Several where the block's forms have different fields there, "" for what is no block.
    """
    if not isinstance(spec, BlockArgument):
        return ""
    at = len(page.encode(error.object[: error.start]))
    found = dict.fromkeys(_field_at(table, form, at, spec.count is not None) for form in spec.forms)
    names = " or ".join(filter(None, found))
    return f"{names}: " if names else ""


def _field_at(table: Table, form: str, at: int, counted: bool) -> str:
    """By the byte; "" between and behind the fields of a form."""
    record = table.records_in[form]
    row, at = divmod(at, record.width) if counted else (0, at)
    for place in places(record, table.records_in):
        item, group = place.item, place.group
        if isinstance(item, FieldSpec) and place.offset <= at < place.offset + item.width:
            return f"{group.group}[{row + place.index}].{item.name}" if group is not None else item.name
    return ""


def _number(value: object) -> int | None:
    """A signed 16-bit number, also as a string of digits; blank means missing."""
    if isinstance(value, str):
        value = value.strip(_AROUND) or None
        if value is not None and re.fullmatch(r"[+-]?[0-9]{1,5}", value):
            value = int(value)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not -32_768 <= value <= 32_767:
        raise BadArgument(said("a 16-bit number is needed"))
    return value


def _add_count(table: Table, block: BlockArgument, count: str, arguments: dict[str, Argument]) -> None:
    """Real clients send a block and no count. A repetition of nothing but blanks at the end is padding, not
    data.
    """
    data = arguments.get(block.name)
    widths = {table.records_in[form].width for form in block.forms}
    if isinstance(data, bytes) and len(widths) == 1:
        arguments[count] = -(-len(data.rstrip(b" \0")) // widths.pop())
