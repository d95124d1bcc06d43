"""Text that may be shown on a screen or in a log, whoever wrote it: a card, a trace, a server, a file's name.

What steers a terminal (ESC, CR, BEL, the C1 controls), turns the direction of writing, or cannot be seen is
written as ``\\u001b``: the form of JSON, in which it means the same. Private characters stay: they
stand in names.
"""

from __future__ import annotations

import re

INDENT = "    "
_STEERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_LINES = re.compile(r"\r?\n")


def plain(text: str) -> str:
    """The text with nothing but characters that are seen, blanks, tabs and ends of lines (LF)."""
    if text.isascii() and text.isprintable():
        return text
    return _STEERS.sub(_named, text.replace("\r\n", "\n"))


def one_entry(text: str) -> str:
    """The same, for a log: a further line is indented, so that it cannot pass for an entry of its own."""
    found = plain(text)
    return _LINES.sub(f"\n{INDENT}", found) if "\n" in found else found


def _named(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
