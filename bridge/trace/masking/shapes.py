"""Invented texts of the same shape: digits for digits, letters for letters, of the same length."""

from __future__ import annotations

import re
import string

from bridge.trace.masking.key import Stream

_DIGITS, _UPPER, _LOWER = string.digits, string.ascii_uppercase, string.ascii_lowercase
# by a byte: those that may stand in its place; and what becomes of a byte that has none
_ALPHABETS = {byte: each.encode() for each in (_DIGITS, _UPPER, _LOWER) for byte in each.encode()}
_KEPT = bytes(byte if 0x20 <= byte < 0x7F else ord("x") for byte in range(256))
_HEX = re.compile(rb"[0-9A-F]+|[0-9a-f]+")
_BASE64 = re.compile(rb"([0-9A-Za-z+/]+)(=*)")
_WHOLE = re.compile(rb"[ \0]*[0-9A-Za-z+/]+=* *(?:\0.*)?", re.DOTALL)  # with what stands around it
_BASE64_CHARACTERS = (_UPPER + _LOWER + _DIGITS + "+/").encode("ascii") * 4  # for each byte one
_FILLED = bytes(byte if byte in b" \0" else ord("x") for byte in range(256))
PATTERN = re.compile(rb"\[X{7}\]")  # what a program fills a buffer with to get ICD-10 codes


def shaped(original: bytes, stream: Stream) -> bytes:
    """Digits become digits, letters letters of the same case; other ASCII characters stay; what is not ASCII
    becomes x.
    """
    alphabets = [_ALPHABETS.get(byte) for byte in original]
    numbers = iter(stream.many(len(alphabets) - alphabets.count(None)))
    return bytes(
        [
            _KEPT[byte] if alphabet is None else alphabet[next(numbers) % len(alphabet)]
            for byte, alphabet in zip(original, alphabets, strict=True)
        ]
    )


def phone(original: bytes, stream: Stream) -> bytes:
    """A telephone number of the same shape: the first two digits stay (area, or mobile), two zeros follow."""
    digits = [place for place, byte in enumerate(original) if chr(byte) in _DIGITS]
    made = bytearray(shaped(original, stream))
    if len(digits) >= 8:
        for place in digits[:2]:
            made[place] = original[place]
        for place in digits[2:4]:
            made[place] = ord("0")
    return bytes(made)


def hospital(original: bytes, stream: Stream) -> bytes:
    """A hospital's id (10 digits) that begins with 99, as no county's do; anything else by its shape."""
    made = shaped(original, stream)
    return b"99" + made[2:] if re.fullmatch(rb"[0-9]{10}", original) else made


def signature(original: bytes, stream: Stream) -> bytes:
    """Random characters of the same alphabet: hexadecimal in its case, base64 with its padding, else by
    shape.
    """
    if _HEX.fullmatch(original):
        text = stream.take(len(original)).hex()[: len(original)]
        return (text if re.search(rb"[a-f]", original) else text.upper()).encode("ascii")
    if match := _BASE64.fullmatch(original):
        return stream.take(len(match[1])).translate(_BASE64_CHARACTERS) + match[2]
    return shaped(original, stream)


def is_invented_whole(original: bytes) -> bool:
    """Whether no character of a signature stays when another is invented for it."""
    return _WHOLE.fullmatch(original) is not None


def filled(data: bytes) -> bytes:
    """Filler of the same length: NUL and blank stay, everything else becomes x. An ICD-10 pattern stays where
    it is complete; brackets that a program put around the first code stay brackets.
    """
    made = bytearray(data.translate(_FILLED))
    for match in PATTERN.finditer(data):
        made[match.start() : match.end()] = match[0]
    if data[:1] == b"[" and data[8:9] == b"]":
        made[0], made[8] = data[0], data[8]
    return bytes(made)


def core(data: bytes) -> tuple[int, int]:
    """Where the value begins and ends in a text that is padded with blanks or NULs; a NUL in it ends it."""
    start = len(data) - len(data.lstrip(b" \0"))
    end = data.find(b"\0", start)
    text = data[start : end if end >= 0 else len(data)]
    return start, start + len(text.rstrip(b" "))
