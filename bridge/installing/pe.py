"""Tells from its headers for which machine a Windows program or DLL is made (Microsoft's PE format)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from bridge.words import said

X86, X64, ARM64 = "x86", "x64", "ARM64"
MACHINES = {0x014C: X86, 0x8664: X64, 0xAA64: ARM64}

HEADER_POINTER = 0x3C
SIGNATURE = b"PE\0\0"
DLL = 0x2000
PE32, PE32_PLUS = 0x10B, 0x20B
# Where the optional header keeps the number of its data directories, which follow it, 8 bytes each.
DIRECTORY_COUNT = {PE32: 92, PE32_PLUS: 108}
CLR_DIRECTORY = 14
CLR_FLAGS = 16
SECTION_BYTES = 40
IL_ONLY, NEEDS_32_BITS = 0x1, 0x2


class NotExecutable(ValueError):
    """The file is no Windows program or DLL of 32 or 64 bits; the message says what it is or lacks."""


@dataclass(frozen=True, slots=True)
class Executable:
    """A Windows program or DLL.

    ``machine`` is :data:`X86`, :data:`X64`, :data:`ARM64` or "machine 0x...." for another one. ``any_cpu``
    marks a .NET program that says x86 and runs with the bits of the Windows it is started on.
    """

    machine: str
    is_dll: bool = False
    any_cpu: bool = False


def read_executable(file: BinaryIO) -> Executable:
    """Reads the headers of a program or DLL.

    In: the file, seekable, opened for reading bytes. Raises NotExecutable for anything else, also for a file
    that ends within its headers; OSError when it cannot be read.
    """
    if _read(file, 0, 2) != b"MZ":
        raise NotExecutable(said("it does not begin as a program does (MZ)"))
    (start,) = struct.unpack("<I", _read(file, HEADER_POINTER, 4))
    if _read(file, start, 4) != SIGNATURE:
        raise NotExecutable(said("it is a program for DOS or 16-bit Windows"))
    machine, sections, optional_bytes, flags = struct.unpack("<HH12xHH", _read(file, start + 4, 20))
    optional = start + 24
    return Executable(
        machine=MACHINES.get(machine, f"machine 0x{machine:04X}"),
        is_dll=bool(flags & DLL),
        any_cpu=MACHINES.get(machine) == X86 and _any_cpu(file, optional, optional_bytes, sections),
    )


def _any_cpu(file: BinaryIO, optional: int, optional_bytes: int, sections: int) -> bool:
    """Whether the .NET header says: intermediate code only, and no wish for 32 bits."""
    (magic,) = struct.unpack("<H", _read(file, optional, 2))
    if magic not in DIRECTORY_COUNT:
        raise NotExecutable(said("its optional header is of an unknown kind (0x{magic:04X})", magic=magic))
    counter = optional + DIRECTORY_COUNT[magic]
    (directories,) = struct.unpack("<I", _read(file, counter, 4))
    if directories <= CLR_DIRECTORY:
        return False
    (address,) = struct.unpack("<I", _read(file, counter + 4 + 8 * CLR_DIRECTORY, 4))
    if address == 0:
        return False
    header = _offset(file, optional + optional_bytes, sections, address)
    (flags,) = struct.unpack("<I", _read(file, header + CLR_FLAGS, 4))
    return bool(flags & IL_ONLY) and not flags & NEEDS_32_BITS


def _offset(file: BinaryIO, table: int, sections: int, address: int) -> int:
    """Where in the file the byte lies that is loaded at ``address`` (relative to the program's start)."""
    for index in range(sections):
        entry = _read(file, table + SECTION_BYTES * index, SECTION_BYTES)
        size, begin, stored, pointer = struct.unpack_from("<IIII", entry, 8)
        if begin <= address < begin + max(size, stored):
            return int(pointer + address - begin)
    raise NotExecutable(said("its .NET header lies in no section"))


def _read(file: BinaryIO, offset: int, count: int) -> bytes:
    file.seek(offset)
    data = file.read(count)
    if len(data) != count:
        raise NotExecutable(said("it ends within its headers"))
    return data
