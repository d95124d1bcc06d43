"""Code page 950 (Big5 as Windows has it) in fields of a fixed number of bytes.

The page lacks 堃 and 喆, common in names: such a character becomes a visible two-byte placeholder, so that no
offset behind it moves. In this code page blank and NUL are never second bytes, so trimming from the right is
safe.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from bridge.codec.code_page import WINDOWS, CodePage, is_user_defined
from bridge.codec.page950 import LOOK_ALIKES
from bridge.errors import BadArgument
from bridge.words import said

PLACEHOLDER = "□"
PLACEHOLDER_BYTES = b"\xa1\xbc"
BLANK = b" "
_WITHOUT_WIDTH = ("Mn", "Mc", "Me", "Cf")  # marks on the character before, variation selectors, joiners
_BLANKS = ("Zs", "Zl", "Zp")


class Fitted(NamedTuple):
    """Encoded text of an exact width. ``replaced``: characters made placeholders. ``cut``: less than all."""

    data: bytes
    replaced: int = 0
    cut: bool = False


def encode_character(character: str, page: CodePage = WINDOWS) -> tuple[bytes, bool]:
    """One character as up to two bytes, and whether it had to be replaced.

    A character outside the page is written as its like in the page (the letter that Unicode calls the same,
    or one of a few that look it). Else it becomes :data:`PLACEHOLDER`; a mark on the character before it,
    which has no width of its own, becomes nothing; a control character (a NUL would end the text for a C
    program) and another blank than the page's two (no-break, thin ...) a blank. These four count as replaced.
    """
    if character < " " or character == "\x7f":
        return BLANK, True
    for same in (character, unicodedata.normalize("NFC", character)):
        try:
            return page.encode(same), False
        except UnicodeEncodeError:
            continue
    if character in LOOK_ALIKES:
        return LOOK_ALIKES[character].to_bytes(2, "big"), False
    category = unicodedata.category(character)
    if category in _WITHOUT_WIDTH:
        return b"", True
    if category in _BLANKS:
        return BLANK, True
    return PLACEHOLDER_BYTES, True


def fit(text: str, width: int, page: CodePage = WINDOWS) -> Fitted:
    """Encode ``text`` into exactly ``width`` bytes.

    Left-aligned, blank-padded, cut between characters, never inside one.
    """
    if text.isprintable():
        try:
            whole = page.encode(text)
        except UnicodeEncodeError:
            pass
        else:
            if len(whole) <= width:
                return Fitted(whole.ljust(width))
    return _fit_by_character(text, width, page)


def _fit_by_character(text: str, width: int, page: CodePage) -> Fitted:
    """A text with something that has to be replaced or cut."""
    data = bytearray()
    replaced = 0
    for character in text:
        encoded, was_replaced = encode_character(character, page)
        if len(data) + len(encoded) > width:
            return Fitted(bytes(data.ljust(width)), replaced, cut=True)
        data += encoded
        replaced += was_replaced
    return Fitted(bytes(data.ljust(width)), replaced)


def decode(data: bytes, page: CodePage = WINDOWS) -> str:
    """Decode bytes of code page 950; trailing blanks and NULs are dropped.

    Raises BadArgument when the bytes are not valid in the code page (half a character, an unknown pair), or
    are a user-defined character (造字) that the page does not list.
    """
    try:
        return page.decode(data.rstrip(b" \0"))
    except UnicodeDecodeError as error:
        at = error.start + 1
        if is_user_defined(data[error.start : error.end]):
            raise BadArgument(
                said(
                    "a user-defined character (造字) at byte {at} that the list of [text] eudc lacks",
                    at=at,
                )
            ) from error
        raise BadArgument(said("not valid Big5 (code page 950) at byte {at}", at=at)) from error
