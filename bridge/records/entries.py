"""What stands in the journal: finished calls, and changes of state with how they ended."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

State = Literal["begun", "done", "failed", "ambiguous"]


class FinishedCall(NamedTuple):
    """A call that has ended; ``at`` is in seconds since 1970."""

    at: float
    door: str
    function: str
    code: int
    milliseconds: float


class End(NamedTuple):
    """How a change has ended, so far as that is known."""

    state: State
    advice: str = ""
    receipt: str = ""

    @property
    def unclear(self) -> bool:
        return self.state in ("begun", "ambiguous")


NOT_YET = End("begun")


def _running() -> Future[int | None]:
    """Whoever waits for it may give up; it is set all the same."""
    future: Future[int | None] = Future()
    future.set_running_or_notify_cancel()
    return future


@dataclass(eq=False, slots=True)
class Entry:
    """One change of state. ``at``: seconds since 1970; ``uptime``: seconds of the machine's own clock, which
    nobody can set.

    ``written``: its number in the file, once it is safe there; None where it could not be written.
    ``number``, in the file of that ``generation``, is the one of now: the entry may get into a file later.
    """

    function: str
    path: str
    client_random: str
    at: float = field(default_factory=time.time)
    uptime: float = field(default_factory=time.monotonic)
    end: End = NOT_YET
    number: int | None = None
    generation: int = 0
    written: Future[int | None] = field(default_factory=_running)

    def settle(self) -> None:
        """Tell whoever waits for it that the file has it, or has not."""
        if not self.written.done():
            self.written.set_result(self.number)


@dataclass(frozen=True, slots=True)
class Pending:
    """A change of state that a person should look at; ``at`` is in seconds since 1970."""

    id: int
    at: float
    function: str
    path: str
    client_random: str
    state: str
    advice: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side gave for a change it carried out; ``at`` is in seconds since 1970."""

    at: float
    function: str
    path: str
    receipt: str
