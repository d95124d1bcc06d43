"""How long the upstreams of one call have taken, whoever asks them on its behalf."""

from __future__ import annotations

from contextvars import ContextVar


class Meter:
    """Seconds spent waiting for upstreams since :meth:`start`, in this task and those it begins."""

    __slots__ = ("seconds",)

    def __init__(self) -> None:
        self.seconds = 0.0

    @classmethod
    def start(cls) -> Meter:
        """A new meter, which counts from now on in place of any other."""
        meter = cls()
        _current.set(meter)
        return meter


_current: ContextVar[Meter | None] = ContextVar("meter", default=None)


def add_seconds(seconds: float) -> None:
    """Count the time of one request, where a call is measured."""
    meter = _current.get()
    if meter is not None:
        meter.seconds += seconds
