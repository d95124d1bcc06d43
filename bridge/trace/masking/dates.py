"""Dates and date-times as they stand in records, moved by days: ROC 6, 7 and 13 digits, western 8 and 14."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from bridge.codec.dates import ROC_OFFSET

_FORMS = {
    6: (re.compile(rb"([0-9]{2})([0-9]{2})([0-9]{2})()"), ROC_OFFSET),
    7: (re.compile(rb"([0-9]{3})([0-9]{2})([0-9]{2})()"), ROC_OFFSET),
    13: (re.compile(rb"([0-9]{3})([0-9]{2})([0-9]{2})([0-9]{6})"), ROC_OFFSET),
    8: (re.compile(rb"([0-9]{4})([0-9]{2})([0-9]{2})()"), 0),
    10: (re.compile(rb"([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})()"), 0),
    14: (re.compile(rb"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{6})"), 0),
}
_EARLIEST, _LATEST = date(ROC_OFFSET + 1, 1, 1), date(ROC_OFFSET + 999, 12, 31)


_DAY = {13: 7, 14: 8}  # of a date-time: so many digits are the date


def moved(text: bytes, days: int) -> bytes | None:
    """The date ``days`` later, written the same way, the time of day as it was.

    None where the text is no date of a day that exists, or where the day does not fit the form any more.
    """
    length = _DAY.get(len(text))
    if length is None or not text.isdigit():
        return _moved(text, days)
    day = _moved(text[:length], days)
    return None if day is None else day + text[length:]


@lru_cache(maxsize=10_000)  # a trace has few days
def _moved(text: bytes, days: int) -> bytes | None:
    pattern, offset = _FORMS.get(len(text), (None, 0))
    match = pattern.fullmatch(text) if pattern is not None else None
    if match is None:
        return None
    try:
        later = date(int(match[1]) + offset, int(match[2]), int(match[3])) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    year = b"%0*d" % (len(match[1]), later.year - offset)
    if not _EARLIEST <= later <= _LATEST or len(year) != len(match[1]):
        return None
    made = bytearray(text)
    made[match.start(1) : match.end(3)] = _written(text, match, year, later)
    return bytes(made)


def _written(text: bytes, match: re.Match[bytes], year: bytes, day: date) -> bytes:
    between = text[match.end(1) : match.start(2)], text[match.end(2) : match.start(3)]
    return year + between[0] + b"%02d" % day.month + between[1] + b"%02d" % day.day


def is_date(text: bytes) -> bool:
    """Whether a text is a date, or a date-time, of a day that exists."""
    return moved(text, 0) is not None
