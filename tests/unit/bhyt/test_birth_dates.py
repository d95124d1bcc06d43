"""Birth dates of Vietnamese programs: every way to write a day means that day, and nothing else means one."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.bhyt.converters import birth_date

DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
SEPARATORS = st.sampled_from("/-.")
TIMES = st.sampled_from(
    ["", " 00:00:00", "T00:00:00", " 12:00:00 AM", "T17:00:00.000Z", " 0:00", "T00:00:00+07:00"]
)
MESSAGE = re.compile(
    r"not a birth date: (\d+ characters|there is no such day|no year from 1900 to 2099)", re.ASCII
)
AROUND = st.sampled_from(["", " ", "\r\n", "\0"])


def made_of(text: str) -> str:
    """The date, or the message of the refusal (which must not hold what was refused: it is logged)."""
    try:
        return birth_date(text)
    except ValueError as error:
        return str(error)


@given(DAYS, SEPARATORS, TIMES, AROUND)
def test_a_day_in_any_order_and_with_any_separator_is_that_day(
    day: date, separator: str, time: str, blank: str
) -> None:
    wanted = f"{day:%d/%m/%Y}"
    parts = ([f"{day:%d}", f"{day:%m}", f"{day:%Y}"], [str(day.day), str(day.month), str(day.year)])
    for written in parts:
        assert birth_date(f"{blank}{separator.join(written)}{time}{blank}") == wanted
        assert birth_date(f"{blank}{separator.join(reversed(written))}{time}{blank}") == wanted


@given(DAYS)
def test_eight_digits_are_read_one_way_only(day: date) -> None:
    wanted = f"{day:%d/%m/%Y}"
    assert birth_date(f"{day:%d%m%Y}") == wanted
    assert birth_date(f"{day:%Y%m%d}") == wanted


@given(st.integers(1900, 2099), AROUND)
def test_a_bare_year_stays_as_it_is(year: int, blank: str) -> None:
    assert birth_date(f"{blank}{year}{blank}") == str(year)


@given(DAYS)
def test_what_was_made_is_not_changed_again(day: date) -> None:
    made = birth_date(f"{day:%Y-%m-%d}")
    assert birth_date(made) == made


@given(st.text(max_size=25) | st.from_regex(r"\A[0-9/. -]{1,14}\Z"))
def test_anything_else_is_refused_or_becomes_a_whole_date(text: str) -> None:
    made = made_of(text)
    if MESSAGE.fullmatch(made):
        return
    if len(made) == 4:
        assert made == text.strip(" \t\r\n\0")
        assert 1900 <= int(made) <= 2099
    else:
        day, month, year = made.split("/")
        assert f"{date(int(year), int(month), int(day)):%d/%m/%Y}" == made
        assert 1900 <= int(year) <= 2099


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "94", "5/3/94", "31/02/1994", "29/02/1990", "00/01/1990", "1/13/1990", "32011990"),
        *("1899", "2100", "01/01/1899", "01/01/2100", "03/1994", "19940230", "5 3 1994", "1994/5"),
        *("０５/03/1994", "05/03/1994x", "05031994 x", "1994-03-05T", "Z", "-1994", "1994.0"),
    ],
)
def test_what_is_no_birth_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a birth date"):
        birth_date(text)
