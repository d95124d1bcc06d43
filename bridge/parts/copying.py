"""Processes that begin as copies of this one, with all that it has loaded: they cost hardly anything."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

from bridge.parts.pipe import End

Serve = Callable[[End], None]


def copy_of_this(serve: Serve, pipe: End) -> BaseProcess | None:
    """A process that serves a pipe, begun as a copy of this one; ``serve`` is what it does first.

    None where that is not safe: Windows has no copies, libraries of macOS do not work in one, and a lock that
    another thread holds is never opened in one.
    """
    if sys.platform == "linux" and threading.active_count() == 1:
        process = multiprocessing.get_context("fork").Process(target=_begin, args=(serve, pipe), daemon=True)
        with _signals_wait():
            process.start()
        return process
    return None


if sys.platform == "linux":
    _ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    @contextmanager
    def _signals_wait() -> Iterator[None]:
        """A signal is for who hears it here: not for the copy, which has this process's handlers at first."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _begin(serve: Serve, pipe: End) -> None:
        """In the copy: signals do what they do in any new process."""
        for number in _ENDING:
            if callable(signal.getsignal(number)):  # what nohup has had ignored stays so
                signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that was started
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        serve(pipe)
