"""Code page 950 as Windows has it, derived anew: Python's table without what Windows has otherwise."""

from __future__ import annotations

TWO_CODES = "╭╮╰╯═╞╪╡十卅"  # others may write these by their second code
OTHERWISE = {"═": b"\xf9\xf9", "╞": b"\xf9\xe9", "╪": b"\xf9\xea", "╡": b"\xf9\xeb"}
LOOK_ALIKES = "¢£¥•‾∼☉♁､"  # Python writes these as what looks like them


def written(character: str) -> bytes | None:
    """The bytes that Windows writes for a character of the page, None for one that it does not have."""
    if character in OTHERWISE:
        return OTHERWISE[character]
    try:
        encoded = character.encode("cp950")
    except UnicodeEncodeError:
        return None
    if b"\xc6\xa1" <= encoded <= b"\xc8\xfe" or character in LOOK_ALIKES:
        return None
    return encoded


# All that can stand in a text: no control characters.
WRITABLE = [c for c in map(chr, range(0x20, 0x10000)) if c != "\x7f" and written(c) is not None]
