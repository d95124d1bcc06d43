"""Lines of calls, learnt together as they stand in the file; of what came before, nothing is learnt again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import Struct

from bridge.table.model.rows import Table
from bridge.trace.masking.batches import Alike, Batch
from bridge.trace.masking.collecting import Collector
from bridge.trace.masking.columns import columns
from bridge.trace.masking.functions import Functions
from bridge.trace.masking.pieces import PERSONAL, Piece, taking
from bridge.trace.masking.recent import Recent, all_new
from bridge.trace.masking.recipes import MOST_FORMS, Cuts, Recipe, Recipes, Records
from bridge.trace.masking.rules import MaskRules

SIDES_BYTES = 1_500_000  # of what came last, in each of two halves
MOST_SEEN = 20_000  # of one kind that is no person's
SHORT_SIDE = 400  # bytes: a longer one is a list of visits, which is another one the next time
_Telling = tuple[Struct, tuple[Piece, ...], tuple[set[bytes], ...]]  # what tells of somebody, and was seen
_Cut = tuple[Recipe, Sequence[bytes]]


class QuickCollector:
    """Learns lines: a collector's first pass. What it does not do is left to the collector."""

    def __init__(self, table: Table, rules: MaskRules, collector: Collector) -> None:
        self._functions = Functions(table, rules)
        self._collector = collector
        self._given: Recent[Records] = Recent(SIDES_BYTES)
        self._answers: Recent[bool] = Recent(SIDES_BYTES)
        self._signed: set[bytes] = set()  # functions of which an answer had a signature
        self._passed: dict[bytes, frozenset[str]] = {}  # by function: arguments that may tell of somebody
        self._telling: dict[Recipe, _Telling] = {}
        self._seen: dict[tuple[str, bool], set[bytes]] = {}  # by kind, and whether they are raw

    def learn(self, batch: Batch) -> list[int]:
        """Out: the places of the lines that have to be looked at as a whole."""
        return batch.done(self._functions, self._years, lambda group: self._group(batch, group))

    def _years(self, hour: bytes) -> int | None:
        """No year matters here; None: there is no such hour, or no hour at all."""
        return None if self._functions.time_of(hour) is None else 0

    def _group(self, batch: Batch, group: Alike) -> None:
        """Nothing is learnt of a line before all of it is known to be one. Raises Doubt."""
        given, after = batch.sides(group)
        recipes, function, size = group.recipes, group.function, len(given[0])
        known, new = all_new(given) if recipes.writes else self._given.find(function, given, size)
        before = columns(new, recipes.names)
        new_records = dict(zip(new, recipes.records(before), strict=True))
        known.update(new_records)
        if len(set(known.values())) > 1:
            for part in group.apart([known[side] for side in given]):
                self._group(batch, part)
            return
        cut = [
            each
            for name in self._telling_arguments(recipes, function) & before.texts.keys()
            for each in _cut(recipes.of_given(name, before), before.texts[name])
        ]
        self._answers_of(group, known[given[0]], after)
        for recipe, data in cut:
            self._learn(recipe, data)
        if not recipes.writes:
            self._given.keep_all(function, new_records, size)

    def _telling_arguments(self, recipes: Recipes, function: bytes) -> frozenset[str]:
        found = self._passed.get(function)
        if found is None:
            found = self._passed[function] = recipes.passed(self._collector.tells)
        return found

    def _answers_of(self, group: Alike, records: Records, after: Sequence[bytes]) -> None:
        recipes, size, sort = group.recipes, len(after[0]), (group.function, group.filled, records)
        again = size <= SHORT_SIDE and group.function not in self._signed
        new = self._answers.find(sort, after, size)[1] if again else after
        values = columns(new, recipes.names)
        for name, texts in values.texts.items():
            for recipe, data in _cut(recipes.of_answers(name, values, group.filled, records), texts):
                self._learn(recipe, data)
                if recipe.passing:  # there is a place for a signature in it: it does not come again
                    self._signed.add(group.function)
        if again and group.function not in self._signed:
            self._answers.keep_all(sort, dict.fromkeys(new, True), size)

    def _learn(self, recipe: Recipe, data: Sequence[bytes]) -> None:
        if not data[0]:
            return
        telling, pieces, all_seen = self._telling.get(recipe) or self._tells(recipe)
        if not pieces:
            return
        columns_of_pieces = zip(*telling.iter_unpack(b"".join(data)), strict=True)
        for piece, column, seen in zip(pieces, columns_of_pieces, all_seen, strict=True):
            new = set(column).difference(seen)
            self._collector.pieces(piece, new)
            if piece.kind != "signature":  # it never comes again
                if piece.kind not in PERSONAL and len(seen) >= MOST_SEEN:
                    seen.clear()
                seen |= new

    def _tells(self, recipe: Recipe) -> _Telling:
        if len(self._telling) >= MOST_FORMS:
            self._telling.clear()
        pieces = [piece for piece in recipe.pieces if self._collector.tells(piece)]
        seen = tuple(self._seen.setdefault((piece.kind, piece.raw), set()) for piece in pieces)
        made = self._telling[recipe] = taking(recipe.pieces, self._collector.tells), tuple(pieces), seen
        return made


def _cut(cuts: Cuts, texts: Sequence[bytes]) -> Iterator[_Cut]:
    for recipe, places in cuts:
        yield recipe, texts if places is None else [texts[place] for place in places]
