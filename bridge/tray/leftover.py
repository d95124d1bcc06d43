"""An icon that outlived its bridge, since that was killed: it is red, and stays until somebody acts."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path


def name_of(data_dir: Path) -> str:
    """What stands for the bridge of a data directory among the icons of a session."""
    return hashlib.sha256(os.path.normcase(data_dir.absolute()).encode()).hexdigest()[:16]


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    CLASS = "cshis-bridge-tray"
    CLOSE = 0x0010  # WM_CLOSE

    def close_icon(data_dir: Path) -> None:
        """Have the icon of the bridge of a data directory go, of this session of Windows. What its menu has
        begun is finished.
        """
        user = ctypes.WinDLL("user32")
        handle = wintypes.HWND
        user.FindWindowExW.restype = handle
        user.FindWindowExW.argtypes = [handle, handle, wintypes.LPCWSTR, wintypes.LPCWSTR]
        user.PostMessageW.argtypes = [handle, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM]
        window = user.FindWindowExW(None, None, CLASS, name_of(data_dir))
        if window:
            user.PostMessageW(window, CLOSE, 0, 0)

else:

    def close_icon(data_dir: Path) -> None:
        """Nothing: there are no icons."""
