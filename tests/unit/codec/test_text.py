"""Text in code page 950: what cannot be written, where it is cut, and that nothing ever shifts."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.codec.code_page import WINDOWS
from bridge.codec.page950 import LOOK_ALIKES
from bridge.codec.text import PLACEHOLDER, decode, encode_character, fit
from bridge.errors import BadArgument
from tests.support.windows_950 import WRITABLE, written

# 々, の, Я and ① are in Python's table and not in Windows'; U+E000 is Windows' for a drawn character
NOT_WRITABLE = [
    "堃", "喆", "𠮷", "😀", "\ud800", "\udfff", "é", "\x80", "\ufffd",
    "々", "の", "Я", "①", "\u223c", "\ue000", "\uf6b1",
]  # fmt: skip
WITHOUT_WIDTH = ["\u0301", "\ufe00", "\U000e0100", "\u200d", "\u20dd"]


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
COMMON_TEXT = st.text(st.sampled_from("測試十王小明臺灣碁銹裏墻恒粧嫺堃喆ABCxyz019．‧　 \t\0"), max_size=40)
WRITABLE_TEXT = st.text(st.sampled_from(WRITABLE), max_size=20)


def test_what_windows_writes_is_written_and_nothing_else() -> None:
    for number in range(0x20, 0x11000):
        character = chr(number)
        expected = written(character)
        try:
            assert WINDOWS.encode(character) == expected, f"U+{number:04X}"
        except UnicodeEncodeError:
            assert expected is None, f"U+{number:04X}"


@pytest.mark.parametrize("character", "碁銹裏墻恒粧嫺")
def test_characters_of_the_vendor_extension_are_written(character: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        character.encode("big5")
    encoded, replaced = encode_character(character)
    assert (len(encoded), replaced) == (2, False)
    assert decode(encoded) == character


@pytest.mark.parametrize("character", NOT_WRITABLE, ids=ascii)
def test_a_character_outside_the_code_page_becomes_one_placeholder(character: str) -> None:
    fitted = fit(f"測{character}十", 20)
    assert fitted.data == f"測{PLACEHOLDER}十".encode("cp950").ljust(20)
    assert (fitted.replaced, fitted.cut) == (1, False)


@pytest.mark.parametrize("character", WITHOUT_WIDTH, ids=ascii)
def test_a_mark_on_a_character_has_no_placeholder_of_its_own(character: str) -> None:
    assert fit(f"葛{character}十", 6) == (WINDOWS.encode("葛十") + b"  ", 1, False)


BLANKS = ["\u00a0", "\u2003", "\u2009", "\u202f", "\u205f", "\u2028"]


@pytest.mark.parametrize("character", BLANKS, ids=ascii)
def test_another_blank_becomes_a_blank_and_is_reported(character: str) -> None:
    assert fit(f"MARY{character}A", 8) == (b"MARY A  ", 1, False)
    assert fit("王\u3000明", 6) == (b"\xa4\xfd\xa1\x40\xa9\xfa", 0, False)
    with pytest.raises(UnicodeEncodeError):
        WINDOWS.encode(character)


LIKES = {"\uf90a": "金", "\uf9b5": "例", "•": "‧", "¥": "￥", "‾": "￣", "〜": "～"}


@pytest.mark.parametrize(("character", "like"), LIKES.items(), ids=ascii)
def test_a_character_is_written_as_its_like_in_the_page(character: str, like: str) -> None:
    assert encode_character(character) == (written(like), False)
    with pytest.raises(UnicodeEncodeError):
        WINDOWS.encode(character)


def test_the_placeholder_is_two_bytes_that_neither_pad_nor_end_a_text() -> None:
    encoded = PLACEHOLDER.encode("cp950")
    assert len(encoded) == 2
    assert not set(encoded) & {0x00, 0x20}


@pytest.mark.parametrize("control", ["\0", "\t", "\n", "\r", "\x1b", "\x7f"], ids=ascii)
def test_a_control_character_becomes_a_blank_and_is_reported(control: str) -> None:
    fitted = fit(f"A{control}B", 3)
    assert fitted.data == b"A B"
    assert fitted.replaced == 1


@pytest.mark.parametrize(
    ("text", "width", "data", "cut"),
    [
        ("測試十", 6, "測試十".encode("cp950"), False),
        ("測試十", 5, "測試".encode("cp950") + b" ", True),
        ("A測試十", 4, "A測".encode("cp950") + b" ", True),
        ("測", 1, b" ", True),
        ("測試A", 3, "測".encode("cp950") + b" ", True),
        ("測" * 11, 20, ("測" * 10).encode("cp950"), True),
        ("", 3, b"   ", False),
        ("A", 0, b"", True),
        ("", 0, b"", False),
    ],
)
def test_text_is_cut_between_characters(text: str, width: int, data: bytes, cut: bool) -> None:
    assert (fit(text, width).data, fit(text, width).cut) == (data, cut)


def test_no_character_has_a_blank_or_a_nul_as_its_second_byte() -> None:
    for character in WRITABLE:
        encoded = WINDOWS.encode(character)
        assert len(encoded) == 1 + (character > "\x7f")
        assert encoded[-1] not in (0x00, 0x20) or character == " ", character


def test_every_writable_character_comes_back_but_for_those_with_a_like() -> None:
    changed = set()
    for number in range(0x20, 0x10000):
        encoded, replaced = encode_character(chr(number))
        if not replaced and WINDOWS.decode(encoded) != chr(number):
            changed.add(chr(number))
    assert changed >= set(LOOK_ALIKES)
    others = changed - set(LOOK_ALIKES)
    assert {unicodedata.normalize("NFC", character) for character in others} <= set(WRITABLE)
    assert len(changed) < 500


@given(ANY_TEXT | COMMON_TEXT, st.integers(0, 40))
def test_law_any_text_fills_exactly_its_width_and_decodes_strictly(text: str, width: int) -> None:
    fitted = fit(text, width)
    assert len(fitted.data) == width
    assert b"\0" not in fitted.data
    WINDOWS.decode(fitted.data)


@given(ANY_TEXT | COMMON_TEXT, st.integers(0, 40))
def test_law_each_character_shows_as_itself_or_as_a_reported_replacement(text: str, width: int) -> None:
    fitted = fit(text, width)
    shown = WINDOWS.decode(fitted.data)
    used = shown if not fitted.cut else shown.rstrip(" ")
    with_width = [c for c in text if encode_character(c)[0]]
    pairs = list(zip(with_width, used, strict=False))
    wrong = [(a, b) for a, b in pairs if a != b and b != WINDOWS.decode(encode_character(a)[0])]
    assert not wrong
    if not fitted.cut:
        changed = sum(b in (PLACEHOLDER, " ") and a != b for a, b in pairs)
        assert changed + len(text) - len(with_width) == fitted.replaced


@given(ANY_TEXT, st.integers(0, 60))
def test_law_a_text_is_cut_only_when_it_does_not_fit(text: str, width: int) -> None:
    needed = sum(len(encode_character(character)[0]) for character in text)
    assert fit(text, width).cut == (needed > width)


@given(WRITABLE_TEXT)
def test_law_text_of_the_code_page_that_fits_comes_back(text: str) -> None:
    width = sum(len(written(character) or b"") for character in text)
    for room in (width, width + 1, width + 7):
        fitted = fit(text, room)
        assert (fitted.replaced, fitted.cut) == (0, False)
        assert decode(fitted.data) == text.rstrip(" ")


@pytest.mark.parametrize("padding", [b"", b" ", b"\0", b"   \0\0", b"\0 \0 "])
def test_trailing_blanks_and_nuls_are_dropped(padding: bytes) -> None:
    assert decode("測試".encode("cp950") + padding) == "測試"


def test_leading_and_inner_blanks_stay() -> None:
    assert decode(b" A B ") == " A B"


@pytest.mark.parametrize(
    ("data", "position"),
    [
        ("測試".encode("cp950")[:3], 3),
        (b"\xff\xff", 1),
        (b"A\x80", 2),
        (b"\xb4", 1),
        (b"\xb4\x20\xb4\xfa", 1),
    ],
)
def test_bytes_that_are_no_text_are_the_callers_fault_with_their_position(data: bytes, position: int) -> None:
    with pytest.raises(BadArgument, match=f"byte {position}$"):
        decode(data)


@given(st.binary(max_size=20))
def test_law_any_bytes_decode_or_are_refused(data: bytes) -> None:
    try:
        text = decode(data)
    except BadArgument:
        with pytest.raises(UnicodeDecodeError):
            WINDOWS.decode(data.rstrip(b" \0"))
    else:
        assert not text.endswith((" ", "\0"))
