"""This process as a service of Windows: its service control manager (SCM) starts it, asks it to end, and is
told how far it is.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STOP, INTERROGATE, SHUTDOWN, PRESHUTDOWN = 0x1, 0x4, 0x5, 0xF
STOPPED, STARTING, STOPPING, RUNNING = 0x1, 0x2, 0x3, 0x4
ENDS = (STOP, SHUTDOWN, PRESHUTDOWN)
TICK_SECONDS = 1.0  # how often it is told that a start or an end goes on
HINT_MILLISECONDS = 30_000  # after which it would be given up, without a further word

Report = Callable[[int, int, int, int], object]
"""Tells the SCM: state, checkpoint, milliseconds until the next word, exit code."""


class Progress:
    """What the SCM is told, and what it asks for. Pure but for its lock: ``report`` does the telling."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._lock = threading.RLock()
        self._state = STARTING
        self._checkpoint = 0
        self._stop: Callable[[], object] | None = None

    @property
    def state(self) -> int:
        return self._state

    def tick(self) -> None:
        """Say that a start or an end goes on; whoever says nothing for long is taken for hung."""
        with self._lock:
            if self._state in (STARTING, STOPPING):
                self._checkpoint += 1
                self._report(self._state, self._checkpoint, HINT_MILLISECONDS, 0)

    def runs(self) -> None:
        """All listens. Changes nothing where the end has been asked for already."""
        with self._lock:
            if self._state == STARTING:
                self._tell(RUNNING)

    def ended(self, code: int) -> None:
        """The last word; ``code`` is 0 for a clean end."""
        with self._lock:
            if self._state != STOPPED:
                self._tell(STOPPED, code)

    def control(self, number: int) -> bool:
        """What the SCM asks for. Out: whether it is one of those that are understood."""
        with self._lock:
            if number == INTERROGATE:
                return True
            if number not in ENDS:
                return False
            if self._state in (STARTING, RUNNING):
                self._tell(STOPPING)
                if self._stop is not None:
                    self._stop()
            return True

    @contextmanager
    def on_stop(self, stop: Callable[[], object]) -> Iterator[None]:
        """Until the end of the with statement ``stop`` is called when the end is asked for, from any thread;
        at once where that was before.
        """
        with self._lock:
            self._stop = stop
            if self._state == STOPPING:
                stop()
        try:
            yield
        finally:
            with self._lock:
                self._stop = None

    def _tell(self, state: int, code: int = 0) -> None:
        self._state, self._checkpoint = state, 0
        hint = HINT_MILLISECONDS if state in (STARTING, STOPPING) else 0
        self._report(state, 0, hint, code)


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _OWN_PROCESS = 0x10
    _ACCEPTED = 0x1 | 0x4 | 0x100  # stop, shutdown, preshutdown
    _SPECIFIC = 1066  # ERROR_SERVICE_SPECIFIC_ERROR: the code is ours
    _NOT_IMPLEMENTED = 120  # ERROR_CALL_NOT_IMPLEMENTED
    _NOT_A_SERVICE = 1063  # ERROR_FAILED_SERVICE_CONTROLLER_CONNECT
    _CONNECT_SECONDS = 30.0

    class _Status(ctypes.Structure):
        _fields_ = tuple(
            (name, wintypes.DWORD)
            for name in ("type", "state", "accepted", "exit_code", "specific", "checkpoint", "hint")
        )

    _MAIN = ctypes.WINFUNCTYPE(None, wintypes.DWORD, ctypes.c_void_p)
    _HANDLER = ctypes.WINFUNCTYPE(
        wintypes.DWORD, wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p, ctypes.c_void_p
    )

    class _Entry(ctypes.Structure):
        _fields_ = (("name", wintypes.LPWSTR), ("main", _MAIN))

    class _Connection:
        """Keeps what Windows calls alive for as long as it may be called."""

        def __init__(self, name: str) -> None:
            self.progress = Progress(self._report)
            self.fault = 0
            self.began = threading.Event()
            self.over = threading.Event()
            self._name = name
            self._handle: int | None = None
            self._api = ctypes.WinDLL("advapi32", use_last_error=True)
            self._api.StartServiceCtrlDispatcherW.argtypes = [ctypes.POINTER(_Entry)]
            self._api.RegisterServiceCtrlHandlerExW.argtypes = [wintypes.LPCWSTR, _HANDLER, ctypes.c_void_p]
            self._api.RegisterServiceCtrlHandlerExW.restype = ctypes.c_void_p
            self._api.SetServiceStatus.argtypes = [ctypes.c_void_p, ctypes.POINTER(_Status)]
            self._main, self._handler = _MAIN(self._begin), _HANDLER(self._control)
            self._table = (_Entry * 2)(_Entry(name, self._main), _Entry(None, _MAIN()))

        def dispatch(self) -> None:
            """In a thread of its own: until the service has ended, or at once where this is none."""
            if not self._api.StartServiceCtrlDispatcherW(self._table):
                self.fault = ctypes.get_last_error()
                self.began.set()

        def _begin(self, _count: int, _words: object) -> None:
            """In a thread of Windows'. The service has ended when this function has."""
            self._handle = self._api.RegisterServiceCtrlHandlerExW(self._name, self._handler, None)
            self.progress.tick()
            self.began.set()
            while not self.over.wait(TICK_SECONDS):
                self.progress.tick()

        def _control(self, number: int, _kind: int, _data: object, _context: object) -> int:
            return 0 if self.progress.control(number) else _NOT_IMPLEMENTED

        def _report(self, state: int, checkpoint: int, hint: int, code: int) -> None:
            accepted = _ACCEPTED if state == RUNNING else 0
            told = _Status(
                _OWN_PROCESS, state, accepted, _SPECIFIC if code else 0, code, checkpoint, hint
            )  # fmt: skip
            if self._handle:
                self._api.SetServiceStatus(self._handle, ctypes.byref(told))

    @contextmanager
    def as_service(name: str) -> Iterator[Progress | None]:
        """This process is the service ``name`` until the end of the with statement; None where Windows has
        not started it as one. Raises OSError where Windows refuses it otherwise.

        The end of the with statement is reported as a failure where nothing has been said before.
        """
        connection = _Connection(name)
        thread = threading.Thread(target=connection.dispatch, name="service control", daemon=True)
        thread.start()
        if not connection.began.wait(_CONNECT_SECONDS):
            raise OSError(None, f"Windows does not begin the service {name}")
        if connection.fault == _NOT_A_SERVICE:
            yield None
            return
        if connection.fault:
            raise ctypes.WinError(connection.fault)
        try:
            yield connection.progress
        finally:
            connection.progress.ended(1)
            connection.over.set()
            thread.join(TICK_SECONDS)

else:

    @contextmanager
    def as_service(name: str) -> Iterator[Progress | None]:
        """There are none on this system."""
        yield None
