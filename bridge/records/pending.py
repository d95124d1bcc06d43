"""The changes in the journal that nobody knows the end of, described for people.

How long one is under way comes from the machine's own clock, which nobody can set and which begins anew with
the machine: whatever happens to the time of day, none counts as under way for longer than a call may last.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import psutil

from bridge.records.journal_view import Change
from bridge.words import said

LONGEST_CALL = 130.0  # seconds; call_deadline is at most 115
CUT_OFF = said(
    "The bridge ended before the answer came: look in the cloud whether the request was carried out before "
    "it is done again."
)
UNDER_WAY = said("The answer is still awaited: look again in two minutes.")

Kind = Literal["ambiguous", "cut-off", "under-way"]


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A change that did not end clearly, or has not ended yet (``under-way``). ``at``: seconds since 1970."""

    id: int
    at: float
    function: str
    title: str
    path: str
    state: Kind
    advice: str

    @property
    def needs_a_person(self) -> bool:
        return self.state != "under-way"


def pending_changes(changes: Iterable[Change], title_of: Callable[[str], str]) -> list[PendingChange]:
    """The changes as people need them, in the same order. ``title_of``: a function's or service's title."""
    return [_told(change, title_of(change.function)) for change in changes]


def _told(change: Change, title: str) -> PendingChange:
    state, advice = _state(change)
    return PendingChange(change.id, change.at, change.function, title, change.path, state, advice)


def _state(change: Change) -> tuple[Kind, str]:
    if change.state != "begun":
        return "ambiguous", change.advice
    if _began_just_now(change) and change.pid and psutil.pid_exists(change.pid):
        return "under-way", UNDER_WAY
    return "cut-off", CUT_OFF


def _began_just_now(change: Change) -> bool:
    """Whether it may still be under way. One of before a restart of the machine has a later time, or is taken
    for one under way for two minutes at most.
    """
    return change.uptime is not None and 0 <= time.monotonic() - change.uptime < LONGEST_CALL
