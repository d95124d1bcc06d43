"""Compares the fields of two records of the same layout, and says what kind of difference it is. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridge.codec.code_page import WINDOWS
from bridge.codec.text import PLACEHOLDER_BYTES
from bridge.trace.records import Span

_FILL = b" \0"
_LEAST_MOVED = 6  # bytes of a value that is looked for at other offsets: shorter ones are found by chance


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """The field ``index`` of the spans differs. ``detail``: such as where its value was found."""

    index: int
    kind: str
    detail: str = ""


def compare_fields(spans: Sequence[Span], old: bytes, new: bytes) -> list[FieldDifference]:
    """The fields that differ. A field that lies beyond the end of one of the records is left out: that is a
    difference of length.
    """
    if old == new:
        return []
    end = min(len(old), len(new))
    found = []
    of_one_length = len(old) == len(new)
    for index, span in enumerate(spans):
        at = span.offset
        to = at + span.width
        was, now = old[at:to], new[at:to]
        if was == now or (to > end and not of_one_length):
            continue
        kind = kind_of(was, now)
        if kind is not None:
            found.append(FieldDifference(index, kind))
    return [_placed(spans, old, new, found, difference) for difference in found]


def kind_of(old: bytes, new: bytes) -> str | None:
    """How two values of one field differ, None where they do not."""
    if old == new:
        return None
    bare_old, bare_new = old.strip(_FILL), new.strip(_FILL)
    if bare_old == bare_new:
        return "nul_blank" if b"\0" in old or b"\0" in new else "padding"
    digits_old, digits_new = bare_old.lstrip(b"0"), bare_new.lstrip(b"0")
    if not digits_old and not digits_new:
        return "blanks_zeros"
    if digits_old == digits_new and digits_old.isdigit():
        return "padding"
    return "placeholder" if _only_placeholders(bare_old, bare_new) else "value"


def characters(data: bytes) -> Iterator[bytes]:
    """The characters of code page 950: one or two bytes each; half a one at the end stands alone."""
    at = 0
    while at < len(data):
        width = 2 if 0x81 <= data[at] <= 0xFE else 1
        yield data[at : at + width]
        at += width


def _only_placeholders(old: bytes, new: bytes) -> bool:
    """Whether the new text is the old one but for characters that the code page lacks."""
    if PLACEHOLDER_BYTES not in new:
        return False
    olds, news = list(characters(old)), list(characters(new))
    if len(olds) != len(news):
        return False
    return all(a == b or (b == PLACEHOLDER_BYTES and _unknown(a)) for a, b in zip(olds, news, strict=True))


def _unknown(character: bytes) -> bool:
    """A user-defined character (造字), or what stands for one."""
    if character == b"?":
        return True
    try:
        WINDOWS.decode(character)
    except UnicodeDecodeError:
        return True
    return False


def _placed(
    spans: Sequence[Span], old: bytes, new: bytes, found: list[FieldDifference], difference: FieldDifference
) -> FieldDifference:
    """The difference with its kind made more exact, where the value stands elsewhere in the new record."""
    if difference.kind != "value":
        return difference
    span = spans[difference.index]
    value, instead = span.of(old).strip(_FILL), span.of(new).strip(_FILL)
    for other in found:
        there = spans[other.index]
        if other.index == difference.index or there.of(new).strip(_FILL) != value or not value:
            continue
        if there.of(old).strip(_FILL) == instead and instead:
            return FieldDifference(difference.index, "field_order", f"exchanged with {there.path}")
        return FieldDifference(difference.index, "moved", f"found in {there.path}")
    if len(value) >= _LEAST_MOVED and len(set(value)) > 2:
        at = _elsewhere(new, value, span)
        if at is not None:
            detail = f"found {at - span.offset:+d} bytes from its place"
            return FieldDifference(difference.index, "moved", detail)
    return difference


def _elsewhere(new: bytes, value: bytes, span: Span) -> int | None:
    """The place nearest to its own where a value stands in the new record."""
    places = []
    at = new.find(value)
    while at >= 0:
        places.append(at)
        at = new.find(value, at + 1)
    return min(places, key=lambda place: abs(place - span.offset), default=None)
