"""Lines of calls, learnt as they stand in the file; of what came before, nothing is learnt again."""

from __future__ import annotations

from struct import Struct

from bridge.table.model.rows import Table
from bridge.trace.masking.answered import Answered
from bridge.trace.masking.collecting import Collector
from bridge.trace.masking.functions import Doubt, Functions, values_in
from bridge.trace.masking.pieces import PERSONAL, Piece, taking
from bridge.trace.masking.recent import Recent
from bridge.trace.masking.recipes import MOST_FORMS, Context, Recipe, Recipes, Values
from bridge.trace.masking.rules import MaskRules
from bridge.trace.masking.split_line import split_line

SIDES_BYTES = 1_500_000  # of what came last, in each of two halves
MOST_SEEN = 20_000  # of one kind that is no person's, or of one argument
LONGEST_SEEN = 100  # bytes of an argument that is remembered
SHORT_SIDE = 400  # bytes: a longer one is a list of visits, which is another one the next time
_Records = tuple[tuple[str, int], ...]
_Telling = tuple[Struct, tuple[Piece, ...], tuple[set[bytes], ...]]  # what tells of somebody, and was seen


class QuickCollector:
    """Learns lines: a collector's first pass. What it does not do is left to the collector."""

    def __init__(self, table: Table, rules: MaskRules, collector: Collector) -> None:
        self._functions = Functions(table, rules)
        self._usable = self._functions.usable
        self._collector = collector
        self._given: Recent[_Records] = Recent(SIDES_BYTES)
        self._answers: Recent[bool] = Recent(SIDES_BYTES)
        self._signed: set[bytes] = set()  # functions of which an answer had a signature
        self._passed: dict[
            bytes, dict[str, set[bytes]]
        ] = {}  # by function and argument: texts that were seen
        self._telling: dict[Recipe, _Telling] = {}
        self._seen: dict[tuple[str, bool], set[bytes]] = {}  # by kind, and whether they are raw

    def learn(self, line: bytes, process: int, answered: Answered) -> bool:
        """Whether it was done. ``process``: whose; ``answered``: calls that have to be remembered."""
        split = split_line(line)
        if split is None or (answered.any and answered.is_expected(process, int(split[6]))):
            return False
        _, hour, _, given, _, after, _, function, code = split
        recipes = self._usable.get(function)
        if recipes is None or self._functions.time_of(hour) is None:
            return False
        filled = self._functions.filled(function, code)
        try:
            values, records = None, None if recipes.writes else self._given.get((function, given), len(given))
            if records is None:
                values = values_in(given, recipes)
                records = recipes.records(values)
            key = (function, filled, records, after)
            short = len(after) <= SHORT_SIDE and function not in self._signed
            answer = None if short and self._answers.get(key, len(after)) else values_in(after, recipes)
            if values is not None:  # nothing is learnt of a line before all of it is known to be one
                self._learn_given(recipes, function, values)
                if not recipes.writes:
                    self._given.keep((function, given), records, len(given))
            if answer is not None:
                if self._learn_answer(recipes, answer, filled, Context(b"", records)):
                    self._signed.add(function)
                elif short:
                    self._answers.keep(key, True, len(after))
        except Doubt:
            return False
        return True

    def _learn_given(self, recipes: Recipes, function: bytes, values: Values) -> None:
        passed = self._passed.get(function)
        if passed is None:
            names = recipes.passed(self._collector.tells)
            passed = self._passed[function] = {name: set() for name in names}
        cut: list[tuple[Recipe, bytes]] = []
        for name, data in values.items():
            if name not in passed or not isinstance(data, bytes) or data in passed[name]:
                continue
            recipe = recipes.given(name, data, values)
            if recipe is None:
                raise Doubt
            cut.append((recipe, data))
            if name in recipes.cut_alone and len(data) <= LONGEST_SEEN:
                if len(passed[name]) >= MOST_SEEN:
                    passed[name].clear()
                passed[name].add(data)
        for recipe, data in cut:
            self._learn(recipe, data)

    def _learn_answer(self, recipes: Recipes, values: Values, filled: bool, context: Context) -> bool:
        """Whether there is a place for a signature in it: it does not come again."""
        signed = False
        for name, data in values.items():
            if isinstance(data, bytes):
                recipe = recipes.answer(name, data, values, filled, context)
                self._learn(recipe, data)
                signed = signed or recipe.passing
        return signed

    def _learn(self, recipe: Recipe, data: bytes) -> None:
        telling, pieces, all_seen = self._telling.get(recipe) or self._tells(recipe)
        for piece, part, seen in zip(pieces, telling.unpack(data), all_seen, strict=True):
            if part not in seen:
                self._collector.piece(piece, part)
                if piece.kind != "signature":  # it never comes again
                    if piece.kind not in PERSONAL and len(seen) >= MOST_SEEN:
                        seen.clear()
                    seen.add(part)

    def _tells(self, recipe: Recipe) -> _Telling:
        if len(self._telling) >= MOST_FORMS:
            self._telling.clear()
        pieces = [piece for piece in recipe.pieces if self._collector.tells(piece)]
        seen = tuple(self._seen.setdefault((piece.kind, piece.raw), set()) for piece in pieces)
        made = self._telling[recipe] = taking(recipe.pieces, self._collector.tells), tuple(pieces), seen
        return made
