"""What became of pieces, by their bytes: looked up for all pieces of a text at once, made where it is new."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from bridge.trace.masking.columns import Doubt
from bridge.trace.masking.dates import moved
from bridge.trace.masking.pieces import PERSONAL, Piece
from bridge.trace.masking.values import Values

MOST_PIECES = 20_000  # of one kind that is no person's
MOST_BLANK = 1_000  # ways to say nothing
LONGEST_PIECE = 200  # bytes of a piece that is kept
PASSING = ("signature", "token", "year")  # pieces that never come again, or change with the day

MOST_HEXADECIMAL = 512  # digits of a signature
_HEXADECIMAL = re.compile(rb"[0-9A-F]+")


class PieceTable(dict[bytes, bytes]):
    """Pieces of one sort. ``piece``: one of them. ``blank``: those in which nothing was replaced.

    What is a person's stays: there are as many as people. Of the rest, all is forgotten when it is too much.
    """

    def __init__(self, piece: Piece, values: Values) -> None:
        super().__init__()
        self._piece, self._values = piece, values
        self.blank: set[bytes] = set()
        self._replaced: Counter[str] = Counter()
        self._most = None if piece.kind in PERSONAL else MOST_PIECES

    def __missing__(self, data: bytes) -> bytes:
        """Raises Doubt where several values were replaced in it, or a real one stood where none should."""
        made = self._made(self._piece, data)
        if len(data) <= LONGEST_PIECE and (self._piece.kind not in PASSING or data in self.blank):
            if self._most is not None and len(self) >= self._most:
                self.clear()
            self[data] = made
        return made

    def column(self, pieces: Sequence[bytes]) -> Sequence[bytes]:
        """What became of each of them, all of one length. Raises Doubt as it does for one."""
        return list(map(self.__getitem__, pieces))

    def _made(self, piece: Piece, data: bytes) -> bytes:
        values = self._values
        before, swept = values.replaced, values.swept
        values.replaced = self._replaced
        try:
            made = values.masked(piece, data)
            count = sum(self._replaced.values())
            if values.swept != swept or count > 1:
                raise Doubt
        finally:
            values.replaced, values.swept = before, swept
            self._replaced.clear()
        if not count and values.counts(piece):
            if len(self.blank) >= MOST_BLANK:
                raise Doubt
            self.blank.add(data)
        return made


class BirthdayTable(PieceTable):
    """Birthdays of one width: what becomes of one depends on whose it is, who stands behind it."""

    def __init__(self, piece: Piece, values: Values) -> None:
        super().__init__(piece, values)
        self._width = piece.end - piece.start

    def __missing__(self, key: bytes) -> bytes:
        piece = replace(self._piece, person=key[self._width :])
        data = key[: self._width]
        made = self[key] = self._made(piece, data)
        return made


class DatetimeTable(PieceTable):
    """ROC dates with a time of day: there are few days, and more seconds than are worth keeping."""

    def __init__(self, piece: Piece, values: Values) -> None:
        super().__init__(piece, values)
        self._days: dict[bytes, bytes] = {}

    def column(self, pieces: Sequence[bytes]) -> Sequence[bytes]:
        if b"".join(pieces).isdigit():
            days = [self._days.get(piece[:7]) for piece in pieces if len(piece) == 13]
            if len(days) == len(pieces) and None not in days:
                return [day + piece[7:] for day, piece in zip(days, pieces, strict=True) if day]
        return super().column(pieces)

    def __missing__(self, data: bytes) -> bytes:
        if len(data) == 13 and data.isdigit():
            day = self._days.get(data[:7]) or self._day(data[:7])
            if day is not None:
                return day + data[7:]
        return super().__missing__(data)

    def _day(self, day: bytes) -> bytes | None:
        made = moved(day, self._values.days)
        if made is not None:
            if len(self._days) >= MOST_PIECES:
                self._days.clear()
            self._days[day] = made
        return made


class SignatureTable(PieceTable):
    """Signatures as text: most are hexadecimal, from end to end, and none comes again."""

    def column(self, pieces: Sequence[bytes]) -> Sequence[bytes]:
        width = len(pieces[0])
        if (
            width <= MOST_HEXADECIMAL
            and _HEXADECIMAL.fullmatch(b"".join(pieces))
            and b"0" * width not in pieces
        ):
            return self._values.hexadecimal(pieces)
        return super().column(pieces)


def table_for(piece: Piece, values: Values) -> PieceTable:
    """An empty table for pieces like this one."""
    match piece.kind:
        case "birthday":
            return BirthdayTable(piece, values)
        case "datetime":
            return DatetimeTable(piece, values)
        case "signature" if not piece.raw:
            return SignatureTable(piece, values)
    return PieceTable(piece, values)
