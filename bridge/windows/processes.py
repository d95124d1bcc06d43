"""Of a process of Windows: which file it runs, which DLLs it has loaded; and its end. Of those of other users
only what Windows tells this one.
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes
    from collections.abc import Iterator
    from contextlib import contextmanager
    from ctypes import wintypes
    from pathlib import Path

    _LIMITED, _QUERY, _READ, _TERMINATE = 0x1000, 0x0400, 0x0010, 0x0001
    _ALL = 3  # LIST_MODULES_ALL: of 32-bit programs, too
    _LONGEST = 32_768
    _MOST = 4096

    def image_of(pid: int) -> Path | None:
        """The file that a process runs."""
        with _opened(pid, _LIMITED) as (kernel, process):
            if not process:
                return None
            text, size = ctypes.create_unicode_buffer(_LONGEST), wintypes.DWORD(_LONGEST)
            done = kernel.QueryFullProcessImageNameW(process, 0, text, ctypes.byref(size))
            return Path(text.value) if done else None

    def modules_of(pid: int) -> list[Path]:
        """The program and the DLLs that a process has loaded; none where Windows does not tell."""
        with _opened(pid, _QUERY | _READ) as (kernel, process):
            found, needed = (wintypes.HMODULE * _MOST)(), wintypes.DWORD()
            if not process or not kernel.K32EnumProcessModulesEx(
                process, found, ctypes.sizeof(found), ctypes.byref(needed), _ALL
            ):
                return []
            text, files = ctypes.create_unicode_buffer(_LONGEST), []
            for module in found[: needed.value // ctypes.sizeof(wintypes.HMODULE)]:
                if kernel.K32GetModuleFileNameExW(process, module, text, _LONGEST):
                    files.append(Path(text.value))
            return files

    def end_process(pid: int, code: int) -> None:
        """End a process at once, with an exit code. Raises OSError."""
        with _opened(pid, _TERMINATE) as (kernel, process):
            if not process or not kernel.TerminateProcess(process, code):
                raise ctypes.WinError(ctypes.get_last_error())

    @contextmanager
    def _opened(pid: int, access: int) -> Iterator[tuple[ctypes.WinDLL, int | None]]:
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = wintypes.HANDLE
        kernel.CloseHandle.argtypes = [wintypes.HANDLE]
        kernel.TerminateProcess.argtypes = [wintypes.HANDLE, wintypes.UINT]
        kernel.QueryFullProcessImageNameW.argtypes = [
            wintypes.HANDLE, wintypes.DWORD, wintypes.LPWSTR, ctypes.POINTER(wintypes.DWORD),
        ]  # fmt: skip
        kernel.K32EnumProcessModulesEx.argtypes = [
            wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD, ctypes.POINTER(wintypes.DWORD), wintypes.DWORD,
        ]  # fmt: skip
        kernel.K32GetModuleFileNameExW.argtypes = [
            wintypes.HANDLE, wintypes.HMODULE, wintypes.LPWSTR, wintypes.DWORD,
        ]  # fmt: skip
        process = kernel.OpenProcess(access, False, pid)
        try:
            yield kernel, process
        finally:
            if process:
                kernel.CloseHandle(process)
