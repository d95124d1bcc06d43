"""ROC dates and times."""

from __future__ import annotations

import calendar
import sys
import time
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.codec.dates import roc_date, roc_datetime, western_date

DAYS = st.dates(date(1912, 1, 1), date(2910, 12, 31))
WITHOUT_MIDNIGHT = (
    ["1937-10-01", "1946-05-15", "1947-04-15", "1952-03-01", "1960-06-01", "1961-06-01", "1979-07-01"]
    + [f"{year}-05-01" for year in range(1948, 1952)]
    + [f"{year}-04-01" for year in (*range(1953, 1960), 1974, 1975)]
)
MOMENTS = st.datetimes(datetime(1912, 1, 1), datetime(2910, 12, 31, 23, 59, 59)).map(
    lambda moment: moment.replace(microsecond=0)
)


def _roc(day: date) -> str:
    return f"{day.year - 1911:03d}{day.month:02d}{day.day:02d}"


@pytest.mark.parametrize(
    ("given_text", "roc"),
    [
        ("0920315", "0920315"),
        ("920315", "0920315"),
        (" 0920315 ", "0920315"),
        ("0920315093000", "0920315"),
        ("20030315", "0920315"),
        ("2003-03-15", "0920315"),
        ("2003-03-15T09:30:00", "0920315"),
        ("2003-03-15T09:30:00.123+08:00", "0920315"),
        ("1130229", "1130229"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_dates_of_every_spelling(given_text: str, roc: str) -> None:
    assert roc_date(given_text) == roc


@pytest.mark.parametrize(
    "text",
    [
        "1120229", "1121301", "1120100", "0000101x", "12345", "12345678901", "2003/03/15", "2003-3-15",
        "1900-01-01", "2023-02-29", "20230431", "2023-13-01", "abcdefg", "０９２０３１５", "-920315",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        roc_date(text)


@pytest.mark.parametrize(
    ("given_text", "roc"),
    [
        ("1121105093000", "1121105093000"),
        ("20231105093000", "1121105093000"),
        ("2023-11-05T09:30:00", "1121105093000"),
        ("2023-11-05 09:30:00.5", "1121105093000"),
        ("2023-11-05T09:30:00+08:00", "1121105093000"),
        ("2023-11-05T09:30:00Z", "1121105093000"),
        ("", ""),
    ],
)
def test_date_times_of_every_spelling(given_text: str, roc: str) -> None:
    assert roc_datetime(given_text) == roc


@pytest.mark.parametrize(
    "text",
    [
        "1121105", "20231105", "2023-11-05", "1121105240000", "1121105096000", "1121105093060",
        "1121305093000", "112110509300",
        "2023-02-29T09:30:00", "20230431093000", "2023-11-05T24:00:00", "11211050930000",
        "１１２１１０５０９３０００",
    ],
)  # fmt: skip
def test_what_is_no_date_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        roc_datetime(text)


@given(DAYS)
def test_law_a_date_has_one_roc_form_and_comes_back(day: date) -> None:
    roc = _roc(day)
    assert roc_date(roc) == roc_date(day.isoformat()) == roc_date(f"{day:%Y%m%d}".zfill(8)) == roc
    assert western_date(roc) == day.isoformat()


@given(MOMENTS)
def test_law_a_date_time_has_one_roc_form(moment: datetime) -> None:
    roc = _roc(moment) + moment.strftime("%H%M%S")
    assert roc_datetime(roc) == roc_datetime(moment.isoformat()) == roc
    assert len(roc) == 13


@pytest.mark.parametrize("year", range(1, 200))
def test_the_29th_of_february_is_there_in_leap_years_alone(year: int) -> None:
    leap, then = f"{year:03d}0229", f"{year + 1911}-02-29"
    if calendar.isleap(year + 1911):
        assert roc_date(leap) == roc_date(then) == leap
        assert roc_datetime(f"{leap}235959") == roc_datetime(f"{then}T23:59:59") == f"{leap}235959"
        assert western_date(leap) == then
        return
    for text in (leap, then, f"{leap}235959"):
        with pytest.raises(ValueError, match=r"."):
            roc_date(text)


@pytest.mark.parametrize(
    ("first_or_last", "western"),
    [
        ("0010101", "1912-01-01"),
        ("0991231", "2010-12-31"),
        ("1000101", "2011-01-01"),
        ("1991231", "2110-12-31"),
    ],
)
def test_the_ends_of_years_with_one_two_and_three_digits(first_or_last: str, western: str) -> None:
    assert roc_date(first_or_last) == roc_date(western) == first_or_last
    assert roc_date(first_or_last.removeprefix("0")) == first_or_last
    assert western_date(first_or_last) == western


def test_nothing_but_its_own_digits_is_made_of_a_day_before_the_first_year() -> None:
    for text in ("1911-12-31", "19111231", "1911-12-31T00:00:00", "-010101", "-0010101", "民前1年1月1日"):
        with pytest.raises(ValueError, match=r"."):
            roc_date(text)
    assert roc_date("0001231") == "0001231"  # however the insurer means it, the program gets it


@given(st.text(max_size=20))
def test_law_any_text_is_a_date_of_seven_ascii_digits_or_absent_or_refused(text: str) -> None:
    try:
        roc = roc_date(text)
    except ValueError:
        return
    assert roc == "" or (len(roc) == 7 and roc.isascii() and roc.isdigit())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no tzset")
@pytest.mark.parametrize("western", WITHOUT_MIDNIGHT)
def test_birthdays_that_have_no_midnight_in_taiwan(western: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Summer time began at 0 o'clock then (tzdata, Asia/Taipei): a moment would be an hour or a day off."""
    year, month, day = western.split("-")
    roc = f"{int(year) - 1911:03d}{month}{day}"
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Taipei")
        time.tzset()
        try:
            assert [roc_date(text) for text in (roc, western, f"{western}T00:00:00+08:00")] == [roc] * 3
            assert western_date(roc) == western
            assert roc_datetime(f"{western}T00:00:00") == f"{roc}000000"
        finally:
            patched.undo()
            time.tzset()


def test_refusals_do_not_repeat_the_text() -> None:
    for convert in (roc_date, roc_datetime):
        with pytest.raises(ValueError, match="characters") as caught:
            convert("A123456789")
        assert "A123456789" not in str(caught.value)
