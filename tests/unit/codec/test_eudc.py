"""User-defined characters (造字): refused by their name, whole where the site lists them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.codec.code_page import WINDOWS, Errors, windows_private
from bridge.codec.eudc import read_eudc
from bridge.codec.text import decode, fit
from bridge.errors import BadArgument, ConfigError


@pytest.mark.parametrize("code", ["FA40", "C6A1", "C7FC", "C8FE", "8140", "A0FE"])
def test_a_user_defined_character_is_refused_by_its_name(code: str) -> None:
    with pytest.raises(BadArgument, match=r"user-defined character .* byte 3"):
        decode(WINDOWS.encode("測") + bytes.fromhex(code))


@given(st.binary(max_size=20))
def test_law_windows_own_bytes_come_back_as_they_were(data: bytes) -> None:
    try:
        text = windows_private().decode(data)
    except UnicodeDecodeError:
        return
    assert windows_private().decode(windows_private().encode(text)) == text


@pytest.mark.parametrize(
    ("errors", "text"), [("replace", "測\ufffdA"), ("ignore", "測A"), ("backslashreplace", "測\\xfa\\x40A")]
)
def test_a_pair_that_is_no_text_is_one_fault_and_not_two(errors: Errors, text: str) -> None:
    assert WINDOWS.decode(b"\xb4\xfa\xfa\x40A", errors) == text


LIST = """\ufeff# the hospital's own
FA40 U+5803
0xFA41,0x5586  # 喆
c6a1\t々
FEFE 王
"""


def test_a_listed_character_is_whole_both_ways() -> None:
    page = read_eudc(LIST)
    assert fit("游錫堃", 8, page) == (WINDOWS.encode("游") + WINDOWS.encode("錫") + b"\xfa\x40  ", 0, False)
    assert decode(b"\xfa\x40\xfa\x41\xc6\xa1", page) == "堃喆々"
    assert page.encode("堃喆々\ue000") == b"\xfa\x40\xfa\x41\xc6\xa1\xfa\x40"
    with pytest.raises(BadArgument, match="byte 1"):
        decode(b"\xfa\x42", page)


def test_a_character_that_the_page_has_keeps_its_code() -> None:
    page = read_eudc(LIST)
    assert decode(b"\xfe\xfe", page) == "王"
    assert page.encode("王") == WINDOWS.encode("王")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("FA40", "a code and a character"),
        ("FA42 堃堃", "a code and a character"),
        ("A440 U+5803", "A440 is not a code of user-defined"),
        ("FA7F U+5803", "FA7F is not a code"),
        ("FA42 U+0009", "can be shown"),
        ("FA42 U+D800", "can be shown"),
        ("FA42 110000", "beyond Unicode"),
        ("FA42 U+FFFF", "can be shown"),
        ("FA42 U+1FFFE", "can be shown"),
        ("FA42 U+FDD0", "can be shown"),
        ("FA42 U+E001", "U\\+E001 is what Windows has at FA41, not at FA42"),
        ("C6A1 U+E000", "U\\+E000 is what Windows has at FA40"),
        ("FEFE U+5803", "listed twice"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(line: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=f"line 6: .*{reason}"):
        read_eudc(LIST + line)


def test_a_private_character_can_be_listed_at_the_code_that_windows_has_for_it() -> None:
    page = read_eudc("FA40 U+E000\nC6A1 U+F6B1\nFA41 U+F8FF")  # the last one is no code's
    assert page.encode("\ue000\uf6b1\uf8ff") == b"\xfa\x40\xc6\xa1\xfa\x41"
    assert decode(b"\xfa\x40\xc6\xa1\xfa\x41", page) == "\ue000\uf6b1\uf8ff"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=ascii)
def test_lines_end_where_editors_end_them(end: str) -> None:
    page = read_eudc(end.join(("FA40 U+5803  # \u2028\x85\x0b\x0c\x1c of a remark", "", "FA41 U+5586")))
    assert page.own == {0xFA40: "堃", 0xFA41: "喆"}
    with pytest.raises(ConfigError, match="line 3: "):
        read_eudc(end.join(("# \u2028", "", "FA41")))


def test_a_listed_letter_with_an_accent_is_whole_both_ways() -> None:
    page = read_eudc("FA40 é\nFA41 é")
    assert page.encode("é") == b"\xfa\x40"  # the first that is listed
    assert decode(b"\xfa\x40\xfa\x41", page) == "éé"
    with pytest.raises(UnicodeEncodeError):
        page.encode("è")


def test_a_listed_character_is_written_by_its_own_code_and_not_by_its_like() -> None:
    assert fit("•", 2).data == WINDOWS.encode("‧")
    assert fit("•", 2, read_eudc("FA40 •")).data == b"\xfa\x40"
