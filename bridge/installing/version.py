"""The ProductVersion of a Windows file: what scripts of hospitals compare before they copy a DLL."""

from __future__ import annotations

import struct

KEY = "VS_VERSION_INFO\0".encode("utf-16-le")
SIGNATURE = struct.pack("<I", 0xFEEF04BD)
PRODUCT_VERSION = 16  # bytes after the signature: two numbers of 32 bits, each of two numbers of 16


def product_version(content: bytes) -> str | None:
    """The four numbers that the version resource of a program or DLL gives, such as "5.1.5.2".

    In: the file's bytes. None where it has no such resource.
    """
    start = content.find(KEY)
    found = content.find(SIGNATURE, start, start + len(KEY) + 64) if start >= 0 else -1
    if found < 0 or len(content) < found + PRODUCT_VERSION + 8:
        return None
    high, low = struct.unpack_from("<II", content, found + PRODUCT_VERSION)
    return ".".join(str(part) for part in (high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF))
