"""The first pass over a trace: whose values stand in it, so that the last look can search for them, and so
that it is settled who becomes whom before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from bridge.trace.format import Answer, Given, NamedFile, TracedCall
from bridge.trace.masking.final_scan import LONG, RealValues
from bridge.trace.masking.known import Known
from bridge.trace.masking.pieces import GIVEN_AWAY, Cutter, Piece, Pieces
from bridge.trace.masking.rules import MaskRules
from bridge.trace.masking.shapes import core
from bridge.trace.masking.values import HOSPITALS

_HARMLESS = ("filler", "brackets", "free_text", "order_code", "keep", "date", "datetime")
_PATH_PARTS = re.compile(rb"[\\/:.]")
_HEXADECIMAL = re.compile(rb"[0-9A-F]{%d,}" % LONG)
HOSPITAL_DIGITS = 10
_JSON_NUMBER = re.compile(rb"[0-9]{10,}")


class Collector:
    """Gathers what must not remain: ``real_values``; and by kind, what gets an invented value of its own:
    ``people``.
    """

    def __init__(self, cutter: Cutter, rules: MaskRules, *, keep_hospitals: bool = False) -> None:
        self._cutter = cutter
        self._rules = rules
        self._kept = (*_HARMLESS, *(HOSPITALS if keep_hospitals else ()))
        self.real_values = RealValues()
        self.people: dict[str, set[bytes]] = {}

    def known(self) -> Known:
        """All of it, as it can be written down."""
        people = {kind: sorted(values) for kind, values in sorted(self.people.items())}
        return Known(self.real_values.state(), people)

    def learn(self, known: Known) -> None:
        """Add what another has gathered."""
        self.real_values.learn(known.real_values)
        for kind, values in known.people.items():
            self.people.setdefault(kind, set()).update(values)

    def call(self, call: TracedCall) -> None:
        """A call and its answer."""
        self._values(self._cutter.given(call), call.given)
        self.answer(call, call.answer)

    def answer(self, call: TracedCall, answer: Answer) -> None:
        """An answer to a call: the original's, or the bridge's."""
        self._values(self._cutter.answer(call, answer), answer.after)

    def tells(self, piece: Piece) -> bool:
        """Whether a piece may tell of somebody."""
        return piece.kind not in self._kept

    def _values(self, pieces: Pieces, values: Mapping[str, Given]) -> None:
        for name, cut in pieces.items():
            value = values[name]
            data = value.name if isinstance(value, NamedFile) else value
            if isinstance(data, bytes):
                for piece in cut:
                    if self.tells(piece):
                        self.piece(piece, data[piece.start : piece.end])

    def pieces(self, piece: Piece, texts: Collection[bytes]) -> None:
        """Pieces alike, of one length, each with other bytes."""
        if piece.kind == "signature" and not piece.raw and _HEXADECIMAL.fullmatch(b"".join(texts)):
            several = [text for text in texts if text.strip(text[:1])]
            if several and len(several[0]) >= LONG:
                self.real_values.add_hexadecimal(several)
                return
        for text in texts:
            self.piece(piece, text)

    def piece(self, piece: Piece, data: bytes) -> None:
        """A piece and its bytes."""
        if piece.raw:
            self.real_values.add(data.hex().upper().encode("ascii"))
            return
        start, end = core(data)
        value = data[start:end]
        if piece.kind in GIVEN_AWAY and value.strip(b"0"):
            self.people.setdefault(piece.kind, set()).add(value)
        if piece.kind == "words":  # anybody may write them: nobody is known by them
            return
        if piece.kind in ("birthday", "newborn_birthday"):
            self.real_values.add_birthday(value)
        elif piece.kind == "sam_card_info":
            for number in _JSON_NUMBER.findall(value):
                if len(number) != HOSPITAL_DIGITS or "hospital" not in self._kept:
                    self.real_values.add(number)
        elif value.strip(b"0"):
            self.real_values.add(value, passing=piece.kind == "token")
            if piece.kind == "file_name":
                for part in _PATH_PARTS.split(value):
                    self.real_values.add(part)
            if piece.kind == "phone":
                self.real_values.add(re.sub(rb"[^0-9]", b"", value))
