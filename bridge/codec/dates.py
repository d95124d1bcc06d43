"""ROC (民國) dates and times: yyyMMdd (7 digits, 0920315 is 2003-03-15) and yyyMMddHHmmss (13 digits)."""

from __future__ import annotations

import re
from datetime import date, datetime

from bridge.words import said

ROC_OFFSET = 1911
_WESTERN = re.compile(
    r"^(\d{4})-?(\d\d)-?(\d\d)(?:[T ]?(\d\d):?(\d\d):?(\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?$",
    re.ASCII,  # code page 950 has full-width digits, which \d would take too
)


_ROC_DATE = re.compile(r"[0-9]{6,7}|[0-9]{13}")
_ROC_DATETIME = re.compile(r"[0-9]{13}")


def roc_date(text: str) -> str:
    """A date as 7 ROC digits, "" for an absent one.

    In: 7 ROC digits (6 are padded on the left), or a western yyyyMMdd / yyyy-MM-dd, or the date part of a
    date-time.
    Raises ValueError for anything else, and for a day that does not exist.
    """
    value = text.strip()
    if not value:
        return ""
    if len(value) == 7 and value.isascii() and value.isdigit():  # nearly always
        date(int(value[:3]) + ROC_OFFSET, int(value[3:5]), int(value[5:]))
        return value
    if _ROC_DATE.fullmatch(value):
        value = value.zfill(7)[:7]
        _check_day(int(value[:3]) + ROC_OFFSET, value[3:5], value[5:7])
        return value
    year, month, day, *_ = _western_parts(value)
    _check_day(int(year), month, day)
    return f"{int(year) - ROC_OFFSET:03d}{month}{day}"


def roc_datetime(text: str) -> str:
    """A date-time as 13 ROC digits, "" for an absent one.

    In: 13 ROC digits, 14 western digits, or ISO 8601 local time (an offset, if any, is taken as already
    local: the insurer's times are Taiwan times). Raises ValueError for anything else.
    """
    value = text.strip()
    if not value:
        return ""
    if _ROC_DATETIME.fullmatch(value):
        _check_day(int(value[:3]) + ROC_OFFSET, value[3:5], value[5:7])
        _check_time(value[7:9], value[9:11], value[11:13])
        return value
    year, month, day, hour, minute, second = _western_parts(value)
    if hour is None:
        raise ValueError(said("no time of day in a date-time of {count} characters", count=len(value)))
    _check_day(int(year), month, day)
    _check_time(hour, minute, second)
    return f"{int(year) - ROC_OFFSET:03d}{month}{day}{hour}{minute}{second}"


def western_date(text: str) -> str:
    """A ROC date (7 digits) as western yyyy-MM-dd. Raises ValueError."""
    value = roc_date(text)
    return date(int(value[:3]) + ROC_OFFSET, int(value[3:5]), int(value[5:7])).isoformat()


def _western_parts(value: str) -> tuple[str, ...]:
    match = _WESTERN.match(value)
    if match is None or int(match[1]) < ROC_OFFSET + 1:
        raise ValueError(said("neither a ROC nor a western date: {count} characters", count=len(value)))
    return match.groups()


def _check_day(year: int, month: str, day: str) -> None:
    date(year, int(month), int(day))


def _check_time(hour: str, minute: str, second: str) -> None:
    datetime(2000, 1, 1, int(hour), int(minute), int(second))
