"""A site's list of the characters that it has drawn itself (造字, EUDC): which code is which character.

A line for each, in UTF-8: the code in code page 950, blanks or a comma, the character; # begins a remark::

    FA40 U+5803   # 堃
    0xFA41,0x5586
    FA42 喆
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from bridge.codec.code_page import CodePage, is_user_defined, private_characters
from bridge.errors import ConfigError
from bridge.words import said, text_of

_LINE = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{4})[\s,]+(?:(?:[uU]\+|0[xX])?([0-9A-Fa-f]{4,6})|(\S))")
_LINE_ENDS = re.compile(r"\r\n|[\r\n]")  # no others, as editors count: a remark may hold any character
_UNSEEN = ("Cc", "Cf", "Cs", "Mn", "Mc", "Me", "Zs", "Zl", "Zp")


def read_eudc(text: str) -> CodePage:
    """The code page with the characters of a list.

    Raises ConfigError, with the line's number, for a line that is none of these forms, a code that Windows
    does not keep for such characters, one that is listed twice, and a character that there cannot be: one
    without a shape, or the private one by which Windows means another code.
    """
    own: dict[int, str] = {}
    for number, line in enumerate(_LINE_ENDS.split(text.removeprefix("\ufeff")), start=1):
        entry = line.partition("#")[0].strip()
        if not entry:
            continue
        try:
            code, character = _entry(entry)
            if code in own:
                raise ValueError(said("{code} is listed twice", code=f"{code:04X}"))
        except ValueError as error:
            raise ConfigError(
                said("[text] eudc, line {number}: {error}", number=number, error=text_of(error))
            ) from error
        own[code] = character
    return CodePage(own)


def _entry(entry: str) -> tuple[int, str]:
    found = _LINE.fullmatch(entry)
    if found is None:
        raise ValueError(said("a code and a character are wanted, such as FA40 U+5803"))
    code = int(found[1], 16)
    if not is_user_defined(code.to_bytes(2, "big")):
        raise ValueError(said("{code} is not a code of user-defined characters", code=f"{code:04X}"))
    character = found[3] or _character(int(found[2], 16))
    if unicodedata.category(character) in _UNSEEN or _is_noncharacter(ord(character)):
        raise ValueError(
            said("{character} is no character that can be shown", character=_number_of(character))
        )
    meant = _codes_of_private().get(character, code)
    if meant != code:
        raise ValueError(
            said(
                "{character} is what Windows has at {meant}, not at {code}",
                character=_number_of(character),
                meant=f"{meant:04X}",
                code=f"{code:04X}",
            )
        )
    return code, character


def _number_of(character: str) -> str:
    return f"U+{ord(character):04X}"


def _is_noncharacter(number: int) -> bool:
    """Unicode keeps 66 numbers that no text may have."""
    return number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF


@cache
def _codes_of_private() -> dict[str, int]:
    return {character: code for code, character in private_characters().items()}


def _character(number: int) -> str:
    if number > 0x10FFFF:
        raise ValueError(said("{number} is beyond Unicode", number=f"{number:X}"))
    return chr(number)
