"""Every character and every pair, by whichever way the page takes: Python's table, or its own."""

from __future__ import annotations

from itertools import product

from bridge.codec.code_page import TRAILS, WINDOWS, CodePage
from tests.support.windows_950 import written


def _encoded(page: CodePage, text: str) -> bytes | None:
    try:
        return page.encode(text)
    except UnicodeEncodeError:
        return None


def test_every_character_is_written_as_windows_does_alone_and_beside_one_of_its_own() -> None:
    """Python has another code for ═: with it in the text the page's own table is used."""
    wrong = []
    for character in (chr(n) for n in range(0x20, 0x10000) if not 0xD800 <= n < 0xE000):
        expected = written(character)
        together = None if expected is None else b"\xf9\xf9" + expected
        if (_encoded(WINDOWS, character), _encoded(WINDOWS, "═" + character)) != (expected, together):
            wrong.append(character)
    assert wrong == []


def test_every_pair_is_read_the_same_alone_and_beside_one_that_windows_has_otherwise() -> None:
    """C6A1 is a character to Python: with it in the text the page's own table is used."""
    for lead, trail in product(range(0x81, 0xFF), TRAILS):
        pair = bytes([lead, trail])
        assert WINDOWS.decode(pair + b"\xc6\xa1", "replace") == WINDOWS.decode(pair, "replace") + "\ufffd"
