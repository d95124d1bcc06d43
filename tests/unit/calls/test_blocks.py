"""Data blocks as programs pass them: too long, too short, in one of several forms, with numbers for marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.calls.blocks import Reading, read_block
from bridge.errors import BadArgument
from bridge.table.default import default_table
from bridge.table.model.layout import kept_layout

TABLE = default_table()
FIVE = ["J069 ", "E119 ", "I10  ", "K0253", "M545 ", "R05  ", "Z000 "]


def _read(function: str, data: bytes, repeat: int | None = None) -> Reading:
    argument: Any = TABLE.functions[function].argument("pDataWrite")
    layouts = [kept_layout(TABLE.records_in, form, repeat or 1) for form in argument.forms]
    return read_block(layouts, data, counted=repeat is not None)


def _codes(values: Mapping[str, Any]) -> list[str]:
    return [values["main_code"], *(values[f"sub_code_{number}"] for number in range(1, 6))]


def test_seven_codes_where_six_fit_are_read_as_six() -> None:
    """The insurer's own query program: 36 characters, blanks up to 60, of which the library sends 55."""
    reading = _read("hisWriteTreatmentCode", ("1" + "".join(FIVE)).ljust(55).encode())
    assert reading.values["after_check"] == "1"
    assert _codes(reading.values) == [code.strip() for code in FIVE[:6]]
    assert reading.left_over


@pytest.mark.parametrize("codes", range(7))
@pytest.mark.parametrize("padding", ["", " ", " " * 30, "\0", "\0Q9999"], ids=repr)
def test_what_is_missing_is_blank(codes: int, padding: str) -> None:
    data = "1" + "".join(FIVE[:codes])
    reading = _read("hisWriteTreatmentCode", (data + padding).encode())
    assert reading.values["after_check"] == "1"
    assert _codes(reading.values) == [code.strip() for code in FIVE[:codes]] + [""] * (6 - codes)
    assert not reading.left_over


@pytest.mark.parametrize("codes", range(1, 7))
@pytest.mark.parametrize("padding", ["", " " * 20, "\0"], ids=repr)
def test_what_is_missing_of_the_form_with_brackets_is_blank(codes: int, padding: str) -> None:
    data = "1" + "".join(f"[{code:<7}]" for code in FIVE[:codes]) + padding
    reading = _read("hisWriteTreatmentCode", data.encode())
    assert (reading.form, _codes(reading.values)[:codes]) == (0, [code.strip() for code in FIVE[:codes]])
    assert _codes(reading.values)[codes:] == [""] * (6 - codes)


def test_the_mark_alone_reads_as_the_mark_and_blanks() -> None:
    assert (
        _read("hisWriteTreatmentCode", b"1").values == _read("hisWriteTreatmentCode", b"1".ljust(31)).values
    )


@pytest.mark.parametrize("number", range(1, 10))
def test_a_mark_given_as_a_number_is_its_digit(number: int) -> None:
    reading = _read("hisWriteTreatmentCode", bytes([number]) + b"J029 ".ljust(30))
    assert (reading.values["after_check"], reading.values["main_code"]) == (str(number), "J029")


def test_seven_byte_codes_without_brackets() -> None:
    reading = _read("hisWriteTreatmentCode", b"1" + b"".join(b"%-7s" % code for code in (b"E11.65", b"J069")))
    assert _codes(reading.values)[:3] == ["E11.65", "J069", ""]


def test_two_readings_that_would_write_different_codes_are_refused() -> None:
    """Thirty letters are six codes of five bytes, or four of seven and a short one."""
    with pytest.raises(BadArgument, match="2 ways"):
        _read("hisWriteTreatmentCode", b"1" + b"E" * 30 + b" " * 24)


@pytest.mark.parametrize("count", [2, 6, 7])
@pytest.mark.parametrize("padding", [0, 1, 19, 24])
def test_codes_of_five_bytes_are_read_however_many_and_however_padded(count: int, padding: int) -> None:
    """A form of a program has a seventh code, and blanks behind; the first six count. Cut at every seventh
    byte, they would begin with digits. One is squeezed.
    """
    codes = [b"J0290", b"#:5BK", b"E1190", b"I1010", b"M5450", b"R5100", b"Z0000"][:count]
    reading = _read("hisWriteTreatmentCode", b"1" + b"".join(codes) + b" " * padding)
    assert _codes(reading.values) == [each.decode() for each in codes[:6]] + [""] * (6 - count)
    assert reading.left_over == (count > 6)


@pytest.mark.parametrize("padding", [0, 1, 19, 24])
def test_codes_of_seven_bytes_are_read_however_padded(padding: int) -> None:
    codes = [b"S72001A", b"E113513", b"M84441D", b"T814XXA", b"H401134"]
    reading = _read("hisWriteTreatmentCode", b"1" + b"".join(codes) + b" " * padding)
    assert _codes(reading.values) == [each.decode() for each in codes] + [""]


@pytest.mark.parametrize("padding", [0, 12, 119])
def test_fees_behind_seven_byte_codes_are_not_cut_at_the_wrong_places(padding: int) -> None:
    """Blank-padded far beyond, the block is as long as the other form, too, which would shift its fees."""
    fees = b"%-8d%-8d%-8d%-7d%-7d" % (450, 150, 0, 0, 0)
    data = b"1" + b"J029".ljust(42) + fees + b" " * padding
    reading = _read("hisWriteTreatmentData", data)
    assert (reading.values["main_code"], reading.values["outpatient_fee"]) == ("J029", "450")
    assert not reading.left_over


@pytest.mark.parametrize("data", [b"", b"\0J029 "])
def test_an_empty_block_is_refused(data: bytes) -> None:
    """Of a mark given as the number 0 nothing behind it arrives: its codes must not be written as blank."""
    with pytest.raises(BadArgument):
        _read("hisWriteTreatmentCode", data)


def test_the_first_of_several_records_counts() -> None:
    """A program keeps appending records to one string and passes all of it to a function that takes one."""
    one, other = b"00001250".ljust(38, b"0"), b"00009999".ljust(38, b"0")
    reading = _read("hisWriteTreatmentFee", one + other)
    assert (reading.values["outpatient_fee"], reading.left_over) == ("00001250", True)


@pytest.mark.parametrize("end", range(1, 38))
def test_a_number_must_be_whole(end: int) -> None:
    """It may lack digits where the text ends within it, unless blanks follow up to its end."""
    borders = {8, 16, 24, 31, 38}
    data = b"12345678" * 3 + b"1234567" * 2
    if end in borders:
        assert _read("hisWriteTreatmentFee", data[:end]).values["outpatient_fee"] == "12345678"
    else:
        with pytest.raises(BadArgument):
            _read("hisWriteTreatmentFee", data[:end])
    assert _read("hisWriteTreatmentFee", data[:end].ljust(38)).values["outpatient_fee"] == "12345678"[:end]


@pytest.mark.parametrize("given_rows", range(1, 4))
def test_rows_that_were_stated_must_be_there(given_rows: int) -> None:
    data = (b" " * 61) * given_rows
    if given_rows == 2:
        assert _read("hisWriteMultiPrescript", data, repeat=2)
    else:
        with pytest.raises(BadArgument):
            _read("hisWriteMultiPrescript", data[:-1] + b"1", repeat=2)


@given(st.binary(max_size=60))
def test_whatever_is_behind_the_record_changes_nothing(behind: bytes) -> None:
    data = b"00001250".ljust(38, b"0")
    assert _read("hisWriteTreatmentFee", data + behind).values == _read("hisWriteTreatmentFee", data).values


@given(st.binary(min_size=1, max_size=100))
def test_no_control_character_comes_through(data: bytes) -> None:
    try:
        reading = _read("hisWriteTreatmentCode", data)
    except BadArgument:
        return
    assert not any(ord(character) < 32 for text in reading.values.values() for character in str(text))
