"""Fees, counts and quantities: digits of a fixed width on the legacy side, decimal text on the cloud's."""

from __future__ import annotations

import re
from decimal import Decimal

from bridge.words import said

INT16 = range(-32768, 32768)  # legacy codes and numbers: callers read them as 16 bits with a sign

# ASCII: code page 950 has full-width digits, which \d would take too
_WHOLE = re.compile(r"^\d+(?:\.0+)?$", re.ASCII)
_DECIMAL = re.compile(r"^\d+(?:\.\d*)?$|^\.\d+$", re.ASCII)


def digits(text: str, width: int) -> str:
    """A whole number as exactly ``width`` digits, zero-padded on the left; an absent one ("") as zeros.

    Raises ValueError when it is not a whole number or needs more digits.
    """
    value = text.strip()
    if not value:
        return "0" * width
    if not _WHOLE.match(value):
        raise ValueError(said("not a whole number"))
    number = value.split(".")[0].lstrip("0").rjust(1, "0")
    if len(number) > width:
        raise ValueError(
            said("number of {count} digits in a field of {width}", count=len(number), width=width)
        )
    return number.zfill(width)


def plain_number(text: str) -> str:
    """A number as a caller wrote it ("1250    ", "00001250", "") as plain digits ("1250", "1250", "0").

    Raises ValueError when it is neither blank nor digits.
    """
    return str(int(digits(text, 32)))


def quantity_digits(text: str) -> str:
    """A total quantity of the cloud ("12.00") as 7 digits with two implied decimals ("0001200"); absent is
    zeros.

    Raises ValueError when it is no decimal number, has more than two decimals, or needs more than 7 digits.
    """
    value = text.strip()
    if not value:
        return "0" * 7
    if not _DECIMAL.match(value):
        raise ValueError(said("not a decimal number"))
    hundredths = Decimal(value) * 100
    if hundredths != hundredths.to_integral_value():
        raise ValueError(said("more than two decimals"))
    return digits(str(int(hundredths)), 7)


def plain_quantity(text: str) -> str:
    """A total quantity as a caller wrote it, as the cloud wants it ("12.00").

    In: exactly 7 digits have two implied decimals ("1234525" is 12345.25, seed 002); with a point it is what
    it says; fewer than 7 digits are a whole number; blank is 0. Raises ValueError otherwise, and for more
    than two decimals.
    """
    value = text.strip()
    if not value:
        return "0.00"
    if re.fullmatch(r"[0-9]{7}", value):
        return f"{int(value[:5])}.{value[5:]}"
    if not _DECIMAL.match(value):
        raise ValueError(said("not a quantity"))
    whole, _, decimals = value.partition(".")
    if len(decimals.rstrip("0")) > 2:
        raise ValueError(said("more than two decimals"))
    return f"{int(whole or '0')}.{decimals[:2].ljust(2, '0')}"
