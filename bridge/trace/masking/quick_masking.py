"""Lines of calls, masked as they stand in the file; of what came before, nothing is made again."""

from __future__ import annotations

from binascii import b2a_base64
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

from bridge.table.model.rows import Table
from bridge.trace.format import Number
from bridge.trace.masking.answered import Answered
from bridge.trace.masking.final_scan import RealValues
from bridge.trace.masking.functions import Doubt, Functions, values_in
from bridge.trace.masking.masker import Counts
from bridge.trace.masking.pieces import Piece
from bridge.trace.masking.recent import Recent
from bridge.trace.masking.recipes import Chunk, Context, Recipe, Recipes
from bridge.trace.masking.rules import MaskRules
from bridge.trace.masking.shapes import is_invented_whole
from bridge.trace.masking.split_line import split_line
from bridge.trace.masking.values import Values

SIDES_BYTES, CHUNKS_BYTES = 2_500_000, 1_000_000  # of what came last, in each of two halves
LONG_SIDE = 400  # bytes: that of a list of visits, which is another one the next time
MOST_PIECES = 4_000  # of one kind
_PASSING = ("signature", "token", "year")  # pieces that never come again, or change with the day
EDGE = 8  # of an invented signature: bytes looked at on both sides
_Kept = dict[bytes, tuple[bytes, int]]  # what became of a piece, and whether it was replaced: 1, else 0


class _Told:
    """The kinds of what was replaced in a text, and how often such a text was written."""

    __slots__ = ("kinds", "times")

    def __init__(self, kinds: tuple[str, ...]) -> None:
        self.kinds, self.times = kinds, 0


_Made = tuple[bytes, _Told]
_Given = tuple[bytes, _Told, Context]


class QuickMasker:
    """Masks lines: a masker's second pass. What was replaced is counted by :meth:`count`. What it does not do
    is left to the masker.
    """

    def __init__(self, table: Table, rules: MaskRules, values: Values, real_values: RealValues) -> None:
        self._functions = Functions(table, rules)
        self._values, self._real_values = values, real_values
        self._calls = 0
        self._given: Recent[_Given] = Recent(SIDES_BYTES)
        self._answers: Recent[_Made] = Recent(SIDES_BYTES)
        self._long_answers: Recent[_Made] = Recent(CHUNKS_BYTES)
        self._texts: Recent[_Made] = Recent(CHUNKS_BYTES)
        self._chunks: Recent[_Made] = Recent(CHUNKS_BYTES)
        self._told: dict[tuple[str, ...], _Told] = {}
        self._steps: dict[int, list[tuple[int, int, Piece, _Kept]]] = {}  # by form of a chunk
        self._pieces: dict[tuple[str, bool], _Kept] = {}  # what became of earlier ones, by their sort
        self._when = lru_cache(maxsize=10_000)(self._moved)
        self._numbers = lru_cache(maxsize=10_000)(_number_text)

    def masked(self, line: bytes, process: int, answered: Answered) -> bytes | None:
        """The line in its place. None: not to be done here."""
        parts = split_line(line)
        if parts is None or (answered.any and answered.is_expected(process, int(parts[0]))):
            return None
        number, hour, clock, thread, door, function, given, code, microseconds, after = parts
        recipes, when = self._functions.of(function), self._when(hour)
        if recipes is None or when is None:
            return None
        moved, self._values.years = when
        filled = self._functions.filled(function, code)
        try:
            before, answer = self._sides(recipes, function, given, filled, after)
        except Doubt:
            return None
        given, told, _ = before
        after, told_after = answer
        self._calls += 1
        told.times += 1
        told_after.times += 1
        return (
            b'{"call":%b,"time":"%b%b","thread":%b,"door":"%b","function":"%b","in":{%b},'
            b'"code":%b,"us":%b,"out":{%b}}\n'
        ) % (number, moved, clock, thread, door, function, given, code, microseconds, after)

    def count(self, counts: Counts) -> None:
        """Add what was done since the last time."""
        counts.calls += self._calls
        self._calls = 0
        for told in self._told.values():
            for kind in told.kinds if told.times else ():
                self._values.replaced[kind] += told.times
            told.times = 0

    def _moved(self, hour: bytes) -> tuple[bytes, int] | None:
        """Date and hour as they are written, and by how much years move. None: no such hour."""
        at = self._functions.time_of(hour)
        if at is None:
            return None
        self._values.begin_call(at)
        moved = at + timedelta(days=self._values.days)
        if moved.year < 1000:
            return None
        return moved.strftime("%Y-%m-%dT%H").encode(), self._values.years

    # --- one side of a call ---------------------------------------------------------------------------------

    def _sides(
        self, recipes: Recipes, function: bytes, given: bytes, filled: bool, after: bytes
    ) -> tuple[_Given, _Made]:
        """Values before and after the call. Nothing is invented before all of it is known to be a line."""
        key = (function, self._values.years, given)
        before = self._given.get(key, 2 * len(given))
        values = values_in(given, recipes) if before is None else {}
        context = before[2] if before is not None else recipes.context(values)
        answer_key = (function, self._values.years, filled, context, after)
        answers = self._long_answers if len(after) > LONG_SIDE else self._answers
        answer = answers.get(answer_key, 2 * len(after))
        after_values = values_in(after, recipes) if answer is None else {}
        if before is None:
            made, again = self._masked_given(recipes, function, values, context)
            before = *made, context
            if again:
                self._given.keep(key, before, 2 * len(given))
        if answer is None:
            answer, again = self._masked_answer(recipes, after_values, filled, context)
            if again:
                answers.keep(answer_key, answer, 2 * len(after))
        return before, answer

    def _masked_given(
        self, recipes: Recipes, function: bytes, values: dict[str, bytes | Number], context: Context
    ) -> tuple[_Made, bool]:
        """The side, and whether it may come again: what is written is seldom written twice."""
        made: list[_Made] = []
        again = True
        for name, value in values.items():
            if isinstance(value, Number):
                made.append(self._number(name, value))
            elif name in recipes.cut_alone:
                made.append(self._text(recipes, function, name, value, context.person))
            else:
                again = False
                recipe = recipes.given(name, value, values)
                if recipe is None:
                    raise Doubt
                made.append(self._masked_value(name, recipe, value, context.person))
        return self._joined(made), again

    def _masked_answer(
        self, recipes: Recipes, values: dict[str, bytes | Number], filled: bool, context: Context
    ) -> tuple[_Made, bool]:
        made: list[_Made] = []
        again = True
        for name, value in values.items():
            if isinstance(value, Number):
                made.append(self._number(name, value))
            else:
                recipe = recipes.answer(name, value, values, filled, context)
                again = again and not recipe.passing
                made.append(self._masked_value(name, recipe, value, context.person))
        return self._joined(made), again

    def _text(self, recipes: Recipes, function: bytes, name: str, data: bytes, person: bytes) -> _Made:
        key = (function, name, data, person)
        found = self._texts.get(key, 2 * len(data))
        if found is None:
            recipe = recipes.given(name, data, {})
            if recipe is None:
                raise Doubt
            found = self._masked_value(name, recipe, data, person)
            self._texts.keep(key, found, 2 * len(data))
        return found

    def _number(self, name: str, value: Number) -> _Made:
        return b'"%b":%b' % (name.encode(), self._numbers(value.low, value.wide)), self._told_of(())

    def _joined(self, made: list[_Made]) -> _Made:
        kinds = [kind for _, told in made for kind in told.kinds]
        return b",".join([text for text, _ in made]), self._told_of(tuple(kinds))

    def _told_of(self, kinds: tuple[str, ...]) -> _Told:
        found = self._told.get(kinds)
        if found is None:
            found = self._told[kinds] = _Told(kinds)
        return found

    # --- one value ------------------------------------------------------------------------------------------

    def _masked_value(self, name: str, recipe: Recipe, data: bytes, person: bytes) -> _Made:
        """As it is written: name and base64."""
        if recipe.who is not None:
            start, end = recipe.who
            person = data[start:end].strip(b" \0").upper()
        made = [self._chunk(chunk, data[chunk.start : chunk.end], person) for chunk in recipe.chunks]
        text, told = made[0] if len(made) == 1 else self._together(made)
        if len(text) != len(data):
            raise Doubt
        if not self._real_values.clean(_looked_at(recipe, data, text) if recipe.passing else text):
            raise Doubt
        return b'"%b":"%b"' % (name.encode(), b2a_base64(text, newline=False)), told

    def _together(self, made: list[_Made]) -> _Made:
        kinds = [kind for _, told in made for kind in told.kinds]
        return b"".join([text for text, _ in made]), self._told_of(tuple(kinds))

    def _chunk(self, chunk: Chunk, data: bytes, person: bytes) -> _Made:
        if chunk.passing and data.strip(b" \0"):
            return self._masked_chunk(chunk, data, person)
        key = (chunk.form, self._values.years, data, person if chunk.personal else None)
        found = self._chunks.get(key, 2 * len(data))
        if found is None:
            found = self._masked_chunk(chunk, data, person)
            self._chunks.keep(key, found, 2 * len(data))
        return found

    def _masked_chunk(self, chunk: Chunk, data: bytes, person: bytes) -> _Made:
        steps = self._steps.get(chunk.form)
        if steps is None:
            steps = self._steps[chunk.form] = [
                (piece.start, piece.end, piece, self._pieces.setdefault(_sort(piece), {}))
                for piece in chunk.pieces
            ]
        made, replaced = [], []
        for start, end, piece, kept in steps:
            part = data[start:end]
            key = part if piece.kind != "birthday" else person + b"\0" + part
            found = kept.get(key)
            if found is None:
                found = self._masked_piece(piece, part, person)
                if piece.kind not in _PASSING:
                    if len(kept) >= MOST_PIECES:
                        kept.clear()
                    kept[key] = found
            made.append(found[0])
            if found[1]:
                replaced.append(piece.kind)
        return b"".join(made), self._told_of(tuple(replaced))

    def _masked_piece(self, piece: Piece, data: bytes, person: bytes) -> tuple[bytes, int]:
        """The bytes in its place, and how many values were replaced: one at most. A text with several in it
        is left to the masker.
        """
        values = self._values
        before, swept = values.replaced, values.swept
        values.replaced = Counter()
        try:
            made = values.masked(_about(piece, person), data)
            count = values.replaced.total()
            if values.swept != swept or count > 1:
                raise Doubt
        finally:
            values.replaced, values.swept = before, swept
        return made, count


def _sort(piece: Piece) -> tuple[str, bool]:
    return piece.kind, piece.digits


def _about(piece: Piece, person: bytes) -> Piece:
    return replace(piece, person=person) if piece.kind == "birthday" else piece


def _looked_at(recipe: Recipe, data: bytes, text: bytes) -> bytes:
    """The text as the last look has to see it: without the inside of invented signatures. They follow from
    the key alone; what stands in one by chance is nobody's.
    """
    for chunk in recipe.chunks:
        for piece in chunk.pieces if chunk.passing else ():
            start, end = chunk.start + piece.start, chunk.start + piece.end
            inside = end - start - 2 * EDGE
            if piece.kind == "signature" and inside > 0 and (piece.raw or is_invented_whole(data[start:end])):
                text = text[: start + EDGE] + b" " * inside + text[end - EDGE :]
    return text


def _number_text(low: int, wide: int | None) -> bytes:
    if wide is None:
        return b'{"i16":%d}' % low
    return b'{"i16":%d,"i32":%d}' % (low, wide if -(2**31) <= wide < 2**32 else low)
