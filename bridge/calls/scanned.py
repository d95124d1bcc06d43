"""What a scanner has typed. Pure."""

from __future__ import annotations

import unicodedata


def as_scanned(text: str) -> str:
    """The text of a code as it was printed. In: as it was typed; a Chinese input method makes letters and
    digits of full width of a scanner's keys, and a scanner may end with any blanks. What cannot have been
    meant stays, for the console to refuse.
    """
    return unicodedata.normalize("NFKC", text).strip()
