"""Code page 950 (Big5 as Windows has it) in fields of a fixed number of bytes.

``cp950`` and not ``big5``: the latter lacks 碁銹裏墻恒粧嫺. Neither has 堃 or 喆, common in
names: such a character becomes a visible two-byte placeholder, so that no offset behind it moves. In this
code page blank and NUL are never second bytes, so trimming from the right is safe.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.errors import BadArgument

CODE_PAGE = "cp950"
PLACEHOLDER = "□"
BLANK = b" "


class Fitted(NamedTuple):
    """Encoded text of an exact width. ``replaced``: characters made placeholders. ``cut``: less than all."""

    data: bytes
    replaced: int = 0
    cut: bool = False


def encode_character(character: str) -> tuple[bytes, bool]:
    """One character as one or two bytes, and whether it had to be replaced.

    A character outside the code page becomes :data:`PLACEHOLDER`; a control character (a NUL would end the
    text for a C program) becomes a blank. Both count as replaced.
    """
    if character < " " or character == "\x7f":
        return BLANK, True
    try:
        return character.encode(CODE_PAGE), False
    except UnicodeEncodeError:
        return PLACEHOLDER.encode(CODE_PAGE), True


def fit(text: str, width: int) -> Fitted:
    """Encode ``text`` into exactly ``width`` bytes.

    Left-aligned, blank-padded, cut between characters, never inside one.
    """
    if text.isprintable():
        try:
            whole = text.encode("ascii" if text.isascii() else CODE_PAGE)
        except UnicodeEncodeError:
            pass
        else:
            if len(whole) <= width:
                return Fitted(whole.ljust(width))
    return _fit_by_character(text, width)


def _fit_by_character(text: str, width: int) -> Fitted:
    """A text with something that has to be replaced or cut."""
    data = bytearray()
    replaced = 0
    for character in text:
        encoded, was_replaced = encode_character(character)
        if len(data) + len(encoded) > width:
            return Fitted(bytes(data.ljust(width)), replaced, cut=True)
        data += encoded
        replaced += was_replaced
    return Fitted(bytes(data.ljust(width)), replaced)


def decode(data: bytes) -> str:
    """Decode bytes of code page 950; trailing blanks and NULs are dropped.

    Raises BadArgument when the bytes are not valid in the code page (half a character, an unknown pair).
    """
    try:
        return data.rstrip(b" \0").decode(CODE_PAGE)
    except UnicodeDecodeError as error:
        raise BadArgument(f"not valid Big5 (code page 950) at byte {error.start + 1}") from error
