"""Converters of what clients send: birth dates (ngày sinh) as Vietnamese programs write them, into the
dd/MM/yyyy of the portal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

OLDEST_YEAR, NEWEST_YEAR = 1900, 2099
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})", re.ASCII)
_EIGHT_DIGITS = re.compile(r"\d{8}", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
# Programs that print a date-time: 05/03/1994 00:00:00, 5/3/1994 12:00:00 AM, 1994-03-05T00:00:00
_TIME = re.compile(r"[T ]\d{1,2}:\d\d(:\d\d(\.\d+)?)?( ?[AaPp][Mm])?(Z|[+-]\d\d:?\d\d)?$", re.ASCII)


def birth_date(text: str) -> str:
    """A birth date as dd/MM/yyyy, or a bare year as it is (many older cards bear no more).

    In: a year; day, month, year or year, month, day with ``/``, ``-`` or ``.`` between, with or without
    leading zeros; 8 digits ddMMyyyy (example of seed 004) or yyyyMMdd; blanks around it and a time of day
    behind it do not count. Years 1900 to 2099: with them no 8 digits can be read both ways. Raises ValueError
    for anything else, and for a day that does not exist.
    """
    value = _TIME.sub("", text.strip(" \t\r\n\0"))
    if _YEAR.fullmatch(value):
        _check_year(int(value))
        return value
    if _EIGHT_DIGITS.fullmatch(value):
        return _of_eight_digits(value)
    if match := _DAY_FIRST.fullmatch(value):
        return _written(match[3], match[2], match[1])
    if match := _YEAR_FIRST.fullmatch(value):
        return _written(match[1], match[2], match[3])
    raise ValueError(f"not a birth date: {len(value)} characters")


def _of_eight_digits(value: str) -> str:
    if int(value[4:]) >= OLDEST_YEAR:  # MMdd is 1231 at most
        return _written(value[4:], value[2:4], value[:2])
    return _written(value[:4], value[4:6], value[6:])


def _written(year: str, month: str, day: str) -> str:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError as error:
        raise ValueError("not a birth date: there is no such day") from error
    _check_year(found.year)
    return f"{found.day:02d}/{found.month:02d}/{found.year:04d}"


def _check_year(year: int) -> None:
    if not OLDEST_YEAR <= year <= NEWEST_YEAR:
        raise ValueError(f"not a birth date: no year from {OLDEST_YEAR} to {NEWEST_YEAR}")


FIELD_CONVERTERS: Mapping[str, Callable[[str], str]] = {"birth_date": birth_date}
