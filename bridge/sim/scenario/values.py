"""The kinds of values that a scenario holds: texts of a certain shape, days and moments (ROC)."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bridge.sim.clock import parse_roc_date, parse_roc_datetime

LONGEST_AGO = 366 * 120  # days


class Entry(BaseModel):
    """Base of everything in a scenario: immutable, an unknown key is a fault, a number is taken as text where
    text is wanted.
    """

    # Its validators are built when a scenario is first read: then all at once.
    model_config = ConfigDict(
        frozen=True, extra="forbid", coerce_numbers_to_str=True, allow_inf_nan=False, defer_build=True
    )


def _printable(text: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
        raise ValueError("holds control characters")
    return text


def _roc_day(text: str) -> str:
    if text:
        parse_roc_date(text)
    return text


def _roc_moment(text: str) -> str:
    parse_roc_datetime(text)
    return text


FORMS: dict[str, str] = {}  # what a pattern means, for people


def shaped(pattern: str, meaning: str) -> Any:
    """A text that matches the pattern as a whole; ``meaning`` says in words what it looks like."""
    whole = f"^(?:{pattern})$"
    FORMS[whole] = meaning
    return Field(pattern=whole)


Text = Annotated[str, Field(max_length=200), AfterValidator(_printable)]
Prose = Annotated[str, Field(max_length=4000)]
RocDay = Annotated[str, AfterValidator(_roc_day)]  # yyyMMdd, or "" for none
RocMoment = Annotated[str, AfterValidator(_roc_moment)]  # yyyMMddHHmmss
DaysAgo = Annotated[int, Field(ge=-LONGEST_AGO, le=LONGEST_AGO)]
TimeOfDay = Annotated[
    str, shaped(r"([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]", "a time of day in 6 digits, hhmmss")
]
CardNumber = Annotated[str, shaped(r"[0-9]{12}", "12 digits")]
PractitionerNumber = Annotated[str, shaped(r"[0-9A-Za-z]{12,20}", "12 to 20 digits or letters")]
IdNumber = Annotated[str, shaped(r"[0-9A-Z]{10}", "10 capitals or digits")]
HospitalId = Annotated[str, shaped(r"[0-9A-Z]{10}", "10 capitals or digits")]
HcPin = Annotated[str, shaped(r"[0-9]{4,6}", "4 to 6 digits")]
HpcPin = Annotated[str, shaped(r"[0-9]{4,8}", "4 to 8 digits")]
Puk = Annotated[str, shaped(r"[0-9]{1,8}", "1 to 8 digits")]
Dollars = Annotated[str, shaped(r"[0-9]{1,10}", "1 to 10 digits")]
Sequence = Annotated[str, shaped(r"[0-9A-Z]{4}", "4 capitals or digits, such as W001")]
TreatmentNumber = Annotated[str, shaped(r"[0-9A-Za-z]{0,20}", "at most 20 letters or digits")]
Version = Annotated[int, Field(ge=1, le=1)]
