"""Tells from its first bytes for which machine a Linux library is made."""

from __future__ import annotations

import struct

SHARED_OBJECT = 3
HEADER_BYTES = 20
MACHINES = {3: "i386", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64", 258: "loongarch64"}
# Programs of the second kind run on machines of the first.
ALSO_RUNS = {"x86_64": ("i386",)}


def library_machine(data: bytes) -> str | None:
    """The machine of an ELF shared object as ``uname -m`` calls it ("machine N" for an uncommon one).

    In: the file's bytes, of which the first 20 count. None for anything else.
    """
    if len(data) < HEADER_BYTES or data[:4] != b"\x7fELF":
        return None
    kind, machine = struct.unpack_from("<HH" if data[5] == 1 else ">HH", data, 16)
    return MACHINES.get(machine, f"machine {machine}") if kind == SHARED_OBJECT else None


def runs_on(library: str, machine: str) -> bool:
    """Whether programs that load a library made for ``library`` can run on ``machine``."""
    return library == machine or library in ALSO_RUNS.get(machine, ())
