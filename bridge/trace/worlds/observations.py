"""One call of a trace: where it stands, and what its content tells of the world."""

from __future__ import annotations

from typing import NamedTuple

from bridge.trace.format import TracedCall
from bridge.trace.worlds.told import Told


class Observation(NamedTuple):
    """A call without its bytes. ``at``, ``ended``: seconds since 1970; ``physical``: whether it is about the
    cards in the reader, not about a virtual one.
    """

    process: int
    number: int
    at: float
    ended: float
    function: str
    physical: bool
    told: Told


def observed(call: TracedCall, told: Told) -> Observation:
    """A call and what it tells."""
    at = call.at.timestamp()
    ended = at + call.answer.microseconds / 1e6
    # by place: by name it would take twice as long, and a hospital's trace has millions
    return Observation(call.process, call.number, at, ended, call.function, call.door != "vhc", told)
