"""Lines of calls, learnt and masked as they stand in the file; of what came before, nothing is done again.

A line that is written in another way, that holds other values, or in which the last look finds something, is
left to :class:`~bridge.trace.masking.collecting.Collector` and :class:`~bridge.trace.masking.masker.Masker`,
which look at everything. What is done here, they would do in the same way; the tests compare them.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from bridge.table.model.rows import Table
from bridge.trace.format import Number, signed16
from bridge.trace.masking.answered import Answered
from bridge.trace.masking.collecting import Collector
from bridge.trace.masking.final_scan import RealValues
from bridge.trace.masking.masker import Counts
from bridge.trace.masking.pieces import Cutter, Piece
from bridge.trace.masking.recent import Recent
from bridge.trace.masking.recipes import Chunk, Context, Recipe, Recipes
from bridge.trace.masking.rules import MaskRules
from bridge.trace.masking.shapes import is_invented_whole
from bridge.trace.masking.split_line import split_line, values_of
from bridge.trace.masking.values import Values

SIDES_BYTES, CHUNKS_BYTES = 6_000_000, 3_000_000  # kept of what came last, in each of two halves
MOST_SEEN = 50_000
EDGE = 12  # of an invented signature: bytes looked at on both sides


class Doubt(Exception):
    """The line has to be looked at as a whole."""


class _Functions:
    """The rows of functions by the bytes of their names."""

    def __init__(self, table: Table, rules: MaskRules) -> None:
        cutter = Cutter(table, rules)
        made = {
            name.encode(): Recipes(table, rules, cutter, function)
            for name, function in table.functions.items()
        }
        self._usable = {name: recipes for name, recipes in made.items() if recipes.usable}
        self._table = table
        self.filled = lru_cache(maxsize=10_000)(self._filled)

    def of(self, name: bytes) -> Recipes | None:
        """None: its calls are looked at as a whole."""
        return self._usable.get(name)

    def _filled(self, function: bytes, code: bytes) -> bool:
        return self._table.succeeded(function.decode(), signed16(int(code)))


class QuickCollector:
    """Learns lines: a collector's first pass."""

    def __init__(self, table: Table, rules: MaskRules, collector: Collector) -> None:
        self._functions = _Functions(table, rules)
        self._collector = collector
        self._given: Recent[Context] = Recent(SIDES_BYTES)
        self._answers: Recent[bool] = Recent(SIDES_BYTES)
        self._telling: dict[int, list[Piece]] = {}  # by form of a chunk: the pieces that tell of somebody
        self._seen: set[tuple[str, bytes]] = set()

    def learn(self, line: bytes, process: int, answered: Answered) -> bool:
        """Whether it was done. ``process``: whose; ``answered``: calls that have to be remembered."""
        parts = split_line(line)
        recipes = self._functions.of(parts.function) if parts is not None else None
        if parts is None or recipes is None or answered.is_expected(process, int(parts.number)):
            return False
        given, after = parts.given, parts.after
        filled = self._functions.filled(parts.function, parts.code)
        try:
            context = self._given.get((parts.function, given), len(given))
            if context is None:
                context = self._learn_given(recipes, given)
                self._given.keep((parts.function, given), context, len(given))
            key = (parts.function, filled, context, after)
            if self._answers.get(key, len(after)) is None:
                self._learn_answer(recipes, after, filled, context)
                self._answers.keep(key, True, len(after))
        except Doubt:
            return False
        return True

    def _learn_given(self, recipes: Recipes, side: bytes) -> Context:
        values = _values(side)
        cut = [(data, _sure(recipes.given(name, data, values))) for name, data in _texts(recipes, values)]
        for data, recipe in cut:
            self._learn(recipe, data)
        return recipes.context(values)

    def _learn_answer(self, recipes: Recipes, side: bytes, filled: bool, context: Context) -> None:
        values = _values(side)
        for name, data in _texts(recipes, values):
            self._learn(recipes.answer(name, data, values, filled, context), data)

    def _learn(self, recipe: Recipe, data: bytes) -> None:
        for chunk in recipe.chunks:
            telling = self._telling.get(chunk.form)
            if telling is None:
                telling = self._telling[chunk.form] = [
                    piece for piece in chunk.pieces if self._collector.tells(piece)
                ]
            for piece in telling:
                part = data[chunk.start + piece.start : chunk.start + piece.end]
                key = (piece.kind, part)
                if key not in self._seen:
                    self._collector.piece(piece, part)
                    if not chunk.passing:
                        self._remember(key)

    def _remember(self, key: tuple[str, bytes]) -> None:
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen.add(key)


class _Told:
    """What was replaced in a text, by kind, and how often that text was written."""

    __slots__ = ("kinds", "times")

    def __init__(self, kinds: tuple[tuple[str, int], ...]) -> None:
        self.kinds, self.times = kinds, 0


_Given = tuple[bytes, _Told, Context]
_After = tuple[bytes, _Told]


class QuickMasker:
    """Masks lines: a masker's second pass. What was replaced is counted by :meth:`count`."""

    def __init__(self, table: Table, rules: MaskRules, values: Values, real_values: RealValues) -> None:
        self._functions = _Functions(table, rules)
        self._values, self._real_values = values, real_values
        self._calls = 0
        self._years = 0
        self._given: Recent[_Given] = Recent(SIDES_BYTES)
        self._answers: Recent[_After] = Recent(SIDES_BYTES)
        self._chunks: Recent[tuple[bytes, _Told]] = Recent(CHUNKS_BYTES)
        self._told: dict[tuple[tuple[str, int], ...], _Told] = {}
        self._when = lru_cache(maxsize=10_000)(self._moved)
        self._numbers = lru_cache(maxsize=10_000)(_number_text)

    def masked(self, line: bytes, process: int, answered: Answered) -> bytes | None:
        """The line in its place. None: not to be done here."""
        parts = split_line(line)
        recipes = self._functions.of(parts.function) if parts is not None else None
        if parts is None or recipes is None or answered.is_expected(process, int(parts.number)):
            return None
        when = self._when(parts.hour)
        if when is None:
            return None
        day, self._values.years = when
        filled = self._functions.filled(parts.function, parts.code)
        try:
            given, told, context = self._masked_given(recipes, parts.function, parts.given)
            after, told_after = self._masked_answer(recipes, parts.function, parts.after, filled, context)
        except Doubt:
            return None
        self._calls += 1
        told.times += 1
        told_after.times += 1
        return (
            b'{"call":%b,"time":"%b%b","thread":%b,"door":"%b","function":"%b","in":{%b},'
            b'"code":%b,"us":%b,"out":{%b}}\n'
        ) % (
            parts.number, day, parts.clock, parts.thread, parts.door, parts.function, given,
            parts.code, parts.microseconds, after,
        )  # fmt: skip

    def count(self, counts: Counts) -> None:
        """Add what was done since the last time."""
        counts.calls += self._calls
        self._calls = 0
        for told in self._told.values():
            for kind, number in told.kinds:
                self._values.replaced[kind] += number * told.times
            told.times = 0

    def _moved(self, hour: bytes) -> tuple[bytes, int] | None:
        """Date and hour as they are written, and by how much years move. None: no such hour."""
        with suppress(ValueError, OverflowError):
            at = datetime.fromisoformat(hour.decode() + ":00:00+00:00")
            self._values.begin_call(at)
            moved = at + timedelta(days=self._values.days)
            if moved.year >= 1000:
                return moved.strftime("%Y-%m-%dT%H").encode(), self._values.years
        return None

    # --- one side of a call ---------------------------------------------------------------------------------

    def _masked_given(self, recipes: Recipes, function: bytes, side: bytes) -> _Given:
        key = (function, self._values.years, side)
        found = self._given.get(key, 2 * len(side))
        if found is None:
            values = _values(side)
            cut = {name: _sure(recipes.given(name, data, values)) for name, data in _texts(recipes, values)}
            context = recipes.context(values)
            text, told = self._side(values, cut, context.person)
            found = text, told, context
            if not any(chunk.passing for recipe in cut.values() for chunk in recipe.chunks):
                self._given.keep(key, found, 2 * len(side))
        return found

    def _masked_answer(
        self, recipes: Recipes, function: bytes, side: bytes, filled: bool, context: Context
    ) -> _After:
        key = (function, self._values.years, filled, context, side)
        found = self._answers.get(key, 2 * len(side))
        if found is None:
            values = _values(side)
            cut = {
                name: recipes.answer(name, data, values, filled, context)
                for name, data in _texts(recipes, values)
            }
            found = self._side(values, cut, context.person)
            if not any(chunk.passing for recipe in cut.values() for chunk in recipe.chunks):
                self._answers.keep(key, found, 2 * len(side))
        return found

    def _side(
        self, values: dict[str, bytes | Number], cut: dict[str, Recipe], person: bytes
    ) -> tuple[bytes, _Told]:
        told: list[_Told] = []
        made = []
        for name, value in values.items():
            if isinstance(value, bytes):
                text = b2a_base64(self._value(cut[name], value, person, told), newline=False)
                made.append(b'"%b":"%b"' % (name.encode(), text))
            else:
                made.append(b'"%b":%b' % (name.encode(), self._numbers(value.low, value.wide)))
        return b",".join(made), self._sum_of(told)

    # --- one value ------------------------------------------------------------------------------------------

    def _value(self, recipe: Recipe, data: bytes, person: bytes, told: list[_Told]) -> bytes:
        """The bytes in its place; what was replaced is added to ``told``."""
        if recipe.who is not None:
            start, end = recipe.who
            person = data[start:end].strip(b" \0").upper()
        made = []
        for chunk in recipe.chunks:
            part, what = self._chunk(chunk, data[chunk.start : chunk.end], person)
            made.append(part)
            told.append(what)
        text = b"".join(made)
        if len(text) != len(data) or not self._real_values.clean(_looked_at(recipe, data, text)):
            raise Doubt
        return text

    def _chunk(self, chunk: Chunk, data: bytes, person: bytes) -> tuple[bytes, _Told]:
        key = (chunk.form, self._values.years, data, person if chunk.personal else None)
        found = self._chunks.get(key, 2 * len(data))
        if found is None:
            found = self._masked_chunk(chunk, data, person)
            if not chunk.passing:
                self._chunks.keep(key, found, 2 * len(data))
        return found

    def _masked_chunk(self, chunk: Chunk, data: bytes, person: bytes) -> tuple[bytes, _Told]:
        values = self._values
        before, swept = values.replaced, values.swept
        values.replaced = Counter()
        try:
            made = [
                values.masked(_about(piece, person), data[piece.start : piece.end]) for piece in chunk.pieces
            ]
            if values.swept != swept:
                raise Doubt
            return b"".join(made), self._told_of(values.replaced)
        finally:
            values.replaced, values.swept = before, swept

    def _sum_of(self, told: list[_Told]) -> _Told:
        together: Counter[str] = Counter()
        for each in told:
            for kind, number in each.kinds:
                together[kind] += number
        return self._told_of(together)

    def _told_of(self, replaced: Counter[str]) -> _Told:
        kinds = tuple(sorted(replaced.items()))
        return self._told.setdefault(kinds, _Told(kinds))


def _about(piece: Piece, person: bytes) -> Piece:
    return replace(piece, person=person) if piece.kind == "birthday" else piece


def _looked_at(recipe: Recipe, data: bytes, text: bytes) -> bytes:
    """The text as the last look has to see it: without the inside of invented signatures. They follow from
    the key alone; what stands in one by chance is nobody's.
    """
    for chunk in recipe.chunks:
        for piece in chunk.pieces if chunk.passing else ():
            start, end = chunk.start + piece.start, chunk.start + piece.end
            if piece.kind == "signature" and (piece.raw or is_invented_whole(data[start:end])):
                inside = max(end - start - 2 * EDGE, 0)
                text = text[: start + EDGE] + b" " * inside + text[start + EDGE + inside :]
    return text


def _values(side: bytes) -> dict[str, bytes | Number]:
    values = values_of(side)
    if values is None:
        raise Doubt
    return values


def _texts(recipes: Recipes, values: dict[str, bytes | Number]) -> Iterator[tuple[str, bytes]]:
    """All texts and buffers, by name."""
    for name, value in values.items():
        if not recipes.knows(name):
            raise Doubt
        if isinstance(value, bytes):
            yield name, value


def _sure(recipe: Recipe | None) -> Recipe:
    if recipe is None:
        raise Doubt
    return recipe


def _number_text(low: int, wide: int | None) -> bytes:
    if wide is None:
        return b'{"i16":%d}' % low
    return b'{"i16":%d,"i32":%d}' % (low, wide if -(2**31) <= wide < 2**32 else low)
