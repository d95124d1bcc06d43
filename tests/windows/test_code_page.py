"""The table of code page 950, held against the system's own functions."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.codec.code_page import WINDOWS, windows_private
from tests.support.wine import Wine
from tests.windows.conftest import HOSTS, Build


def _printed(text: str, kind: str) -> Mapping[int, int]:
    pairs = (line.split()[1:] for line in text.splitlines() if line.startswith(f"{kind} "))
    return {int(key, 16): int(value, 16) for key, value in pairs}


def test_every_code_and_every_character(windows: Wine, build_program: Build) -> None:
    done = windows.run(build_program(HOSTS / "page950.c"))
    assert done.returncode == 0, done.stderr
    decoded, encoded = _printed(done.stdout, "d"), _printed(done.stdout, "e")
    assert len(decoded) == 19720
    private = {code for code, character in decoded.items() if 0xE000 <= character <= 0xF8FF}
    for code, character in decoded.items():
        pair = code.to_bytes(2, "big")
        assert ord(windows_private().decode(pair)) == character, hex(code)
        read = WINDOWS.decode(pair, "ignore")
        assert read == ("" if code in private else chr(character)), hex(code)
    for number in range(0x80, 0x10000):
        try:
            code = int.from_bytes(windows_private().encode(chr(number)), "big")
        except UnicodeEncodeError:
            assert number not in encoded, hex(number)
        else:
            assert encoded.get(number) == code, hex(number)
