"""Texts and records of many calls, masked by looking up each piece of all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, compress, pairwise
from operator import add
from struct import Struct
from typing import NamedTuple, Protocol

from bridge.trace.masking.columns import Doubt
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


class MaskedTexts(NamedTuple):
    """Texts; what was replaced in each; each as the last look has to see it: without the inside of invented
    signatures. They follow from the key alone; what stands in one by chance is nobody's.
    """

    texts: Sequence[bytes]
    replaced: Sequence[tuple[Replaced, ...]]
    looked_at: Sequence[bytes]


_AllReplaced = dict[tuple[str, ...], tuple[Replaced, ...]]
_Columns = Sequence[Sequence[bytes]]  # by piece: its bytes in each text


_AllOf = Sequence[tuple[Replaced, ...]]


class Joined(dict[tuple[tuple[Replaced, ...], ...], tuple[Replaced, ...]]):
    """What was replaced in the parts of something, as what was replaced in the whole: there are few ways."""

    def __missing__(self, parts: tuple[tuple[Replaced, ...], ...]) -> tuple[Replaced, ...]:
        if len(self) >= MOST_CUTS:
            self.clear()
        made = self[parts] = tuple(chain.from_iterable(parts))
        return made

    def all(self, parts: Sequence[Sequence[tuple[Replaced, ...]]], count: int) -> _AllOf:
        """Of so many things; ``parts``: by part, what was replaced in that of each."""
        if len(parts) == 1:
            return parts[0]
        return list(map(self.__getitem__, zip(*parts, strict=True))) if parts else [()] * count


class _Cut(Protocol):
    def masked(self, data: Sequence[bytes], persons: Sequence[bytes]) -> MaskedTexts: ...


class TextMasker:
    """Masks texts. What was made of a piece is made once. ``joined``: for what was replaced in several."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._tables: dict[tuple[object, ...], PieceTable] = {}
        self._rows: dict[tuple[Piece, ...], _Rows] = {}
        self._cuts: dict[Recipe, _Cut] = {}
        self.joined = Joined()
        self._replaced: _AllReplaced = {(): ()}

    def masked(self, recipe: Recipe, data: Sequence[bytes], persons: Sequence[bytes]) -> MaskedTexts:
        """Texts of one recipe. ``persons``: whom each one's call is about. Raises Doubt."""
        cut = self._cuts.get(recipe) or self._new_cut(recipe)
        return cut.masked(data, persons)

    def _new_cut(self, recipe: Recipe) -> _Cut:
        if len(self._cuts) >= MOST_CUTS:
            self._cuts.clear()
            self._rows.clear()
        again = not any(piece.kind in PASSING or piece.kind == "birthday" for piece in recipe.pieces)
        whole = len(recipe.rows) <= 1 or not again
        made = self._cuts[recipe] = self._pieces_cut(recipe) if whole else self._rows_cut(recipe)
        return made

    def _pieces_cut(self, recipe: Recipe) -> _PiecesCut:
        counted = [piece for piece in recipe.pieces if self._values.counts(piece)]
        tables = [self._table(piece) for piece in recipe.pieces]
        return _PiecesCut(recipe, tables, counted, self._replaced)

    def _rows_cut(self, recipe: Recipe) -> _RowsCut:
        places = pairwise((*recipe.rows, len(recipe.pieces)))
        return _RowsCut([self._row(recipe.pieces[first:last]) for first, last in places], self.joined)

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
            found = self._tables[sort] = table_for(piece, self._values)
        return found


class _PiecesCut:
    """Masks texts by their pieces, each with its table. ``counted``: the pieces of which it counts that they
    were replaced, unless they are blank.
    """

    def __init__(
        self,
        recipe: Recipe,
        tables: Sequence[PieceTable],
        counted: Sequence[Piece],
        all_replaced: _AllReplaced,
    ) -> None:
        self._recipe, self._tables = recipe, tables
        self._unpacked = taking(recipe.pieces, lambda piece: True).iter_unpack
        self._counted = [place for place, piece in enumerate(recipe.pieces) if piece in counted]
        self._kinds = tuple(piece.kind for piece in counted)
        self._all_replaced = all_replaced
        self._replaced = self._of(self._kinds)
        self._birthdays, self._signatures = _places(recipe, "birthday"), _places(recipe, "signature")
        self.size = recipe.pieces[-1].end if recipe.pieces else 0

    def masked(self, data: Sequence[bytes], persons: Sequence[bytes]) -> MaskedTexts:
        """Raises Doubt."""
        if not self.size:  # nothing to be replaced
            return MaskedTexts(data, [()] * len(data), data)
        parts = list(zip(*self._unpacked(b"".join(data)), strict=True))
        keys = self._keys(parts, data, persons) if self._birthdays else parts
        made = [table.column(column) for table, column in zip(self._tables, keys, strict=True)]
        texts = list(map(b"".join, zip(*made, strict=True)))
        if set(map(len, texts)) != {self.size}:
            raise Doubt
        looked_at = self._looked_at(parts, made) if self._signatures else texts
        return MaskedTexts(texts, self._replaced_in(parts), looked_at)

    def _replaced_in(self, parts: _Columns) -> Sequence[tuple[Replaced, ...]]:
        """Of each text; ``parts``: its pieces before."""
        blank = [(parts[place], self._tables[place].blank) for place in self._counted]
        if all(blanks.isdisjoint(column) for column, blanks in blank):
            return [self._replaced] * len(parts[0])
        there = [[part not in blanks for part in column] for column, blanks in blank]
        return [self._of(tuple(compress(self._kinds, each))) for each in zip(*there, strict=True)]

    def _of(self, kinds: tuple[str, ...]) -> tuple[Replaced, ...]:
        found = self._all_replaced.get(kinds)
        if found is None:
            found = self._all_replaced[kinds] = (Replaced(kinds),)
        return found

    def _keys(self, parts: _Columns, data: Sequence[bytes], persons: Sequence[bytes]) -> _Columns:
        """The pieces as their tables have them: behind a birthday stands whose it is."""
        if self._recipe.who is not None:
            start, end = self._recipe.who
            persons = [each[start:end].strip(b" \0").upper() for each in data]
        keys = list(parts)
        for place in self._birthdays:
            keys[place] = list(map(add, parts[place], persons))
        return keys

    def _looked_at(self, parts: _Columns, made: list[Sequence[bytes]]) -> list[bytes]:
        for place in self._signatures:
            piece = self._recipe.pieces[place]
            inside = piece.end - piece.start - 2 * EDGE
            if inside > 0:
                blank = b" " * inside
                made[place] = [
                    each[:EDGE] + blank + each[-EDGE:] if piece.raw or is_invented_whole(part) else each
                    for part, each in zip(parts[place], made[place], strict=True)
                ]
        return list(map(b"".join, zip(*made, strict=True)))


class _Rows(dict[bytes, tuple[bytes, tuple[Replaced, ...]]]):
    """What became of rows of a record: of those of one form. They come again with every read."""

    def __init__(self, cut: _PiecesCut) -> None:
        super().__init__()
        self._cut, self.size = cut, cut.size

    def masked(self, rows: Sequence[bytes]) -> list[tuple[bytes, tuple[Replaced, ...]]]:
        """Each row, and what was replaced in it. Raises Doubt."""
        if len(self) >= MOST_ROWS:
            self.clear()
        new = [row for row in dict.fromkeys(rows) if row not in self]
        if new:
            made = self._cut.masked(new, [b""] * len(new))
            self.update(zip(new, zip(made.texts, made.replaced, strict=True), strict=True))
        return list(map(self.__getitem__, rows))


class _RowsCut:
    """Masks records by their rows."""

    def __init__(self, rows: Sequence[_Rows], joined: Joined) -> None:
        self._rows, self._joined = rows, joined
        self._unpacked = Struct("".join(f"{each.size}s" for each in rows)).iter_unpack

    def masked(self, data: Sequence[bytes], persons: Sequence[bytes]) -> MaskedTexts:
        """Raises Doubt."""
        columns = zip(*self._unpacked(b"".join(data)), strict=True)
        made = [rows.masked(column) for rows, column in zip(self._rows, columns, strict=True)]
        texts = list(map(b"".join, zip(*[[row for row, _ in each] for each in made], strict=True)))
        replaced = [[of_row for _, of_row in each] for each in made]
        return MaskedTexts(texts, self._joined.all(replaced, len(data)), texts)


def _places(recipe: Recipe, kind: PieceKind) -> tuple[int, ...]:
    return tuple(place for place, piece in enumerate(recipe.pieces) if piece.kind == kind)
