"""Numbers and times of calls as they stand in lines: compared as texts, since reading them costs more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import chain, count

HOUR = len("2026-11-25T08")
MOST_HOURS = 10_000


def texts_from(number: int) -> Iterator[bytes]:
    """Numbers as texts, from a whole number on."""
    thousand, first = divmod(number, 1000)
    return chain(_thousand(thousand)[first:], chain.from_iterable(map(_thousand, count(thousand + 1))))


@lru_cache(maxsize=4)
def _thousand(thousand: int) -> list[bytes]:
    if not thousand:
        return [b"%d" % number for number in range(1000)]
    head = b"%d" % thousand
    return (head + (b"," + head).join(_ends())).split(b",")  # faster than one by one


@lru_cache(maxsize=1)
def _ends() -> list[bytes]:
    return [b"%03d" % number for number in range(1000)]


class Times:
    """The first and the last of times such as ``2026-11-25T08:30:00.000000``, b"" before there is one. They
    are known to be written like that, and to be times but for day and hour.

    ``end_of_hour``: behind all times of the hour of ``last``. A time between the two is the new last one,
    and needs no more than that: :meth:`take` is for all others.
    """

    def __init__(self) -> None:
        self.first = self.last = self.end_of_hour = b""
        self._hours = set[bytes]()

    def take(self, time: bytes, last: bytes) -> bool:
        """Take a time, where ``last`` was the last one before. Out: whether it is one of the calendar."""
        hour = time[:HOUR]
        if hour not in self._hours and not self._is_hour(hour):
            return False
        self.last = max(time, last)
        self.end_of_hour = self.last[:HOUR] + b";"  # it stands behind the colon
        self.first = min(time, self.first or time)
        return True

    def _is_hour(self, hour: bytes) -> bool:
        try:
            datetime.fromisoformat(hour.decode())
        except ValueError:
            return False
        if len(self._hours) >= MOST_HOURS:
            self._hours.clear()
        self._hours.add(hour)
        return True

    def ends(self) -> list[datetime]:
        """The first and the last, if there are any."""
        return [moment(time) for time in (self.first, self.last) if time]


def moment(time: bytes) -> datetime:
    """A time of a line, in UTC."""
    return datetime.fromisoformat(f"{time.decode()}+00:00")
