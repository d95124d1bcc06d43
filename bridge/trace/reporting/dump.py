"""Bytes as cells of a page: two stretches one above the other, with a ruler. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bridge.codec.code_page import WINDOWS
from bridge.trace.comparing.fields import characters

LINE_BYTES = 80
MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """Neighbouring characters of one look. ``marked``: of the differing field that is meant (2), of another
    that differs (1). ``hidden``: not printable, shown as a dot. ``wide``: one character of two bytes.
    """

    text: str
    marked: int
    hidden: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class DumpLine:
    """``at``: offset of the first byte in the piece; ``ruler``: its text; the cells of both sides."""

    at: int
    ruler: str
    old: tuple[Cell, ...]
    new: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field in the table under the bytes; ``hex``: where it is not printable."""

    offset: int
    width: int
    name: str
    term: str
    old: str
    new: str
    old_hex: str
    new_hex: str
    differs: bool
    meant: bool


@dataclass(frozen=True, slots=True)
class Dump:
    """A piece as it is shown. ``left_out``: lines without differences, or beyond what a page can hold."""

    title: str
    old_at: int
    new_at: int
    lines: tuple[DumpLine, ...]
    left_out: int
    fields: tuple[FieldLine, ...]
    equal_fields: int


def dump(piece: dict[str, Any]) -> Dump:
    """A piece of the report (see report.py) as lines; those without a differing byte are left out where there
    are many.
    """
    old, new = base64.b64decode(piece["old"]), base64.b64decode(piece["new"])
    marked = _marked(piece, old, new)
    starts = range(0, max(len(old), len(new), 1), LINE_BYTES)
    wanted = [at for at in starts if marked.keys() & set(range(at, at + LINE_BYTES))] or list(starts)
    shown = wanted[:MOST_LINES] if len(starts) > MOST_LINES else list(starts)
    fields = [_field(field, old, new) for field in piece["fields"]]
    some = [f for f in fields if f.differs] if len(fields) > 40 else fields
    return Dump(
        title=piece["title"],
        old_at=piece["old_at"],
        new_at=piece["new_at"],
        lines=tuple(_line(at, old, new, marked) for at in shown),
        left_out=len(starts) - len(shown),
        fields=tuple(some),
        equal_fields=len(fields) - len(some),
    )


def _marked(piece: dict[str, Any], old: bytes, new: bytes) -> dict[int, int]:
    """How the bytes of differing fields are marked; of a piece without fields, each byte that differs."""
    marked: dict[int, int] = {}
    for field in piece["fields"]:
        if field["differs"]:
            places = range(field["offset"], field["offset"] + field["width"])
            marked.update(dict.fromkeys(places, 1 + field["meant"]))
    if not piece["fields"]:
        both = zip(old.ljust(len(new), b"\0"), new.ljust(len(old), b"\0"), strict=True)
        marked.update({at: 2 for at, (a, b) in enumerate(both) if a != b})
    return marked


def _line(at: int, old: bytes, new: bytes, marked: dict[int, int]) -> DumpLine:
    ruler = "".join(f"{at + tens:<10}" for tens in range(0, LINE_BYTES, 10))
    sides = (tuple(_cells(data, at, marked)) for data in (old, new))
    return DumpLine(at, ruler, *sides)


def _cells(data: bytes, start: int, marked: dict[int, int]) -> Iterator[Cell]:
    """The characters that begin on this line; one that began on the line before shows as dots."""
    text, look = "", (0, False)
    place = 0
    for character in characters(data):
        at, place = place, place + len(character)
        if place <= start or at >= start + LINE_BYTES:
            continue
        mark = marked.get(at, 0)
        shown = printable(character)
        if shown is None or at < start:
            inside = len(range(max(at, start), min(place, start + LINE_BYTES)))
            shown, hidden = "·" * inside, True
        else:
            hidden = False
        if len(character) == 2 and not hidden:
            if text:
                yield Cell(text, *look)
                text = ""
            yield Cell(shown, mark, wide=True)
            continue
        if text and look != (mark, hidden):
            yield Cell(text, *look)
            text = ""
        text, look = text + shown, (mark, hidden)
    if text:
        yield Cell(text, *look)


def printable(character: bytes) -> str | None:
    """A character of code page 950 as text, None where it cannot be shown."""
    try:
        text = WINDOWS.decode(character)
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def shown_text(data: bytes) -> str:
    """Bytes as text, with dots for what is not printable."""
    return "".join(printable(c) or "·" * len(c) for c in characters(data))


def hex_text(data: bytes) -> str:
    """The bytes in hexadecimal where some are not printable, else ""."""
    if all(printable(c) is not None for c in characters(data)):
        return ""
    return data[:64].hex(" ") + (" …" if len(data) > 64 else "")


def _field(field: dict[str, Any], old: bytes, new: bytes) -> FieldLine:
    at, end = field["offset"], field["offset"] + field["width"]
    name = field["name"] or f"({field['type']})"
    was, now = old[at:end], new[at:end]
    return FieldLine(
        offset=at,
        width=field["width"],
        name=name,
        term=field["term"],
        old=shown_text(was),
        new=shown_text(now),
        old_hex=hex_text(was),
        new_hex=hex_text(now),
        differs=field["differs"],
        meant=field["meant"],
    )
