"""The smallest Windows programs and DLLs that have headers: enough to be told apart, not to be run."""

from __future__ import annotations

import struct

MACHINES = {"x86": 0x014C, "x64": 0x8664, "ARM64": 0xAA64}
START = 0x80
SECTION_ADDRESS, SECTION_OFFSET = 0x2000, 0x200
IL_ONLY, NEEDS_32_BITS = 1, 2


def portable_executable(
    machine: str = "x86",
    *,
    dll: bool = False,
    net_flags: int | None = None,
    net_address: int = SECTION_ADDRESS + 8,
    content: bytes = b"",
) -> bytes:
    """The bytes of a program or DLL. ``net_flags`` makes it one of .NET; ``content`` is what follows."""
    wide = machine != "x86"
    directories = [(0, 0)] * 16
    if net_flags is not None:
        directories[14] = (net_address, 72)
    optional = struct.pack("<H", 0x20B if wide else 0x10B).ljust(108 if wide else 92, b"\0")
    optional += struct.pack("<I", 16) + b"".join(struct.pack("<II", *each) for each in directories)
    coff = struct.pack("<HHIIIHH", MACHINES[machine], 1, 0, 0, 0, len(optional), 0x2002 if dll else 0x0002)
    section = struct.pack("<8sIIII16x", b".text", 0x100, SECTION_ADDRESS, 0x200, SECTION_OFFSET)
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", START)
    headers = head.ljust(START, b"\0") + b"PE\0\0" + coff + optional + section
    net_header = struct.pack("<IHHII I", 72, 2, 5, 0x2050, 0x100, net_flags or 0)
    return headers.ljust(SECTION_OFFSET + 8, b"\0") + net_header + content


def version_resource(
    product: tuple[int, int, int, int], file: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> bytes:
    """The beginning of a version resource, as Microsoft's documents lay it out (VS_VERSIONINFO)."""
    key = "VS_VERSION_INFO".encode("utf-16-le") + b"\0\0"
    numbers = [part for a, b, c, d in (file, product) for part in (a << 16 | b, c << 16 | d)]
    fixed = struct.pack("<II4I", 0xFEEF04BD, 0x0001_0000, *numbers).ljust(52, b"\0")
    head = struct.pack("<HHH", 6 + len(key) + 2 + len(fixed), len(fixed), 0) + key
    return head.ljust((len(head) + 3) & ~3, b"\0") + fixed
