"""A file's content as the base64 text that stands in a request, and what is counted in it. A long text is
made while it is sent.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

PIECE_BYTES = 49_152  # a multiple of 3, so that the texts of pieces can be joined


class Base64Text:
    """The base64 text of long content. It is not held: 10 MB of a file would be 14 MB more."""

    __slots__ = ("_content",)

    def __init__(self, content: bytes | memoryview) -> None:
        self._content = memoryview(content)

    @property
    def content_bytes(self) -> int:
        """The length of what it is the text of."""
        return len(self._content)

    def pieces(self) -> Iterator[str]:
        """The text from its beginning, each time anew."""
        for start in range(0, len(self._content), PIECE_BYTES):
            yield base64.b64encode(self._content[start : start + PIECE_BYTES]).decode("ascii")


def base64_text(content: bytes | memoryview) -> str | Base64Text:
    """The text, at once where it is short."""
    if len(content) > PIECE_BYTES:
        return Base64Text(content)
    return base64.b64encode(content).decode("ascii")


def count_elements(content: bytes | memoryview, name: str) -> int:
    """How many XML elements of a name begin in a file, in code page 950 or UTF-8.

    The file is not judged: it is looked through for opening tags, which neither encoding can hide, because a
    ``<`` is never the second byte of a character.
    """
    opening = re.compile(rb"<" + re.escape(name.encode("ascii")) + rb"[\s/>]")
    return sum(1 for _ in opening.finditer(content))
