"""Calls every function of a library with texts behind which no byte can be read: ``guard_pages LIBRARY``.

Each in-string has its documented width and no NUL, and ends where a page begins that nobody may use. Reading
one byte more ends this process by a signal. Out: one line for each function, its name and code.
"""

from __future__ import annotations

import ctypes
import mmap
import sys

from bridge.table.codegen.abi import Slot, declared
from bridge.table.default import default_table
from bridge.table.model.arguments import BlockArgument
from bridge.table.model.rows import Function, Table

PAGE = mmap.PAGESIZE
PROT_NONE = 0
ROWS = 2
_LIBC = ctypes.CDLL(None, use_errno=True)
_MAPS: list[mmap.mmap] = []


def at_the_edge(data: bytes) -> int:
    """The address of these bytes, the last of which is the last that can be read."""
    pages = -(-len(data) // PAGE) + 1
    memory = mmap.mmap(-1, pages * PAGE)
    _MAPS.append(memory)
    begin = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    end = begin + (pages - 1) * PAGE
    memory[: (pages - 1) * PAGE] = data.rjust((pages - 1) * PAGE, b"\0")
    if _LIBC.mprotect(ctypes.c_void_p(end), PAGE, PROT_NONE) != 0:
        raise OSError(ctypes.get_errno(), "mprotect")
    return end - len(data)


def block_width(table: Table, function: Function, slot: Slot, rows: int) -> int:
    """The bytes of a block as the manual has them: of the caller's rows, or of the widest form."""
    if slot.row:
        return rows * slot.row
    forms = next(a.forms for a in function.arguments if isinstance(a, BlockArgument) and a.name == slot.name)
    return max(table.records_in[form].width for form in forms)


def word(slot: Slot, rows: int, width: int) -> object:
    """What is passed for one argument; a block has this width."""
    match slot.kind:
        case "text" | "text_inout":
            return ctypes.c_void_p(at_the_edge(b"1" * slot.most))
        case "file":
            return ctypes.c_void_p(at_the_edge(b"/nowhere".ljust(slot.most)))
        case "block":
            return ctypes.c_void_p(at_the_edge(b"1" * width))
        case "record" | "text_out":
            return ctypes.create_string_buffer(8192)
        case "length":
            return ctypes.byref(ctypes.c_short(8000))
        case "count":
            return ctypes.byref(ctypes.c_short(rows))
        case "ignored" if slot.c_type.strip().endswith("*"):
            return ctypes.create_string_buffer(64)
        case _:
            return ctypes.c_int(1)


def main() -> None:
    """Call all of them."""
    library = ctypes.CDLL(sys.argv[1])
    table = default_table()
    for function in table.exported():
        words = [
            word(slot, ROWS, block_width(table, function, slot, ROWS) if slot.kind == "block" else 0)
            for slot in declared(table, function)
        ]
        print(function.name, getattr(library, function.name)(*words), flush=True)


if __name__ == "__main__":
    main()
