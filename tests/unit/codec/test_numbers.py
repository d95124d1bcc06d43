"""Fees, counts and quantities."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.codec.numbers import digits, plain_number, plain_quantity, quantity_digits


@pytest.mark.parametrize(
    ("text", "width", "result"),
    [
        ("1250", 8, "00001250"),
        ("1250    ", 8, "00001250"),
        ("00001250", 8, "00001250"),
        ("000000001250", 8, "00001250"),
        ("450.0", 8, "00000450"),
        ("450.00", 8, "00000450"),
        ("", 8, "00000000"),
        ("   ", 2, "00"),
        ("0", 1, "0"),
        ("99", 2, "99"),
    ],
)
def test_whole_numbers_fill_their_field(text: str, width: int, result: str) -> None:
    assert digits(text, width) == result


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("100", 2),
        ("-1", 8),
        ("1.5", 8),
        ("1e3", 8),
        ("+5", 8),
        ("1,250", 8),
        ("x", 8),
        (".0", 8),
        ("１２", 8),
    ],
)
def test_a_number_that_does_not_fit_is_refused(text: str, width: int) -> None:
    with pytest.raises(ValueError, match="number"):
        digits(text, width)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1250    ", "1250"),
        ("00001250", "1250"),
        ("", "0"),
        ("        ", "0"),
        ("0000000", "0"),
        (" 50", "50"),
    ],
)
def test_what_callers_type_becomes_a_plain_number(text: str, plain: str) -> None:
    assert plain_number(text) == plain


@pytest.mark.parametrize("text", ["12a", "1 2", "-5", "1.5", "$10", "１２"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        plain_number(text)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("12.00", "0001200"),
        ("12.0", "0001200"),
        ("12", "0001200"),
        ("12.", "0001200"),
        (".5", "0000050"),
        ("12345.25", "1234525"),
        ("99999.99", "9999999"),
        ("1.500", "0000150"),
        ("", "0000000"),
    ],
)
def test_quantities_of_the_cloud_have_two_implied_decimals(text: str, result: str) -> None:
    assert quantity_digits(text) == result


@pytest.mark.parametrize("text", ["100000", "100000.00", "1.005", "-1", "1e2", "abc", ".", "1.2.3", "１２"])
def test_a_quantity_that_cannot_be_written_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|decimals"):
        quantity_digits(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1234525", "12345.25"),  # seed 002
        ("0001200", "12.00"),
        ("00010.5", "10.50"),
        ("12.5   ", "12.50"),
        ("9      ", "9.00"),  # as a genuine VB6 program types it
        ("9", "9.00"),
        ("000009", "9.00"),
        (".25", "0.25"),
        ("12.", "12.00"),
        ("       ", "0.00"),
        ("", "0.00"),
    ],
)
def test_quantities_as_callers_write_them(text: str, plain: str) -> None:
    assert plain_quantity(text) == plain


@pytest.mark.parametrize("text", ["12x", "1.005", "-1", "1 2", ".", "１２３４５２５", "1,5"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"quantity|decimals"):
        plain_quantity(text)


@given(st.integers(0, 10**10), st.integers(1, 10))
def test_law_a_number_keeps_its_value_and_its_width_or_is_refused(number: int, width: int) -> None:
    if number >= 10**width:
        with pytest.raises(ValueError, match="digits"):
            digits(str(number), width)
        return
    result = digits(str(number), width)
    assert len(result) == width
    assert int(result) == number
    assert plain_number(result) == str(number)


@given(st.decimals(0, Decimal("99999.99"), places=2))
def test_law_a_quantity_survives_the_way_out_and_back(quantity: Decimal) -> None:
    out = quantity_digits(str(quantity))
    assert len(out) == 7
    assert Decimal(out) / 100 == quantity
    assert Decimal(plain_quantity(out)) == quantity


@given(st.text(max_size=12), st.integers(1, 10))
def test_law_any_text_becomes_ascii_digits_of_the_width_or_is_refused(text: str, width: int) -> None:
    for convert, expected in ((lambda t: digits(t, width), width), (quantity_digits, 7)):
        try:
            result = convert(text)
        except ValueError:
            continue
        assert len(result) == expected
        assert result.isascii()
        assert result.isdigit()
