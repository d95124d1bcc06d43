"""Writes bridge/codec/page950.py, the table of code page 950, from Windows' own file of that page.

    .venv/bin/python .ci/page950.py C_950.NLS > bridge/codec/page950.py

C_950.NLS lies in C:\\Windows\\System32 of a Windows; Wine has it as c_950.nls (Debian: package libwine,
/usr/share/wine/nls). The module in the tree was made of that of libwine 8.0~repack-4 (SHA-256
ab1f87a022ccc5e6d063520a652a7cf1d0a3ac3c3dd1faf18285490a70b9b688).
In all its 19,850 codes and 20,321 characters it is the table that Microsoft published through Unicode as
bestfit950.txt (MAPPINGS/VENDORS/MICSFT/WindowsBestFit, SHA-256 cf8c2338...54eaee2a).

The file is 16-bit numbers, low byte first: a head that begins with its own length in numbers; the characters
of the single bytes; for each lead byte where its 256 characters stand; last, the code of each of the 65,536
characters.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

LEADS = range(0x81, 0xFF)
TRAILS = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
UNKNOWN = 0x3F  # Windows' question mark
PRIVATE = range(0xE000, 0xF900)
LOOK_ALIKES = "¢£¥•‾☉♁､〜"  # Windows writes these as what looks like them, in the page
IN_A_LINE = 50  # of two columns each
NONE = " "


class NlsFile:
    """What the file says."""

    def __init__(self, data: bytes) -> None:
        numbers = struct.unpack(f"<{len(data) // 2}H", data)
        head, page = numbers[:2]
        if page != 950:
            raise SystemExit(f"this is code page {page}")
        codes = head + numbers[head]
        self._codes = numbers[codes + 1 : codes + 1 + 0x10000]
        glyphs = head + 1 + 256
        self._leads = glyphs + 1 + (256 if numbers[glyphs] else 0) + 1
        self._numbers = numbers

    def character(self, lead: int, trail: int) -> int:
        """The character of a pair, UNKNOWN for none."""
        return self._numbers[self._leads + self._numbers[self._leads + lead] + trail]

    def code(self, character: int) -> int:
        """The code that Windows writes for a character, UNKNOWN for none."""
        return self._codes[character]


def runs(private: Mapping[int, int]) -> Iterator[tuple[int, int, int]]:
    """First and last code of each run of user-defined characters, and the character of the first."""
    codes = sorted(private)
    first = before = codes[0]
    for code in codes[1:]:
        if private[code] != private[before] + 1:
            yield first, before, private[first]
            first = code
        before = code
    yield first, before, private[first]


def page(file: NlsFile) -> Iterator[str]:
    """The lines of the module."""
    pairs = {(lead << 8) | trail: file.character(lead, trail) for lead in LEADS for trail in TRAILS}
    private = {code: character for code, character in pairs.items() if character in PRIVATE}
    plain = {c: chr(u) for c, u in pairs.items() if u != UNKNOWN and c not in private}
    second = {code for code, character in plain.items() if file.code(ord(character)) != code}
    yield '"""Code page 950 as Windows has it. Made by .ci/page950.py, which says of what; not edited."""'
    yield ""
    yield "from __future__ import annotations"
    yield ""
    yield "# Of each lead byte, the characters of its 157 trail bytes (40 to 7E, A1 to FE); a blank for none."
    yield "ROWS: dict[int, str] = {"
    for lead in LEADS:
        row = "".join(plain.get((lead << 8) | trail, NONE) for trail in TRAILS).rstrip(NONE)
        if row:
            yield f"    0x{lead:02X}: ("
            for start in range(0, len(row), IN_A_LINE):
                yield f"        {quoted(row[start : start + IN_A_LINE])}"
            yield "    ),"
    yield "}"
    yield ""
    yield "# Codes that are read and never written: their characters have another one, too."
    yield f"ONLY_READ = frozenset({{{', '.join(f'0x{code:04X}' for code in sorted(second))}}})"
    yield ""
    yield "# What is written for characters outside the page by what looks like them in it."
    yield "LOOK_ALIKES: dict[str, int] = {"
    for character in LOOK_ALIKES:
        yield f"    {quoted(character)}: 0x{file.code(ord(character)):04X},"
    yield "}"
    yield ""
    yield "# User-defined characters (造字): first and last code of each run, and the character of the first."
    yield "USER_DEFINED: tuple[tuple[int, int, int], ...] = ("
    for first, last, character in sorted(runs(private), key=lambda run: run[2]):
        yield f"    (0x{first:04X}, 0x{last:04X}, 0x{character:04X}),"
    yield ")"


def quoted(text: str) -> str:
    """As the formatter writes it."""
    escaped = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text.replace("\\", "\\\\"))
    return f"'{escaped}'" if '"' in text else f'"{escaped}"'


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print("\n".join(page(NlsFile(Path(sys.argv[1]).read_bytes()))))
