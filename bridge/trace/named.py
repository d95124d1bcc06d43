"""Names of files and folders as text: for a report, a table, a screen."""

from __future__ import annotations

from bridge.codec.code_page import WINDOWS
from bridge.plain_text import plain

_ENDS_OF_LINES = str.maketrans({"\n": "\\u000a", "\t": "\\u0009"})


def readable(name: str) -> str:
    """A name, or path, as one line of text that UTF-8 can hold. What an older system named in Big5, and is no
    UTF-8, is read as Big5; what is neither, and what steers a terminal, is written as its number.
    """
    try:
        data = name.encode("utf-8", "surrogateescape")
        text = name if name.isascii() else data.decode("utf-8")
    except UnicodeEncodeError:  # half a character of Windows
        text = name
    except UnicodeDecodeError:
        text = _as_big5(data) or name
    return plain(text).translate(_ENDS_OF_LINES)


def _as_big5(data: bytes) -> str | None:
    try:
        return WINDOWS.decode(data)
    except UnicodeDecodeError:
        return None
