"""Ends a process of ours from another one: cleanly by a signal, on Windows by a named event; or at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bridge.serving.service import session_of

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    from bridge.windows.processes import end_process

    _SYNCHRONIZE, _MODIFY_STATE = 0x0010_0000, 0x0002
    _FOREVER = 0xFFFF_FFFF

    @contextmanager
    def on_stop_event(stop: Callable[[], object]) -> Iterator[None]:
        """Until the end of the with statement ``stop`` is called, in a thread of its own, when a process
        asks for it by :func:`ask_to_stop`.
        """
        kernel = _kernel()
        event = kernel.CreateEventW(None, True, False, _name(os.getpid()))
        if not event:
            yield  # it can still be ended by its console window
            return
        over = threading.Event()

        def wait() -> None:
            kernel.WaitForSingleObject(event, _FOREVER)
            if not over.is_set():
                stop()

        waiting = threading.Thread(target=wait, name="stop event", daemon=True)
        waiting.start()
        try:
            yield
        finally:
            over.set()
            kernel.SetEvent(event)
            waiting.join()
            kernel.CloseHandle(event)

    def ask_to_stop(pid: int) -> None:
        """Ask a process that waits by :func:`on_stop_event` to end. It takes its time for that.

        One in another session of Windows can only be asked by Windows itself, such as when an installation is
        removed. Raises OSError where there is no such process, or it belongs to somebody else.
        """
        kernel = _kernel()
        access = _SYNCHRONIZE | _MODIFY_STATE
        event = kernel.OpenEventW(access, False, _name(pid))
        if not event and (session := session_of(pid)) is not None:
            event = kernel.OpenEventW(access, False, _name(pid, rf"Session\{session}"))
        if not event:
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            if not kernel.SetEvent(event):
                raise ctypes.WinError(ctypes.get_last_error())
        finally:
            kernel.CloseHandle(event)

    def end_at_once(pid: int) -> None:
        """End a process that does not take a request. It is not started again by what watches over it
        (native/launcher/supervise.c), which takes 0 for an end on request. Raises OSError.
        """
        end_process(pid, 0)

    def _kernel() -> ctypes.WinDLL:
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateEventW.restype = kernel.OpenEventW.restype = wintypes.HANDLE
        kernel.SetEvent.argtypes = kernel.CloseHandle.argtypes = [wintypes.HANDLE]
        kernel.WaitForSingleObject.argtypes = [wintypes.HANDLE, wintypes.DWORD]
        return kernel

    def _name(pid: int, place: str = "Local") -> str:
        """Seen in one session of Windows alone; other users may not open it, by Windows' default rights."""
        return rf"{place}\cshis-bridge-stop-{pid}"

else:

    @contextmanager
    def on_stop_event(stop: Callable[[], object]) -> Iterator[None]:
        """Nothing: SIGTERM does it."""
        yield

    def ask_to_stop(pid: int) -> None:
        """Ask a process to end. Raises OSError where there is none, or it belongs to somebody else."""
        os.kill(pid, signal.SIGTERM)

    def end_at_once(pid: int) -> None:
        """End a process that does not take a request. Raises OSError."""
        os.kill(pid, signal.SIGKILL)
