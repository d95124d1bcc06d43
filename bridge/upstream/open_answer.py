"""An answer that is handed on while it comes: its head first, then its body piece by piece, of any length."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

from bridge.upstream.answer import SWITCHING, AnswerReader

Fields = list[tuple[bytes, bytes]]


class OpenAnswerReader(AnswerReader):
    """Reads one answer. ``begun``: the head is there, as ``status`` and ``fields`` (headers in their order,
    names in small letters). ``pieces``: what has come of the body and was not taken yet, ``held`` bytes.

    A body stays packed as it came. ``bodiless``: the answer to HEAD ends with its head.
    """

    begun = False
    most_body = math.inf  # what is held is bounded by whoever takes the pieces

    def __init__(self, bodiless: bool) -> None:
        self.fields: Fields = []
        self.pieces: deque[bytes] = deque()
        self.held = 0
        self._bodiless = bodiless
        super().__init__()

    def taken(self) -> bytes:
        """Everything that has come of the body since the last time."""
        piece = self.pieces.popleft() if len(self.pieces) == 1 else b"".join(self.pieces)
        self.pieces.clear()
        self.held = 0
        return piece

    def let_go(self) -> None:
        """Nothing is read any more. Reader and parser hold each other; the collector need not free them."""
        del self._parser, self.on_header

    def _header_keeper(self) -> Callable[[bytes, bytes], None]:
        return self._keep

    def _keep(self, name: bytes, value: bytes) -> None:
        """A header; those behind the body (trailers) are left out."""
        if not self.begun:
            self.fields.append((name.lower(), value))

    def _header(self, wanted: bytes) -> bytes | None:
        values = [value for name, value in self.fields if name == wanted]
        return values[-1] if values else None

    # --- called by the parser -------------------------------------------------------------------------------

    def on_headers_complete(self) -> None:
        """The head is there, unless it is one of 1xx: those come before the true answer."""
        if self.done:
            return
        super().on_headers_complete()
        self.begun = self.status >= 200 or self.status == SWITCHING
        if self.begun and self._bodiless:
            self.done = True

    def on_body(self, piece: bytes) -> None:
        if self.done:
            return
        self._body_bytes += len(piece)
        self.held += len(piece)
        self.pieces.append(piece)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if not self.begun:
            self.fields.clear()
