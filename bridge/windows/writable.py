"""Whether Windows lets a file be written: Python's own way to open one does not say that it is in use."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes
    from pathlib import Path

    _WRITE = 0x4000_0000  # GENERIC_WRITE
    _SHARED = 0x1 | 0x2 | 0x4  # for reading, writing, deleting
    _EXISTING = 3  # OPEN_EXISTING
    _INVALID = ctypes.c_void_p(-1).value

    def check_writable(file: Path) -> None:
        """Nothing is changed. Raises OSError with Windows' own number (``winerror``), such as 32 for a DLL
        that a program has loaded.
        """
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateFileW.restype = wintypes.HANDLE
        kernel.CreateFileW.argtypes = [
            wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD, wintypes.DWORD,
            wintypes.HANDLE,
        ]  # fmt: skip
        kernel.CloseHandle.argtypes = [wintypes.HANDLE]
        opened = kernel.CreateFileW(str(file), _WRITE, _SHARED, None, _EXISTING, 0, None)
        if opened in (None, _INVALID):
            fault = ctypes.WinError(ctypes.get_last_error())
            fault.filename = str(file)
            raise fault
        kernel.CloseHandle(opened)
