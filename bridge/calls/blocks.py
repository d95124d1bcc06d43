"""Data blocks in one of several forms: which form the caller's bytes have, and the fields in it. Pure.

The old software read a block and did not judge it: what stands behind the record is not looked at, and what a
program left away at the end is blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeGuard

from bridge.calls.conditions import squeezed
from bridge.calls.marks import mark_digit
from bridge.codec.code_page import WINDOWS, CodePage
from bridge.codec.fixed import Field, Filler, Group, Layout, layout_width, unpack
from bridge.errors import BadArgument
from bridge.words import said

Unpacked = Mapping[str, "str | list[dict[str, str]]"]
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NUMBER = re.compile(r"\s*\d*").fullmatch
_QUANTITY = re.compile(r"\s*[\d.]*").fullmatch


class Reading(NamedTuple):
    """A block as it is read: in which of the forms (from 0), its fields, and whether bytes behind the record
    were left unread.
    """

    form: int
    values: Unpacked
    left_over: bool


def read_block(
    layouts: list[Layout], data: bytes, page: CodePage = WINDOWS, counted: bool = False
) -> Reading:
    """Take a data block apart in the form that fits it: brackets decide first, then length, then whether the
    fields make sense.

    In: the forms; the block, which ends at a NUL; what its bytes are text of; whether the caller stated how
    many rows it gives. Raises BadArgument where no form fits, naming the field that does not, or where
    several do and would write different things.
    """
    data = data.split(b"\0")[0]
    if not data:
        raise BadArgument(said("nothing in it"))
    found, faults = _in_each_form(layouts, data, page, counted)
    if not found:
        widths = ", ".join(str(layout_width(layout)) for layout in layouts)
        raise BadArgument(
            said(
                "{count} bytes that are no valid block of {widths} bytes{faults}",
                count=len(data),
                widths=widths,
                faults="".join(faults),
            )
        )
    if counted and any(each.left_over for each in found):
        raise BadArgument(said("more rows in it than stated"))
    best = _best(layouts, data, found)
    if best is None:
        raise BadArgument(
            said("{count} bytes that could be read in {ways} ways", count=len(data), ways=len(found))
        )
    return best


SHAPE = bytes(
    ord("0") if chr(byte).isdigit() else ord("A") if chr(byte).isupper() else ord("a") if chr(byte).islower()
    else byte
    for byte in range(128)
) + bytes(range(128, 256))  # fmt: skip


def told_by_shape(
    layouts: list[Layout], data: bytes, page: CodePage = WINDOWS, counted: bool = False
) -> bool:
    """Whether every block of the same shape (``translate(SHAPE)``: digits, capitals and small letters are
    each alike) is read in the same form, or in none, as far as literals have no digit and no letter.

    In: ASCII, as for :func:`read_block`. What would be written matters only where several forms fit; values
    that differ in shape differ.
    """
    shape = data.split(b"\0")[0].translate(SHAPE)
    found, _ = _in_each_form(layouts, shape, page, counted)
    exact = [each for each in found if _is_exact(layouts[each.form], shape)]
    return len(found) < 2 or len(exact) == 1 or any(each.values != found[0].values for each in found)


def _is_exact(layout: Layout, data: bytes) -> bool:
    return len(data) - layout_width(layout) in (0, 1)


def _best(layouts: list[Layout], data: bytes, found: list[Reading]) -> Reading | None:
    """The reading in the form of the exact length, else any where all would write the same, else the one
    whose codes are codes of ICD-10; of several such the one that leaves nothing over. None: nobody can tell.
    """
    exact = [each for each in found if _is_exact(layouts[each.form], data)]
    if len(exact) == 1:
        return exact[0]
    if all(each.values == found[0].values for each in found):
        return found[0]
    sensible = [each for each in found if _has_codes(layouts[each.form], each.values)]
    whole = [each for each in sensible if not each.left_over]
    return next((some[0] for some in (whole, sensible) if len(some) == 1), None)


def _has_codes(layout: Layout, values: Unpacked) -> bool:
    """Whether all codes begin with letters, or are squeezed. Cut at the wrong places they nearly never do."""
    codes = [str(values[part.name]) for part in layout if isinstance(part, Field) and part.type == "code"]
    return all(code[:1].isalpha() or squeezed(code) for code in codes if code)


def _in_each_form(
    layouts: list[Layout], data: bytes, page: CodePage, counted: bool
) -> tuple[list[Reading], list[str]]:
    """The block in each form that it can have, and what is wrong with it in the others."""
    bracketed = data[1:2] == b"["
    found, faults = [], []
    for form, layout in enumerate(layouts):
        if len(layouts) > 1 and data.strip() and _has_brackets(layout) != bracketed:
            continue
        try:
            if counted and not _has_all_rows(layout, data):
                raise BadArgument(said("fewer rows in it than stated"))
            found.append(_as_form(form, layout, data, page))
        except BadArgument as error:
            faults.append(f": {error}")
    return found, faults


def _has_brackets(layout: Layout) -> bool:
    return any(isinstance(part, Filler) and part.data.startswith(b"[") for part in layout)


def _as_form(form: int, layout: Layout, data: bytes, page: CodePage) -> Reading:
    """The block in one form. Raises BadArgument where the bytes cannot be it: no text, a code with a blank
    before or in it, a number with letters, an end within a number or a date.
    """
    values = unpack(layout, _whole(layout, data), page)
    _check_sense(layout, values)
    return Reading(form, values, bool(data[layout_width(layout) :].strip()))


def _whole(layout: Layout, data: bytes) -> bytes:
    """The first record of the block. What is missing is filled in: blanks and literals."""
    width = layout_width(layout)
    record = bytearray(data[:width].rstrip())
    end, given = len(record), len(data)
    for at, part in _parts(layout):
        if at < end < at + part.width and given < at + part.width and _ends_badly(part):
            raise BadArgument(said("it ends within {name}", name=part.name))
        if at + part.width > end:
            blank = part.data if isinstance(part, Filler) else b" " * part.width
            record += blank[max(end - at, 0) :]
        elif isinstance(part, Field) and part.width == 1:
            record[at : at + 1] = mark_digit(bytes(record[at : at + 1]))
    return bytes(record)


def _parts(layout: Layout) -> Iterator[tuple[int, Field | Filler]]:
    """Every field and filler with its place in bytes."""
    at = 0
    for part in layout:
        rows = [part.fields] * part.count if isinstance(part, Group) else [(part,)]
        for each in (each for row in rows for each in row):
            yield at, each
            at += each.width


def _ends_badly(part: Field | Filler) -> TypeGuard[Field]:
    """Whether a text may not end there: a number or a date may lack digits. Another only lacks blanks."""
    return isinstance(part, Field) and part.type not in ("text", "code")


def _has_all_rows(layout: Layout, data: bytes) -> bool:
    """A program that states how many rows it gives must give them: a missing one would be written blank."""
    at = 0
    for part in layout:
        at += part.width
        if isinstance(part, Group) and part.count and len(data) <= at - part.width // part.count:
            return False
    return True


def _check_sense(layout: Layout, values: Unpacked) -> None:
    """Raises BadArgument, naming the field that makes no sense."""
    for part in layout:
        fields = part.fields if isinstance(part, Group) else (part,)
        rows = values[part.name] if isinstance(part, Group) else [values]
        for row in rows if isinstance(rows, list) else []:
            for item in fields:
                if not isinstance(item, Filler) and not _plausible(item.type, str(row[item.name])):
                    raise BadArgument(said("{name}: no {kind}", name=item.name, kind=item.type))


def _plausible(kind: str, text: str) -> bool:
    if CONTROL.search(text):
        return False
    if kind == "code":
        return " " not in text
    if kind == "number":
        return _NUMBER(text) is not None
    if kind == "quantity":
        return _QUANTITY(text) is not None
    return True
