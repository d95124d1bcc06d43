"""Texts and records, masked by looking up all their pieces at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from operator import getitem
from struct import Struct
from typing import Protocol

from bridge.trace.masking.functions import Doubt
from bridge.trace.masking.piece_tables import PASSING, PieceTable, table_for
from bridge.trace.masking.pieces import Piece, PieceKind, taking
from bridge.trace.masking.recipes import Recipe
from bridge.trace.masking.shapes import is_invented_whole
from bridge.trace.masking.values import Values

MOST_CUTS = 5_000
MOST_ROWS = 10_000  # of one form
EDGE = 8  # of an invented signature: bytes looked at on both sides


class Replaced:
    """Kinds of what was replaced: the same ones are the same object, so that they are counted at once."""

    __slots__ = ("kinds",)

    def __init__(self, kinds: tuple[str, ...]) -> None:
        self.kinds = kinds


# A text; what was replaced in it; the text as the last look has to see it: without the inside of invented
# signatures. They follow from the key alone; what stands in one by chance is nobody's.
MaskedText = tuple[bytes, tuple[Replaced, ...], bytes]
_AllReplaced = dict[tuple[str, ...], tuple[Replaced, ...]]


class _Cut(Protocol):
    def masked(self, data: bytes, person: bytes) -> MaskedText: ...


class TextMasker:
    """Masks texts. What was made of a piece is made once."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._tables: dict[tuple[object, ...], PieceTable] = {}
        self._rows: dict[tuple[Piece, ...], _Rows] = {}
        self._cuts: dict[Recipe, _Cut] = {}
        self._blank: set[bytes] = set()
        self._replaced: _AllReplaced = {(): ()}

    def masked(self, recipe: Recipe, data: bytes, person: bytes) -> MaskedText:
        """A text by its recipe. ``person``: whom its call is about. Raises Doubt."""
        cut = self._cuts.get(recipe) or self._new_cut(recipe)
        return cut.masked(data, person)

    def _new_cut(self, recipe: Recipe) -> _Cut:
        if len(self._cuts) >= MOST_CUTS:
            self._cuts.clear()
            self._rows.clear()
        again = not any(piece.kind in PASSING or piece.kind == "birthday" for piece in recipe.pieces)
        whole = len(recipe.rows) == 1 or not again
        made = self._cuts[recipe] = self._pieces_cut(recipe) if whole else self._rows_cut(recipe)
        return made

    def _pieces_cut(self, recipe: Recipe) -> _PiecesCut:
        counted = [piece for piece in recipe.pieces if self._values.counts(piece)]
        return _PiecesCut(
            recipe,
            [self._table(piece) for piece in recipe.pieces],
            counted,
            [self._table(piece) for piece in counted],
            self._blank,
            self._replaced,
        )

    def _rows_cut(self, recipe: Recipe) -> _RowsCut:
        places = pairwise((*recipe.rows, len(recipe.pieces)))
        return _RowsCut([self._row(recipe.pieces[first:last]) for first, last in places])

    def _row(self, pieces: tuple[Piece, ...]) -> _Rows:
        start = pieces[0].start
        moved = tuple(replace(each, start=each.start - start, end=each.end - start) for each in pieces)
        found = self._rows.get(moved)
        if found is None:
            found = self._rows[moved] = _Rows(self._pieces_cut(Recipe(moved, (0,), False)))
        return found

    def _table(self, piece: Piece) -> PieceTable:
        width = piece.end - piece.start if piece.kind == "birthday" else 0
        sort = (piece.kind, piece.digits, piece.raw, width)
        found = self._tables.get(sort)
        if found is None:
            found = self._tables[sort] = table_for(piece, self._values, self._blank)
        return found


class _PiecesCut:
    """Masks a text by its pieces, each with its table. ``counted``: the pieces of which it counts that they
    were replaced, unless they are blank.
    """

    def __init__(
        self,
        recipe: Recipe,
        tables: Sequence[PieceTable],
        counted: Sequence[Piece],
        counted_tables: Sequence[PieceTable],
        all_blank: set[bytes],
        all_replaced: _AllReplaced,
    ) -> None:
        self._recipe, self._tables, self._all_blank = recipe, tables, all_blank
        self._unpacked = taking(recipe.pieces, lambda piece: True).unpack
        self._counted = taking(recipe.pieces, lambda piece: piece in counted).unpack
        self._kinds = tuple(piece.kind for piece in counted)
        self._all_replaced = all_replaced
        self._replaced = self._of(self._kinds)
        self._blank = [table.blank for table in counted_tables]
        self._birthdays, self._signatures = _places(recipe, "birthday"), _places(recipe, "signature")
        self.size = recipe.pieces[-1].end if recipe.pieces else 0

    def masked(self, data: bytes, person: bytes) -> MaskedText:
        """Raises Doubt."""
        parts = self._unpacked(data)
        made = list(map(getitem, self._tables, self._keys(parts, data, person) if self._birthdays else parts))
        text = b"".join(made)
        if len(text) != len(data):
            raise Doubt
        counted = self._counted(data)
        replaced = self._replaced
        if not self._all_blank.isdisjoint(counted):
            each = zip(counted, self._kinds, self._blank, strict=True)
            replaced = self._of(tuple([kind for part, kind, blank in each if part not in blank]))
        return text, replaced, self._looked_at(parts, made) if self._signatures else text

    def _of(self, kinds: tuple[str, ...]) -> tuple[Replaced, ...]:
        found = self._all_replaced.get(kinds)
        if found is None:
            found = self._all_replaced[kinds] = (Replaced(kinds),)
        return found

    def _keys(self, parts: Sequence[bytes], data: bytes, person: bytes) -> Sequence[bytes]:
        """The pieces as their tables have them: behind a birthday stands whose it is."""
        if self._recipe.who is not None:
            start, end = self._recipe.who
            person = data[start:end].strip(b" \0").upper()
        keys = list(parts)
        for place in self._birthdays:
            keys[place] += person
        return keys

    def _looked_at(self, parts: Sequence[bytes], made: list[bytes]) -> bytes:
        for place in self._signatures:
            inside = len(parts[place]) - 2 * EDGE
            if inside > 0 and (self._recipe.pieces[place].raw or is_invented_whole(parts[place])):
                made[place] = made[place][:EDGE] + b" " * inside + made[place][-EDGE:]
        return b"".join(made)


class _Rows(dict[bytes, tuple[bytes, tuple[Replaced, ...]]]):
    """What became of rows of a record: of those of one form. They come again with every read."""

    def __init__(self, cut: _PiecesCut) -> None:
        super().__init__()
        self._cut, self.size = cut, cut.size

    def __missing__(self, row: bytes) -> tuple[bytes, tuple[Replaced, ...]]:
        if len(self) >= MOST_ROWS:
            self.clear()
        text, replaced, _ = self._cut.masked(row, b"")
        made = self[row] = text, replaced
        return made


class _RowsCut:
    """Masks a record by its rows."""

    def __init__(self, rows: Sequence[_Rows]) -> None:
        self._rows = rows
        self._unpacked = Struct("".join(f"{each.size}s" for each in rows)).unpack

    def masked(self, data: bytes, person: bytes) -> MaskedText:
        """Raises Doubt."""
        made = list(map(getitem, self._rows, self._unpacked(data)))
        text = b"".join([row for row, _ in made])
        replaced = tuple([each for _, of_row in made for each in of_row])
        return text, replaced, text


def _places(recipe: Recipe, kind: PieceKind) -> tuple[int, ...]:
    return tuple(place for place, piece in enumerate(recipe.pieces) if piece.kind == kind)
