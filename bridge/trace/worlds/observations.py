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
    return Observation(
        call.process,
        call.number,
        at,
        at + call.answer.microseconds / 1e6,
        call.function,
        call.door != "vhc",
        told,
    )
