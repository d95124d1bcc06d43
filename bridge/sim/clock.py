"""The simulated time: Taiwan time that can be shifted, and the Republic of China (民國) date formats."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from time import time

# Taiwan has kept UTC+8 without summer time since 1980; a fixed zone needs no time-zone database on Windows.
TAIPEI = timezone(timedelta(hours=8), "Asia/Taipei")
ROC_OFFSET = 1911


class Clock:
    """Real time plus an adjustable offset.

    ``source`` gives the real time with a time zone (None: this machine's); tests pass one that stands still.
    """

    def __init__(self, source: Callable[[], datetime] | None = None) -> None:
        self._source = source
        self.offset = timedelta()

    def now(self) -> datetime:
        """Return the simulated time in Taiwan's time zone."""
        if self._source is None:  # as nearly always: each request asks several times
            return datetime.now(TAIPEI) + self.offset
        return (self._source() + self.offset).astimezone(TAIPEI)

    def seconds(self) -> float:
        """The simulated time in seconds since 1970: for what notes a moment that hardly anybody looks at."""
        real = time() if self._source is None else self._source().timestamp()
        return real + self.offset.total_seconds()

    def shift(self, seconds: float) -> None:
        """Move the simulated time by ``seconds``, forwards or (negative) backwards."""
        self.offset += timedelta(seconds=seconds)

    def copy(self) -> Clock:
        """Another clock that shows the same time."""
        other = Clock(self._source)
        other.offset = self.offset
        return other

    def set(self, moment: datetime) -> None:
        """Make this moment the simulated time, which goes on from there."""
        self.offset += moment - self.now()

    def reset(self) -> None:
        """Go back to the real time."""
        self.offset = timedelta()


def moment_of(seconds: float) -> datetime:
    """The moment of so many seconds since 1970, in Taiwan's time zone."""
    return datetime.fromtimestamp(seconds, TAIPEI)


def roc_date(day: date) -> str:
    """Write a date as ROC yyyMMdd, 7 digits."""
    return f"{day.year - ROC_OFFSET:03d}{day.month:02d}{day.day:02d}"


def roc_datetime(moment: datetime) -> str:
    """Write a time as ROC yyyMMddHHmmss, 13 digits."""
    return f"{roc_date(moment)}{moment.hour:02d}{moment.minute:02d}{moment.second:02d}"


def parse_roc_date(text: str) -> date:
    """Read ROC yyyMMdd; raise ValueError for anything else."""
    if len(text) != 7 or not (text.isascii() and text.isdigit()):
        raise ValueError("not an ROC date (yyyMMdd)")
    return date(int(text[:3]) + ROC_OFFSET, int(text[3:5]), int(text[5:7]))


def parse_roc_datetime(text: str) -> datetime:
    """Read ROC yyyMMddHHmmss in Taiwan's time zone; raise ValueError for anything else."""
    if len(text) != 13 or not (text.isascii() and text.isdigit()):
        raise ValueError("not an ROC date-time (yyyMMddHHmmss)")
    day = parse_roc_date(text[:7])
    return datetime(
        day.year, day.month, day.day, int(text[7:9]), int(text[9:11]), int(text[11:13]), tzinfo=TAIPEI
    )
