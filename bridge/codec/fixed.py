"""Fixed-width records: a layout knows its size, packs values into it and takes them out again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, Literal

from bridge.codec.code_page import WINDOWS, CodePage
from bridge.codec.numbers import digits, quantity_digits
from bridge.codec.text import decode, fit
from bridge.errors import BadArgument
from bridge.words import said

FieldType = Literal["text", "date", "datetime", "number", "quantity", "code", "hex"]
Values = Mapping[str, "str | Sequence[Mapping[str, str]]"]


@dataclass(frozen=True, slots=True)
class Field:
    """A named field. Numbers and quantities are zero-padded digits, always.

    Everything else is left-aligned and blank-padded.
    """

    name: str
    width: int
    type: FieldType = "text"


@dataclass(frozen=True, slots=True)
class Filler:
    """Bytes between fields that carry no value: blanks, or the literal that must stand there."""

    data: bytes

    @property
    def width(self) -> int:
        """Its length in bytes."""
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Group:
    """``count`` repetitions of the same fields without separators."""

    name: str
    count: int
    fields: tuple[Field | Filler, ...]

    @property
    def width(self) -> int:
        """Bytes of all repetitions."""
        return self.count * sum(part.width for part in self.fields)


Layout = tuple[Field | Filler | Group, ...]


@dataclass(slots=True)
class Packed:
    """A packed record, in a code page. ``remarks`` name the fields whose text had to be changed.

    Placeholders put in, or the end cut off.
    """

    page: CodePage
    data: bytes = b""
    remarks: list[str] = field(default_factory=list)


def layout_width(layout: Layout) -> int:
    """The record's length in bytes; counted once for a layout that is used again."""
    kept = _kept_widths.get(id(layout))
    if kept is None:
        if len(_kept_widths) >= MOST_KEPT:
            _kept_widths.clear()
        kept = _kept_widths[id(layout)] = (layout, sum(part.width for part in layout))
    return kept[1]


def pack(layout: Layout, values: Values, page: CodePage = WINDOWS) -> Packed:
    """Make the record. A value that is missing or "" gives blanks, in number fields zeros; groups are filled
    in the order given.

    Surplus repetitions are dropped (the newest come first). Raises ValueError naming the field when a number
    does not fit.
    """
    packed = Packed(page)
    parts: list[bytes] = []
    for part in _runs(layout):
        if isinstance(part, Group):
            _pack_group(part, values.get(part.name) or (), packed, parts)
            continue
        whole = part.pack((values,), page)
        if whole is not None:
            parts.append(whole)
        else:
            parts += [_pack_part(single, values, "", packed) for single in part.fields]
    packed.data = b"".join(parts)
    return packed


def _runs(layout: Layout) -> Sequence[Group | _PlainRows]:
    """A layout as groups and the runs of fields between them; made once for a layout that is used again."""
    kept = _kept_runs.get(id(layout))
    if kept is None:
        runs: list[Group | _PlainRows] = []
        fields: list[Field | Filler] = []
        for part in (*layout, None):
            if isinstance(part, Group) or part is None:
                runs += [_PlainRows(tuple(fields))] if fields else []
                runs += [part] if part is not None else []
                fields = []
            else:
                fields.append(part)
        if len(_kept_runs) >= MOST_KEPT:
            _kept_runs.clear()
        kept = _kept_runs[id(layout)] = (layout, runs)
    return kept[1]


MOST_KEPT = 1024
_kept_runs: dict[int, tuple[Layout, Sequence[Group | _PlainRows]]] = {}  # keeps the layout alive, too
_kept_widths: dict[int, tuple[Layout, int]] = {}


def _pack_group(
    group: Group, rows: str | Sequence[Mapping[str, str]], packed: Packed, parts: list[bytes]
) -> None:
    if isinstance(rows, str):
        raise ValueError(said("{name}: a list of repetitions is needed", name=group.name))
    present = rows[: group.count]
    plain = _plain_rows(group.fields)
    whole = plain.pack(present, packed.page)
    if whole is not None:
        parts.append(whole)
    else:
        for index, row in enumerate(present):
            data = plain.pack((row,), packed.page)
            parts.append(_pack_row(group, index, row, packed) if data is None else data)
    if len(present) < group.count:
        parts.append(_pack_row(group, len(present), {}, packed) * (group.count - len(present)))


def _pack_row(group: Group, index: int, row: Mapping[str, str], packed: Packed) -> bytes:
    return b"".join(_pack_part(part, row, f"{group.name}[{index}].", packed) for part in group.fields)


class _PlainRows:
    """Packs repetitions of a group, or the fields between groups, in which nothing is special: every
    character is in code page 950, and nothing too long.

    A prescription record has 103 repetitions of 4 to 8 fields, and most are like that: one format for all of
    them takes a tenth of the time of field by field.
    """

    def __init__(self, fields: tuple[Field | Filler, ...]) -> None:
        named = [part for part in fields if isinstance(part, Field)]
        self.fields = fields
        self._usable = all(part.type != "hex" and part.width for part in named)
        self._columns = len(named)
        self._texts = taking([part.name for part in named])
        self._width = sum(part.width for part in fields)
        self._form = "".join(_form(part) for part in fields)
        self._digits = [(i, _DIGITS[p.type], p.width) for i, p in enumerate(named) if p.type in _DIGITS]

    def pack(self, rows: Sequence[Values], page: CodePage) -> bytes | None:
        """Their bytes, or None where one of them has to be packed field by field."""
        if not self._usable:
            return None
        step = self._columns
        try:
            cells: list[Any] = list(chain.from_iterable(map(self._texts, rows)))
            if not "".join(cells).isprintable():  # raises where one is no text
                return None
            for index, convert, width in self._digits:
                cells[index::step] = [convert(cell, width) for cell in cells[index::step]]
            data = self._formatted(cells, len(rows), page)
        except (KeyError, TypeError, ValueError):
            return None
        # each cell takes at least its width, so only rows without a longer one have the right length
        return data if len(data) == self._width * len(rows) else None

    def _formatted(self, cells: list[str], count: int, page: CodePage) -> bytes:
        """Raises UnicodeEncodeError where a character is not in the code page."""
        text = self._form * count % tuple(cells)
        if text.isascii():
            return text.encode("ascii")
        # One character for each byte, so that the widths of the form are bytes. No cell holds a NUL, and none
        # is ever half of a character.
        as_bytes = page.encode("\0".join(cells)).decode("latin-1").split("\0")
        return (self._form * count % tuple(as_bytes)).encode("latin-1")


def taking(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
    """A function that takes the values of these names out of a mapping, in order. It raises KeyError."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda row: tuple([row[name] for name in names])


_plain_rows = lru_cache(maxsize=256)(_PlainRows)


def _form(part: Field | Filler) -> str:
    if isinstance(part, Filler):
        return part.data.decode("ascii").replace("%", "%%")
    return f"%-{part.width}s"


def _quantity(text: str, width: int) -> str:
    return quantity_digits(text)


_DIGITS: Mapping[FieldType, Callable[[str, int], str]] = {
    "number": lru_cache(maxsize=4096)(digits),
    "quantity": lru_cache(maxsize=4096)(_quantity),
}


def _pack_part(part: Field | Filler, values: Values, prefix: str, packed: Packed) -> bytes:
    if isinstance(part, Filler):
        return part.data
    value = values.get(part.name, "")
    if not isinstance(value, str):
        raise ValueError(said("{prefix}{name}: text is needed", prefix=prefix, name=part.name))
    try:
        if part.type == "number":
            return digits(value, part.width).encode("ascii")
        if part.type == "quantity":
            return quantity_digits(value).encode("ascii")
        if part.type == "hex":
            return _raw(value, part.width)
    except ValueError as error:
        raise ValueError(
            said("{prefix}{name}: {error}", prefix=prefix, name=part.name, error=error)
        ) from error
    fitted = fit(value, part.width, packed.page)
    if fitted.cut and part.type != "text":
        raise ValueError(
            said(
                "{prefix}{name}: a {type} that needs more than {width} bytes",
                prefix=prefix,
                name=part.name,
                type=part.type,
                width=part.width,
            )
        )
    if fitted.replaced:
        packed.remarks.append(f"{prefix}{part.name}: {fitted.replaced} character(s) not in code page 950")
    if fitted.cut:
        packed.remarks.append(f"{prefix}{part.name}: cut to {part.width} bytes")
    return fitted.data


def _raw(text: str, width: int) -> bytes:
    """Hexadecimal text as exactly ``width`` bytes of any value."""
    data = bytes.fromhex(text)
    if len(data) != width:
        raise ValueError(said("{count} bytes in a field of {width}", count=len(data), width=width))
    return data


def unpack(layout: Layout, data: bytes, page: CodePage = WINDOWS) -> dict[str, str | list[dict[str, str]]]:
    """Take a record apart: every field as text without trailing blanks, every group as a list of all its
    repetitions.

    ``data`` may be shorter than the layout (callers drop trailing blanks): what is missing is blank. Raises
    BadArgument naming the field when its bytes are no text of the code page, when a literal does not stand
    where it must, or when data is longer than the layout.
    """
    if len(data) > layout_width(layout):
        raise BadArgument(
            said("{count} bytes where {width} are the record", count=len(data), width=layout_width(layout))
        )
    rest = data.ljust(layout_width(layout))
    values: dict[str, str | list[dict[str, str]]] = {}
    for part in layout:
        chunk, rest = rest[: part.width], rest[part.width :]
        if isinstance(part, Group):
            values[part.name] = _unpack_group(part, chunk, page)
        else:
            _unpack_part(part, chunk, "", values, page)
    return values


def _unpack_group(group: Group, chunk: bytes, page: CodePage) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for index in range(group.count):
        row: dict[str, str | list[dict[str, str]]] = {}
        for part in group.fields:
            piece, chunk = chunk[: part.width], chunk[part.width :]
            _unpack_part(part, piece, f"{group.name}[{index}].", row, page)
        rows.append({name: value for name, value in row.items() if isinstance(value, str)})
    return rows


def _unpack_part(
    part: Field | Filler,
    chunk: bytes,
    prefix: str,
    values: dict[str, str | list[dict[str, str]]],
    page: CodePage,
) -> None:
    if isinstance(part, Filler):
        if part.data.strip() and chunk != part.data:
            raise BadArgument(said("{text} expected before the next field", text=part.data.decode("ascii")))
        return
    if part.type == "hex":
        values[part.name] = chunk.hex().upper()
        return
    try:
        values[part.name] = decode(chunk, page)
    except BadArgument as error:
        raise BadArgument(
            said("{prefix}{name}: {error}", prefix=prefix, name=part.name, error=error)
        ) from error
