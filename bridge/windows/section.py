"""A piece of memory with a name, which other processes of this user, in this session, can read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    from bridge.windows.security import own_attributes

    _READ_WRITE, _WRITE = 0x4, 0x2
    _ALREADY_EXISTS = 183

    @contextmanager
    def published_section(name: str, content: bytes) -> Iterator[bool]:
        """Until the end of the with statement, and no longer than this process, ``content`` and a NUL stand
        in the memory of that name. Out: False where another process has one already, or Windows gives none.
        """
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateFileMappingW.argtypes = [
            wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD, wintypes.DWORD, wintypes.DWORD,
            wintypes.LPCWSTR,
        ]  # fmt: skip
        kernel.CreateFileMappingW.restype = wintypes.HANDLE
        kernel.MapViewOfFile.argtypes = [
            wintypes.HANDLE, wintypes.DWORD, wintypes.DWORD, wintypes.DWORD, ctypes.c_size_t,
        ]  # fmt: skip
        kernel.MapViewOfFile.restype = ctypes.c_void_p
        kernel.UnmapViewOfFile.argtypes = [ctypes.c_void_p]
        kernel.CloseHandle.argtypes = [wintypes.HANDLE]
        size = len(content) + 1
        with own_attributes() as attributes:
            no_file = wintypes.HANDLE(-1)
            handle = kernel.CreateFileMappingW(no_file, attributes, _READ_WRITE, 0, size, name)
        there = bool(handle) and ctypes.get_last_error() != _ALREADY_EXISTS
        view = kernel.MapViewOfFile(handle, _WRITE, 0, 0, size) if there else None
        if view:
            ctypes.memmove(view, content + b"\0", size)
            kernel.UnmapViewOfFile(view)
        try:
            yield bool(view)
        finally:
            if handle:
                kernel.CloseHandle(handle)
