"""The C side of a row.

What the native library must know of each argument, and the hash that proves both sides agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from bridge.codec.fixed import layout_width
from bridge.table.model.arguments import (
    BlockArgument,
    CountArgument,
    FileArgument,
    IgnoredArgument,
    LengthArgument,
    RecordArgument,
    ScalarArgument,
    ScalarOutArgument,
    TextArgument,
    TextInOutArgument,
    TextOutArgument,
    TextSizedArgument,
)
from bridge.table.model.layout import build_layout
from bridge.table.model.rows import Function, Table

SlotKind = Literal[
    "text", "block", "record", "length", "count", "scalar", "text_out", "file", "text_inout", "ignored"
]


@dataclass(frozen=True, slots=True)
class Slot:
    """One argument as C sees it.

    ``c_type`` is its declaration without the name. ``most``: for in-strings and blocks the documented width
    in bytes, for a text_out the bytes that may be written, else 0. ``terminated`` is False for a string that
    may have no NUL behind its width. ``length`` is the position (0-based) of a record's length argument, else
    -1. A length that belongs to no record is a 16-bit result. An ignored argument is declared and not sent.
    ``count``: of a block whose caller states the number of rows, the position of that argument, else -1.
    ``row``: bytes of one row. ``own_path``: the library writes its own path there, or its file name where
    that does not fit.
    """

    name: str
    kind: SlotKind
    c_type: str
    most: int = 0
    terminated: bool = True
    length: int = -1
    own_path: bool = False
    count: int = -1
    row: int = 0


def slots(table: Table, function: Function) -> tuple[Slot, ...]:
    """The arguments of a row that are sent, in calling order. Positions count these alone."""
    return tuple(slot for slot in declared(table, function) if slot.kind != "ignored")


def declared(table: Table, function: Function) -> tuple[Slot, ...]:
    """All arguments of a row in calling order, as the C side declares them."""
    sent = [argument for argument in function.arguments if not isinstance(argument, IgnoredArgument)]
    positions = {argument.name: index for index, argument in enumerate(sent)}
    made = []
    for argument in function.arguments:
        match argument:
            case TextArgument():
                made.append(Slot(argument.name, "text", "char *", argument.width, argument.terminated))
            case BlockArgument():
                made.append(_block(table, argument, positions))
            case RecordArgument():
                made.append(Slot(argument.name, "record", "char *", length=positions[argument.length]))
            case TextSizedArgument():
                made.append(Slot(argument.name, "record", "char *", length=positions[argument.length]))
            case ScalarOutArgument():
                made.append(Slot(argument.name, "length", "short *"))
            case FileArgument():
                made.append(Slot(argument.name, "file", "char *", argument.width))
            case TextInOutArgument():
                made.append(Slot(argument.name, "text_inout", "char *", argument.width))
            case IgnoredArgument():
                space = "" if argument.c_type.endswith("*") else " "
                made.append(Slot(argument.name, "ignored", argument.c_type + space))
            case LengthArgument():
                made.append(Slot(argument.name, "length", "short *"))
            case CountArgument():
                made.append(Slot(argument.name, "count", "short *"))
            case ScalarArgument():
                made.append(Slot(argument.name, "scalar", f"{argument.c_type} "))
            case TextOutArgument():
                made.append(
                    Slot(argument.name, "text_out", "char *", argument.width, own_path=argument.own_path)
                )
    return tuple(made)


def _block(table: Table, argument: BlockArgument, positions: Mapping[str, int]) -> Slot:
    """A block has the width of its widest form; of one that is nothing but rows, the caller states the
    number. Where nobody states it, it is one row: nothing behind it may be read.
    """
    if argument.count is None:
        return Slot(argument.name, "block", "char *", max(table.records_in[f].width for f in argument.forms))
    most = max(table.records_in[form].most_bytes for form in argument.forms)
    widths = [_width(table, argument.forms[0], rows) for rows in (1, 2)]
    if widths[1] != 2 * widths[0]:
        return Slot(argument.name, "block", "char *", most)
    return Slot(argument.name, "block", "char *", most, count=positions[argument.count], row=widths[0])


def _width(table: Table, record: str, rows: int) -> int:
    return layout_width(build_layout(table.records_in[record], table.records_in, rows))


def passed(table: Table, function: Function) -> tuple[Slot, ...]:
    """All arguments of a row in calling order as a recorder sees them; lengths count these positions.

    Words of which the table knows no more than the C type are taken as what their type says: a number, a
    number at an address, a buffer where such an address follows it, else text that may be written over.
    """
    everything = declared(table, function)
    sent = [index for index, slot in enumerate(everything) if slot.kind != "ignored"]
    made = []
    for index, slot in enumerate(everything):
        if slot.kind == "ignored":
            made.append(_guessed(everything, index))
        else:
            length, count = (sent[place] if place >= 0 else -1 for place in (slot.length, slot.count))
            made.append(replace(slot, length=length, count=count))
    return tuple(made)


def _guessed(everything: tuple[Slot, ...], index: int) -> Slot:
    slot = everything[index]
    following = everything[index + 1].c_type.strip() if index + 1 < len(everything) else ""
    match slot.c_type.strip():
        case "char *" if following == "short *":
            return replace(slot, kind="record", length=index + 1)
        case "char *":
            return replace(slot, kind="text_inout")
        case "short *":
            return replace(slot, kind="length")
        case _:
            return replace(slot, kind="scalar")


def signature_hash(name: str, arguments: tuple[Slot, ...]) -> int:
    """32 bits that change whenever the C side would have to be rebuilt.

    Name, kinds, order and widths of the arguments.
    """
    text = ";".join(
        f"{s.kind},{s.c_type.strip()},{s.most},{int(s.terminated)},{s.length}{',own_path' * s.own_path}"
        + (f",{s.count},{s.row}" if s.row else "")
        for s in arguments
    )
    return int.from_bytes(hashlib.sha256(f"{name}({text})".encode("ascii")).digest()[:4], "big")


def component_method(function: Function) -> str:
    """How a late-bound program calls a row of the component CsHisX: ``VPNH_SignX(pRandom, ...) -> text``.

    Buffers and lengths are no parameters there: the text comes back as the method's value.
    """
    given = [a.name for a in function.arguments if isinstance(a, TextArgument | ScalarArgument)]
    return f"{function.name}({', '.join(given)}) -> text"


def prototype(name: str, arguments: tuple[Slot, ...]) -> str:
    """The C declaration of an export without calling convention.

    ``int hisGetBasicData(char *pBuffer, short *iBufferLen)``.
    """
    parameters = ", ".join(f"{slot.c_type}{slot.name}" for slot in arguments) or "void"
    return f"int {name}({parameters})"
