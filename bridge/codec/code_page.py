"""Code page 950 between text and bytes, as Windows has it, with a site's own characters if it has any.

Not Python's ``cp950``: that has kana, Cyrillic letters and numbers in circles at 249 codes (C6A1 to C7FC)
which Windows keeps for characters that a site draws itself (造字), and writes U+223C, U+203E and four lines
of boxes otherwise than Windows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Literal

from bridge.codec.page950 import ONLY_READ, ROWS, USER_DEFINED

NAME = "windows-950"
TRAILS = bytes([*range(0x40, 0x7F), *range(0xA1, 0xFF)])
Errors = Literal["strict", "replace", "ignore", "backslashreplace"]

_NO_BYTES = "\uffff"  # stands where Latin-1 has a character and the page has none: it stops the encoding
_KANA_AND_SUCH = bytes(
    byte
    for lead, trails in ((0xC6, TRAILS[63:]), (0xC7, TRAILS[:-2]))
    for trail in trails
    for byte in (lead, trail)
).decode("cp950")
# Texts without these are, where Python has them at all, the same to it as to Windows, and it is faster. The
# others are characters for which it has other bytes than Windows.
_READ_OTHERWISE = re.compile(f"[{_KANA_AND_SUCH}]")
_WRITTEN_OTHERWISE = re.compile(
    f"[{_KANA_AND_SUCH}\u00a2\u00a3\u00a5\u2022\u203e\u223c\u2550\u255e\u2561\u256a\u2609\u2641\uff64]"
)
# Of bytes seen as Latin-1: what may be a pair; what is one, or is none.
_PAIRS = re.compile(r"([\x80-\xff].?)", re.DOTALL)
_NOT_ASCII = re.compile(r"[\x81-\xfe][\x40-\x7e\xa1-\xfe]|[\x80-\xff]")
_INSTEAD: Mapping[Errors, Callable[[str], str]] = {
    "replace": lambda piece: "\ufffd",
    "ignore": lambda piece: "",
    "backslashreplace": lambda piece: "".join(f"\\x{ord(byte):02x}" for byte in piece),
}


def pair_of(code: int) -> str:
    """The two bytes of a code, each as the character of the same number."""
    return chr(code >> 8) + chr(code & 0xFF)


def _plain() -> Iterator[tuple[int, str]]:
    for lead, row in ROWS.items():
        for trail, character in zip(TRAILS, row, strict=False):
            if character != " ":
                yield (lead << 8) | trail, character


@cache
def _windows_reads() -> dict[str, str]:
    """By pairs, their characters. Made when first needed, as the other one: it takes some milliseconds."""
    return {pair_of(code): character for code, character in _plain()}


@cache
def _windows_writes() -> dict[int, str]:
    """By characters, their bytes."""
    return {
        **{number: chr(number) for number in range(0x80)},
        **dict.fromkeys(range(0x80, 0x100), _NO_BYTES),
        **{ord(character): pair_of(code) for code, character in _plain() if code not in ONLY_READ},
    }


class CodePage:
    """The page, and ``own``: by code, the one character of each user-defined one (造字) that the site lists.

    A character that the page has, too, is written by the page's code. For a listed one the private character
    that Windows has at its code is written, too.
    """

    __slots__ = ("_reads", "_writes", "own")

    def __init__(self, own: Mapping[int, str] | None = None) -> None:
        self.own = own or {}
        self._reads: dict[str, str] = {}
        self._writes: dict[int, str] = {}

    def _made_reads(self) -> dict[str, str]:
        listed = {pair_of(code): character for code, character in self.own.items()}
        self._reads = {**_windows_reads(), **listed} if listed else _windows_reads()
        return self._reads

    def _made_writes(self) -> dict[int, str]:
        made = _windows_writes()
        if self.own:
            private = private_characters()
            listed = [(ord(character), pair_of(code)) for code, character in self.own.items()]
            listed += [(ord(private[code]), pair_of(code)) for code in self.own]
            new = {n: pair for n, pair in reversed(listed) if made.get(n, _NO_BYTES) == _NO_BYTES}
            made = {**made, **new}
        self._writes = made
        return made

    def encode(self, text: str) -> bytes:
        """The bytes of a text. Raises UnicodeEncodeError for a character that has none, with its place."""
        if not _WRITTEN_OTHERWISE.search(text):
            try:
                return text.encode("cp950")
            except UnicodeEncodeError:
                pass
        writes = self._writes or self._made_writes()
        try:
            return text.translate(writes).encode("latin-1")
        except UnicodeEncodeError:
            at = next(i for i, c in enumerate(text) if writes.get(ord(c), _NO_BYTES) == _NO_BYTES)
            raise UnicodeEncodeError(NAME, text, at, at + 1, "not in the page") from None

    def decode(self, data: bytes, errors: Errors = "strict") -> str:
        """The text of bytes. Raises UnicodeDecodeError for half a character, a pair that has none or a user-
        defined one that is not listed; or ``errors`` as Python's, for a whole pair at once.
        """
        try:
            text = data.decode("cp950")
        except UnicodeDecodeError:
            pass
        else:
            if not _READ_OTHERWISE.search(text):
                return text
        read = self._reads or self._made_reads()
        seen = data.decode("latin-1")
        parts = _PAIRS.split(seen)
        try:
            parts[1::2] = [read[pair] for pair in parts[1::2]]
        except KeyError:
            return self._decode_by_pair(data, seen, errors)
        return "".join(parts)

    def _decode_by_pair(self, data: bytes, seen: str, errors: Errors) -> str:
        read = self._reads
        if errors == "strict":
            start, end = next(found.span() for found in _NOT_ASCII.finditer(seen) if found[0] not in read)
            what = "user-defined" if is_user_defined(data[start:end]) else "not in the page"
            raise UnicodeDecodeError(NAME, data, start, end, what)
        instead = _INSTEAD[errors]
        return _NOT_ASCII.sub(lambda found: read.get(found[0]) or instead(found[0]), seen)


WINDOWS = CodePage()


@cache
def private_characters() -> Mapping[int, str]:
    """By the codes of user-defined characters, the private ones that Windows reads them as."""
    return {
        (lead << 8) | trail: chr(character + index)
        for first, last, character in USER_DEFINED
        for index, (lead, trail) in enumerate(_codes(first, last))
    }


@cache
def windows_private() -> CodePage:
    """The page of a Windows: it has user-defined characters as private ones, whatever they look like."""
    return CodePage(private_characters())


def is_user_defined(pair: bytes) -> bool:
    """Whether two bytes are the code of a user-defined character (造字)."""
    code = int.from_bytes(pair, "big")
    return len(pair) == 2 and pair[1] in TRAILS and any(a <= code <= b for a, b, _ in USER_DEFINED)


def _codes(first: int, last: int) -> Iterator[tuple[int, int]]:
    for lead in range(first >> 8, (last >> 8) + 1):
        yield from ((lead, trail) for trail in TRAILS if first <= (lead << 8) | trail <= last)
