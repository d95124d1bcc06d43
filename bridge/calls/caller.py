"""Who makes a call: which program, and whether it still waits for the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _waits() -> str:
    return ""


@dataclass(frozen=True, slots=True, eq=False)
class Caller:
    """One call's caller.

    ``program`` is the same text for all calls of one program, whatever thread or connection they come by, and
    another one for any other program that lives; "" where a door cannot tell programs apart. ``gone`` says
    why nobody waits for the answer any more, in words for the log; "" while somebody does. It asks nobody and
    takes no time.
    """

    program: str = ""
    gone: Callable[[], str] = _waits


UNKNOWN_CALLER = Caller()
