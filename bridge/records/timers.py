"""For which call the running code works, and how long its upstreams have taken, whoever asks for it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import NamedTuple, Protocol


class Asked(Protocol):
    """A request as its upstream gets it."""

    @property
    def method(self) -> str: ...

    @property
    def path(self) -> str: ...


class Sent(NamedTuple):
    """One request that a call made: of which upstream, what was asked, how long the answer took."""

    upstream: str
    method: str
    path: str
    seconds: float


class UpstreamTimer:
    """Seconds spent waiting for upstreams since :meth:`start`, in this task and those it begins. ``call``:
    the number of the call that is measured, 0 when it has ended. ``sent``: its requests, where somebody
    watches.
    """

    __slots__ = ("call", "seconds", "sent")

    def __init__(self, call: int, watched: bool = False) -> None:
        self.call = call
        self.seconds = 0.0
        self.sent: list[Sent] | None = [] if watched else None

    @classmethod
    def start(cls, call: int, watched: bool = False) -> UpstreamTimer:
        """A new timer for a call, which counts from now on in place of any other. ``watched``: it keeps what
        was sent, too.
        """
        timer = cls(call, watched)
        _current.set(timer)
        return timer

    def end(self) -> None:
        """The call has ended: what is logged from now on is not about it."""
        self.call = 0


_current: ContextVar[UpstreamTimer | None] = ContextVar("timer", default=None)


def add_seconds(seconds: float, upstream: str = "", asked: Asked | None = None) -> None:
    """Count the time of one request, where a call is measured."""
    timer = _current.get()
    if timer is not None:
        timer.seconds += seconds
        if timer.sent is not None and asked is not None:
            path = asked.path.partition("?")[0]  # behind it a person may stand
            timer.sent.append(Sent(upstream, asked.method, path, seconds))


def current_call() -> int:
    """The number of the call that the running code works for, as its line in the log has it; 0 for none."""
    timer = _current.get()
    return 0 if timer is None else timer.call
