"""What a trace shows on a card and nobody in it did: it happened at another work place or hospital.

It can only have happened in a pause, while no call here was about the card. The pause before the call that
shows it is taken, or the visit's own time where that lies between the two reads. What differs without a pause
is no news, but a contradiction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import floor
from typing import Any, NamedTuple

from bridge.codec.dates import ROC_OFFSET
from bridge.trace.worlds.rows import Row
from bridge.trace.worlds.values import TAIPEI

PAUSE = 5.0  # seconds that a person needs at least to carry a card to another reader and back
EARLY = 2  # seconds before the call that shows it: the clock of a replay may be one behind
# What another work place can change of a card; visits left and validity by an update of the card.
COMES = frozenset(
    ("counter", "valid_until", "emergency_tel", "newborn_birthday", "newborn_baby", "organ_donation")
)
DAY_OF = {
    "visits": "at",
    "prescriptions": "at",
    "critical_illnesses": "",
    "allergic_medicines": "",
    "totals": "",
}
MOST_SHOWN = 6  # visits that a record has room for
EMPTY = ("", "0")


class Presence:
    """When calls of the trace were about a card. ``ended``: when the last of them had; ``pauses``: how many
    long enough there were; ``until``, ``used``: when the last of those was over, and how many visit numbers
    the trace had used by then. Times are seconds since 1970.
    """

    __slots__ = ("ended", "pauses", "until", "used")

    def __init__(self) -> None:
        self.ended = float("inf")
        self.pauses = self.used = 0
        self.until = 0.0

    def pause(self, until: float, used: int) -> None:
        """Another pause is over."""
        self.pauses += 1
        self.until, self.used = until, used

    @property
    def moment(self) -> str:
        """The end of the last pause, when everything had come that happened in it."""
        return roc(floor(self.until) - EARLY)


class Came(NamedTuple):
    """Another value of a fact, since a moment. ``before``: the one before. ``pauses``: which pause it was;
    ``since``: which had been the last one when the one before was seen.
    """

    moment: str
    before: Any
    pauses: int
    since: int


class Fill(NamedTuple):
    """What a row that was there has had since a moment. ``shown``: the same as the card had it then."""

    moment: str
    row: Row
    shown: Row


def roc(at: float) -> str:
    """A moment (seconds since 1970) as 13 ROC digits."""
    local = datetime.fromtimestamp(at, TAIPEI)
    return f"{local.year - ROC_OFFSET:03d}{local:%m%d%H%M%S}"


def day_of(name: str) -> str:
    """The key by which the rows of a list are in order, "" for none."""
    return DAY_OF.get(name, "date")


def is_recent(name: str, row: Row, since: float, until: float) -> bool:
    """Whether a row is of a day from the one moment to the other, as far as it tells."""
    key = day_of(name)
    return not key or roc(since)[:7] <= row.get(key, "")[:7] <= roc(until)[:7]


def moment_of(name: str, row: Row, since: float, presence: Presence) -> str:
    """When a row came that was not there at ``since``: in its own time, else at the end of the pause."""
    latest = presence.moment
    own = row.get("at", "") if name in ("visits", "prescriptions") else ""
    return own if own and roc(since + EARLY) <= own <= latest else latest


def uses_numbers(rows: Iterable[Row]) -> int:
    """How many of these visits may have used up one of the visits left."""
    return sum(1 for row in rows if not row.get("item") or row["item"].isdigit())
