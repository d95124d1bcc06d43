"""What ends a process on request: SIGTERM, Ctrl-C, a terminal that is closed, ``cshis-bridge stop``."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from bridge.serving.stop_event import on_stop_event


@contextmanager
def on_stop(stop: Callable[[], Any]) -> Iterator[None]:
    """Until the end of the with statement the first such signal calls ``stop`` in the running loop; further
    ones change nothing. A signal that the process was started to ignore (``nohup``) stays ignored.
    """
    from asyncio import get_running_loop  # commands without a loop do without it

    loop = get_running_loop()
    seen = False

    def once() -> None:
        nonlocal seen
        if not seen:
            seen = True
            stop()

    before = {number: signal.getsignal(number) for number in _signals()}
    for number in before:
        try:
            loop.add_signal_handler(number, once)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(once))
    try:
        with on_stop_event(lambda: loop.call_soon_threadsafe(once)):
            yield
    finally:
        for number, handler in before.items():
            with suppress(NotImplementedError):  # Windows
                loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


@contextmanager
def interrupting() -> Iterator[None]:
    """The same for a process without an event loop: until the end of the with statement the first such signal
    raises KeyboardInterrupt in it; further ones change nothing.
    """
    seen = False

    def once(*_: object) -> None:
        nonlocal seen
        if not seen:
            seen = True
            raise KeyboardInterrupt

    before = {number: signal.signal(number, once) for number in _signals()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _signals() -> list[signal.Signals]:
    if threading.current_thread() is not threading.main_thread():
        return []  # of a worker of a cluster: whoever owns the process hears them
    if sys.platform == "win32":
        return [signal.SIGTERM, signal.SIGINT, signal.SIGBREAK]  # the last: the console window is closed
    wanted = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    return [number for number in wanted if signal.getsignal(number) is not signal.SIG_IGN]
