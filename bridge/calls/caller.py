"""Who makes a call: which program, and whether it still waits for the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _waits() -> str:
    return ""


def _hears(unheard: Callable[[], None]) -> None:
    """The door cannot tell whether an answer arrived: it is taken to have."""


@dataclass(frozen=True, slots=True, eq=False)
class Caller:
    """One call's caller.

    ``program`` is the same text for all calls of one program, whatever thread or connection they come by, and
    another one for any other program that lives; "" where a door cannot tell programs apart. ``connection``
    is the same text for all calls of one connection, for such a door. ``gone`` says
    why nobody waits for the answer any more, in words for the log; "" while somebody does. It asks nobody and
    takes no time. ``if_unheard`` takes what is to be done should the answer that follows turn out not to have
    reached the caller; it is done once at most, and soon after the answer or never.
    """

    program: str = ""
    gone: Callable[[], str] = _waits
    if_unheard: Callable[[Callable[[], None]], None] = _hears
    connection: str = ""

    @property
    def client(self) -> str:
        """Its program, or its connection where that is not known; "" where neither is."""
        return self.program or self.connection


UNKNOWN_CALLER = Caller()
