"""Sets up a service of Windows that is installed already. Raises OSError."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _CONNECT, _CHANGE, _START = 0x1, 0x2, 0x10  # restarting needs the right to start
    _FAILURE_ACTIONS, _DELAYED, _PRESHUTDOWN = 2, 3, 7
    _RESTART = 1
    _INVALID_LEVEL = 124

    class _Action(ctypes.Structure):
        _fields_ = (("kind", ctypes.c_int), ("delay", wintypes.DWORD))

    class _Actions(ctypes.Structure):
        _fields_ = (
            ("reset_seconds", wintypes.DWORD),
            ("message", wintypes.LPWSTR),
            ("command", wintypes.LPWSTR),
            ("count", wintypes.DWORD),
            ("actions", ctypes.POINTER(_Action)),
        )

    def set_up(name: str, restarts: Sequence[int], reset_seconds: int, end_milliseconds: int) -> None:
        """In: ``restarts``, how many milliseconds after its first, second, ... crash Windows starts it again,
        the last for all later ones; after how many seconds without one it counts anew; how long it may take
        to end when the machine is shut down. It starts a while after Windows has.
        """
        api = ctypes.WinDLL("advapi32", use_last_error=True)
        api.OpenSCManagerW.restype = api.OpenServiceW.restype = ctypes.c_void_p
        api.OpenServiceW.argtypes = [ctypes.c_void_p, wintypes.LPCWSTR, wintypes.DWORD]
        api.ChangeServiceConfig2W.argtypes = [ctypes.c_void_p, wintypes.DWORD, ctypes.c_void_p]
        api.CloseServiceHandle.argtypes = [ctypes.c_void_p]
        manager = api.OpenSCManagerW(None, None, _CONNECT)
        if not manager:
            raise ctypes.WinError(ctypes.get_last_error())
        service = api.OpenServiceW(manager, name, _CHANGE | _START)
        try:
            if not service:
                raise ctypes.WinError(ctypes.get_last_error())
            actions = (_Action * len(restarts))(*(_Action(_RESTART, delay) for delay in restarts))
            wanted: tuple[tuple[int, Any], ...] = (
                (_FAILURE_ACTIONS, _Actions(reset_seconds, None, None, len(restarts), actions)),
                (_DELAYED, wintypes.BOOL(True)),
                (_PRESHUTDOWN, wintypes.DWORD(end_milliseconds)),
            )
            for what, value in wanted:
                if not api.ChangeServiceConfig2W(service, what, ctypes.byref(value)):
                    code = ctypes.get_last_error()
                    if code != _INVALID_LEVEL:  # Wine knows no restarts; Windows has all three since 2008
                        raise ctypes.WinError(code)
        finally:
            if service:
                api.CloseServiceHandle(service)
            api.CloseServiceHandle(manager)
