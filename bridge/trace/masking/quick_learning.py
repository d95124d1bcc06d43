"""Lines of calls, learnt as they stand in the file; of what came before, nothing is learnt again."""

from __future__ import annotations

from bridge.table.model.rows import Table
from bridge.trace.masking.answered import Answered
from bridge.trace.masking.collecting import Collector
from bridge.trace.masking.functions import Doubt, Functions, values_in
from bridge.trace.masking.pieces import Piece
from bridge.trace.masking.recent import Recent
from bridge.trace.masking.recipes import Context, Recipe, Recipes, Values
from bridge.trace.masking.rules import MaskRules
from bridge.trace.masking.split_line import split_line

SIDES_BYTES, TEXTS_BYTES = 1_500_000, 300_000  # of what came last, in each of two halves
MOST_SEEN = 20_000
LONG_SIDE = 400  # bytes: that of a list of visits, which is another one the next time


class QuickCollector:
    """Learns lines: a collector's first pass. What it does not do is left to the collector."""

    def __init__(self, table: Table, rules: MaskRules, collector: Collector) -> None:
        self._functions = Functions(table, rules)
        self._collector = collector
        self._given: Recent[Context] = Recent(SIDES_BYTES)
        self._answers: Recent[bool] = Recent(SIDES_BYTES)
        self._long_answers: Recent[bool] = Recent(TEXTS_BYTES)
        self._texts: Recent[bool] = Recent(TEXTS_BYTES)
        self._telling: dict[int, list[Piece]] = {}  # by form of a chunk: the pieces that tell of somebody
        self._seen: set[tuple[str, bytes]] = set()

    def learn(self, line: bytes, process: int, answered: Answered) -> bool:
        """Whether it was done. ``process``: whose; ``answered``: calls that have to be remembered."""
        parts = split_line(line)
        if parts is None or (answered.any and answered.is_expected(process, int(parts[0]))):
            return False
        _, hour, _, _, _, function, given, code, _, after = parts
        recipes = self._functions.of(function)
        if recipes is None or self._functions.time_of(hour) is None:
            return False
        filled = self._functions.filled(function, code)
        try:
            values, context = None, self._given.get((function, given), len(given))
            if context is None:
                values = values_in(given, recipes)
                context = recipes.context(values)
            key = (function, filled, context, after)
            learnt = self._long_answers if len(after) > LONG_SIDE else self._answers
            answer = None if learnt.get(key, len(after)) else values_in(after, recipes)
            if values is not None:  # nothing is learnt of a line before all of it is known to be one
                self._learn_given(recipes, function, values)
                self._given.keep((function, given), context, len(given))
            if answer is not None:
                self._learn_answer(recipes, answer, filled, context)
                learnt.keep(key, True, len(after))
        except Doubt:
            return False
        return True

    def _learn_given(self, recipes: Recipes, function: bytes, values: Values) -> None:
        cut: list[tuple[Recipe, bytes]] = []
        for name, data in values.items():
            if not isinstance(data, bytes):
                continue
            if name in recipes.cut_alone:
                key = (function, name, data)
                if self._texts.get(key, len(data)):
                    continue
                self._texts.keep(key, True, len(data))
            recipe = recipes.given(name, data, values)
            if recipe is None:
                raise Doubt
            cut.append((recipe, data))
        for recipe, data in cut:
            self._learn(recipe, data)

    def _learn_answer(self, recipes: Recipes, values: Values, filled: bool, context: Context) -> None:
        for name, data in values.items():
            if isinstance(data, bytes):
                self._learn(recipes.answer(name, data, values, filled, context), data)

    def _learn(self, recipe: Recipe, data: bytes) -> None:
        for chunk in recipe.chunks:
            telling = self._telling.get(chunk.form)
            if telling is None:
                telling = [piece for piece in chunk.pieces if self._collector.tells(piece)]
                self._telling[chunk.form] = telling
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
