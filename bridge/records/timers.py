"""For which call the running code works, and how long its upstreams have taken, whoever asks for it."""

from __future__ import annotations

from contextvars import ContextVar


class UpstreamTimer:
    """Seconds spent waiting for upstreams since :meth:`start`, in this task and those it begins. ``call``:
    the number of the call that is measured, 0 when it has ended.
    """

    __slots__ = ("call", "seconds")

    def __init__(self, call: int) -> None:
        self.call = call
        self.seconds = 0.0

    @classmethod
    def start(cls, call: int) -> UpstreamTimer:
        """A new timer for a call, which counts from now on in place of any other."""
        timer = cls(call)
        _current.set(timer)
        return timer

    def end(self) -> None:
        """The call has ended: what is logged from now on is not about it."""
        self.call = 0


_current: ContextVar[UpstreamTimer | None] = ContextVar("timer", default=None)


def add_seconds(seconds: float) -> None:
    """Count the time of one request, where a call is measured."""
    timer = _current.get()
    if timer is not None:
        timer.seconds += seconds


def current_call() -> int:
    """The number of the call that the running code works for, as its line in the log has it; 0 for none."""
    timer = _current.get()
    return 0 if timer is None else timer.call
