"""Lines of calls, masked together as they stand in the file; of what came before, nothing is made again."""

from __future__ import annotations

from binascii import b2a_base64
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache, partial
from itertools import chain

from bridge.table.model.rows import Table
from bridge.trace.masking.batches import Alike, Batch
from bridge.trace.masking.columns import Columns, columns, written
from bridge.trace.masking.final_scan import RealValues
from bridge.trace.masking.functions import Functions
from bridge.trace.masking.masker import Counts
from bridge.trace.masking.recent import Recent, all_new
from bridge.trace.masking.recipes import Cuts, Records
from bridge.trace.masking.rules import MaskRules
from bridge.trace.masking.text_masking import MaskedTexts, Replaced, TextMasker
from bridge.trace.masking.values import Values

SIDES_BYTES = 2_500_000  # of what came last, in each of two halves
SHORT_SIDE = 400  # bytes: a longer one is a list of visits, which is another one the next time
_base64 = partial(b2a_base64, newline=False)


class _Side:
    """What became of one side of a call. ``looked_at``: what the last look has not seen yet."""

    __slots__ = ("looked_at", "replaced", "text")

    def __init__(self, text: bytes, replaced: tuple[Replaced, ...], looked_at: bytes) -> None:
        self.text, self.replaced, self.looked_at = text, replaced, looked_at


Parts = tuple[bytes, ...]  # of a line: to join them one by one would copy all of it once more
_Context = tuple[bytes, Records]  # what an answer depends on: whom its call is about, what comes back
_Given = tuple[_Side, _Context]
_Line = tuple[_Side, _Side]


class QuickMasker:
    """Masks lines: a masker's second pass. What was replaced is counted by :meth:`count`. What it does not do
    is left to the masker.
    """

    def __init__(self, table: Table, rules: MaskRules, values: Values, real_values: RealValues) -> None:
        self._functions = Functions(table, rules)
        self._values, self._real_values = values, real_values
        self._texts = TextMasker(values)
        self._given: Recent[_Given] = Recent(SIDES_BYTES)
        self._answers: Recent[_Side] = Recent(SIDES_BYTES)
        self._signed: set[bytes] = set()  # functions of which an answer had a signature
        self._calls = 0
        self._replaced: Counter[Replaced] = Counter()
        self._when = lru_cache(maxsize=10_000)(self._moved)

    def masked(self, batch: Batch, otherwise: Callable[[bytes], bytes]) -> tuple[list[Parts], list[int]]:
        """The lines of a batch, masked, each in parts; and the places of those that have to be masked as a
        whole, which are empty. ``otherwise`` masks one in which the last look has found something.
        """
        sides: dict[int, _Line] = {}
        rest = batch.done(self._functions, self._years, lambda group: sides.update(self._group(batch, group)))
        made: list[Parts] = [()] * len(batch.lines)
        all_clean = self._are_clean(list(chain.from_iterable(sides.values())), len(sides))
        hours = {hour: self._when(hour) for hour in {line[1] for line in batch.lines}}
        moved = {hour: when[0] for hour, when in hours.items() if when is not None}
        for place, (before, answer) in sides.items():
            if all_clean or self._are_clean((before, answer), 1):
                to_hour, hour, to_given, _, _, to_after, _, _, _ = batch.lines[place]
                made[place] = to_hour, moved[hour], to_given, before.text, to_after, answer.text, b"}\n"
            else:
                made[place] = (otherwise(batch.line(place)),)
        return made, rest

    def _are_clean(self, sides: Sequence[_Side], calls: int) -> bool:
        """Whether the last look finds nothing in the sides of so many calls; what was replaced is counted
        then.
        """
        unseen = {side for side in sides if side.looked_at}
        if not self._real_values.clean([side.looked_at for side in unseen]):
            return False
        self._calls += calls
        self._replaced.update(chain.from_iterable([side.replaced for side in sides]))
        for side in unseen:
            side.looked_at = b""
        return True

    def count(self, counts: Counts) -> None:
        """Add what was done since the last time."""
        counts.calls += self._calls
        self._calls = 0
        for replaced, times in self._replaced.items():
            for kind in replaced.kinds:
                self._values.replaced[kind] += times
        self._replaced.clear()

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

    def _years(self, hour: bytes) -> int | None:
        when = self._when(hour)
        return None if when is None else when[1]

    # --- calls that are alike -------------------------------------------------------------------------------

    def _group(self, batch: Batch, group: Alike) -> Iterator[tuple[int, _Line]]:
        """The sides of calls by their places. Nothing is invented before all of it is known to be lines.
        Raises Doubt.
        """
        self._values.years = group.years
        given, after = batch.sides(group)
        recipes, sort, size = group.recipes, (group.function, group.years), 2 * len(given[0])
        known, new = all_new(given) if recipes.writes else self._given.find(sort, given, size)
        before = columns(new, recipes.names)
        persons = recipes.persons(before)
        contexts = {side: context for side, (_, context) in known.items()}
        contexts.update(zip(new, zip(persons, recipes.records(before), strict=True), strict=True))
        if len({records for _, records in contexts.values()}) > 1:
            for part in group.apart([contexts[side][1] for side in given]):
                yield from self._group(batch, part)
            return
        persons_of_all = [contexts[side][0] for side in given]
        answers = self._answered(group, contexts[given[0]][1], persons_of_all, after)
        if new:
            cuts = [(name, recipes.of_given(name, before)) for name in before.texts]
            made, _ = self._sides(before, cuts, persons)
            made_given = {side: (each, contexts[side]) for side, each in zip(new, made, strict=True)}
            known.update(made_given)
            if not recipes.writes:
                self._given.keep_all(sort, made_given, size)
        yield from zip(
            group.lines, zip([known[side][0] for side in given], answers, strict=True), strict=True
        )

    def _answered(
        self, group: Alike, records: Records, persons: Sequence[bytes], after: Sequence[bytes]
    ) -> list[_Side]:
        """What becomes of answers to calls that are about these persons."""
        recipes, size = group.recipes, 2 * len(after[0])
        sort = group.function, group.years, group.filled, records
        again = len(after[0]) <= SHORT_SIDE and group.function not in self._signed
        keys = list(zip(persons, after, strict=True))
        known, new = self._answers.find(sort, keys, size) if again else all_new(keys)
        if new:
            values = columns([side for _, side in new], recipes.names)
            cuts = [(name, recipes.of_answers(name, values, group.filled, records)) for name in values.texts]
            sides, signed = self._sides(values, cuts, [person for person, _ in new])
            made = dict(zip(new, sides, strict=True))
            known.update(made)
            if signed:
                self._signed.add(group.function)
            elif again:
                self._answers.keep_all(sort, made, size)
        return [known[key] for key in keys]

    def _sides(
        self, values: Columns, cuts: Iterable[tuple[str, Cuts]], persons: Sequence[bytes]
    ) -> tuple[list[_Side], bool]:
        """What becomes of sides, and whether there is a signature in one: none comes again."""
        masked = {name: self._texts_of(of_name, values.texts[name], persons) for name, of_name in cuts}
        replaced = self._texts.joined.all([each.replaced for each in masked.values()], values.count)
        looked_at = _each_joined(b"\n", [each.looked_at for each in masked.values()], values.count)
        signed = any("signature" in each.kinds for all_of in set(replaced) for each in all_of)
        return list(map(_Side, _assembled(values, masked), replaced, looked_at)), signed

    def _texts_of(self, cuts: Cuts, texts: Sequence[bytes], persons: Sequence[bytes]) -> MaskedTexts:
        """The texts of one argument, masked."""
        parts = []
        for recipe, places in cuts:
            if places is None:
                return self._texts.masked(recipe, texts, persons)
            some = [texts[place] for place in places], [persons[place] for place in places]
            parts.append((places, self._texts.masked(recipe, *some)))
        rows = {
            place: row
            for places, part in parts
            for place, row in zip(places, zip(*part, strict=True), strict=True)
        }
        return MaskedTexts(*zip(*[rows[place] for place in range(len(texts))], strict=True))


def _assembled(values: Columns, masked: Mapping[str, MaskedTexts]) -> list[bytes]:
    """Sides as they are written."""
    template: list[bytes] = []
    slots: list[Sequence[bytes]] = []
    for name, value in values.values.items():
        if isinstance(value, bytes):
            template.append(b'"%b":"%%b"' % name.encode())
            slots.append(list(map(_base64, masked[name].texts)))
        elif name in values.wide:
            template.append(b'"%b":{"i16":%d,"i32":%%b}' % (name.encode(), value.low))
            slots.append(values.wide[name])
        else:
            template.append(written(name, value))
    side = b"{%b}" % b",".join(template)
    return list(map(side.__mod__, zip(*slots, strict=True))) if slots else [side] * values.count


def _each_joined(between: bytes, parts: Sequence[Sequence[bytes]], count: int) -> Sequence[bytes]:
    if len(parts) == 1:
        return parts[0]
    return list(map(between.join, zip(*parts, strict=True))) if parts else [b""] * count
