"""Data blocks in one of several forms: which form the caller's bytes have, and the fields in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bridge.codec.code_page import WINDOWS, CodePage, windows_private
from bridge.codec.fixed import Filler, Group, Layout, layout_width, unpack
from bridge.errors import BadArgument

Unpacked = Mapping[str, "str | list[dict[str, str]]"]


def read_block(layouts: list[Layout], data: bytes, page: CodePage = WINDOWS) -> Unpacked:
    """Take a data block apart in the form that fits it: brackets decide first, then length, then whether the
    fields make sense.

    Raises BadArgument where no form fits, naming the field that does not, or several do: a wrong guess would
    write a wrong diagnosis.
    """
    return _read(layouts, data, page)[1]


def form_of(layouts: list[Layout], data: bytes) -> int:
    """Which of the forms a data block has, counted from 0, whichever user-defined characters it holds.

    Raises BadArgument as read_block() does.
    """
    return _read(layouts, data, windows_private())[0]


def _read(layouts: list[Layout], data: bytes, page: CodePage) -> tuple[int, Unpacked]:
    bracketed = data[1:2] == b"["
    sensible: list[tuple[int, Layout, Unpacked]] = []
    faults: list[str] = []
    for form, layout in enumerate(layouts):
        if _has_brackets(layout) == bracketed and _fits(layout, data):
            try:
                sensible.append((form, layout, _sensible(layout, data, page)))
            except BadArgument as error:
                faults.append(f": {error}")
    if not sensible:
        widths = ", ".join(str(layout_width(layout)) for layout in layouts)
        raise BadArgument(f"{len(data)} bytes that are no valid block of {widths} bytes{''.join(faults)}")
    exact = [each for each in sensible if len(data) - layout_width(each[1]) in (0, 1)]
    if len(sensible) > 1 and len(exact) != 1:
        raise BadArgument(f"{len(data)} bytes that could be read in {len(sensible)} ways")
    form, _, values = exact[0] if exact else sensible[0]
    return form, values


def _has_brackets(layout: Layout) -> bool:
    return any(isinstance(part, Filler) and part.data.startswith(b"[") for part in layout)


def _fits(layout: Layout, data: bytes) -> bool:
    width = layout_width(layout)
    return len(data) >= width and not data[width:].strip(b" \0")


def _sensible(layout: Layout, data: bytes, page: CodePage) -> Unpacked:
    """The fields. Raises BadArgument, naming the field, where the bytes cannot be this form.

    A code with a blank before or in it, a number with letters, bytes that are no text.
    """
    values = unpack(layout, data[: layout_width(layout)], page)
    for part in layout:
        fields = part.fields if isinstance(part, Group) else (part,)
        rows = values[part.name] if isinstance(part, Group) else [values]
        for row in rows if isinstance(rows, list) else []:
            for item in fields:
                if not isinstance(item, Filler) and not _plausible(item.type, str(row[item.name])):
                    raise BadArgument(f"{item.name}: no {item.type}")
    return values


def _plausible(kind: str, text: str) -> bool:
    if kind == "code":
        return " " not in text
    if kind == "number":
        return re.fullmatch(r"\s*\d*", text) is not None
    if kind == "quantity":
        return re.fullmatch(r"\s*[\d.]*", text) is not None
    return True
