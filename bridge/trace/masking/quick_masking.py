"""Lines of calls, masked as they stand in the file; of what came before, nothing is made again."""

from __future__ import annotations

from binascii import b2a_base64
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import lru_cache
from itertools import chain

from bridge.table.model.rows import Table
from bridge.trace.format import Number
from bridge.trace.masking.answered import Answered
from bridge.trace.masking.final_scan import RealValues
from bridge.trace.masking.functions import Doubt, Functions, values_in
from bridge.trace.masking.masker import Counts
from bridge.trace.masking.recent import Recent
from bridge.trace.masking.recipes import Context, Recipes
from bridge.trace.masking.recipes import Values as Side
from bridge.trace.masking.rules import MaskRules
from bridge.trace.masking.split_line import split_line
from bridge.trace.masking.text_masking import MaskedText, Replaced, TextMasker
from bridge.trace.masking.values import Values

SIDES_BYTES = 2_500_000  # of what came last, in each of two halves
SHORT_SIDE = 400  # bytes: a longer one is a list of visits, which is another one the next time
MOST_KNOWN, LONGEST_KNOWN = 10_000, 100  # texts of one argument, and the bytes of one
BATCH_BYTES = 125_000  # of lines that are looked at together; more do not fit a processor's cache


class _Part:
    """What became of a text of a call. ``looked_at``: what the last look has not seen yet."""

    __slots__ = ("looked_at", "replaced", "text")

    def __init__(self, text: bytes, replaced: tuple[Replaced, ...], looked_at: bytes) -> None:
        self.text, self.replaced, self.looked_at = text, replaced, looked_at


class _Masked:
    """What became of one side of a call, one value after the other. ``unseen``: those of its parts that the
    last look has not all seen.
    """

    __slots__ = ("replaced", "text", "unseen")

    def __init__(self) -> None:
        self.text = b""
        self.replaced: list[Replaced] = []
        self.unseen: list[_Part] = []

    def add(self, part: _Part) -> bytes:
        """A text's part. Out: how it is written."""
        self.replaced += part.replaced
        if part.looked_at:
            self.unseen.append(part)
        return part.text

    def again(self) -> _Masked:
        """The same for another call."""
        if self.unseen:
            self.unseen = [part for part in self.unseen if part.looked_at]
        return self


_Given = tuple[_Masked, Context]
# the line (none: it was masked elsewhere), what it becomes, and its two sides
_Line = tuple[bytes, bytes, tuple[_Masked, ...]]
_Known = bytes | tuple[bytes, bytes]
_KnownTexts = dict[_Known, _Part]  # by a text, or by a text and the person it is about


class QuickMasker:
    """Masks lines: a masker's second pass. What was replaced is counted by :meth:`count`. What it does not do
    is left to the masker.

    Lines are taken until there are enough for the last look (``size``: their bytes); then they are given
    back masked.
    """

    def __init__(self, table: Table, rules: MaskRules, values: Values, real_values: RealValues) -> None:
        self._functions = Functions(table, rules)
        self._usable = self._functions.usable
        self._values, self._real_values = values, real_values
        self._texts = TextMasker(values)
        self._given: Recent[_Given] = Recent(SIDES_BYTES)
        self._answers: Recent[_Masked] = Recent(SIDES_BYTES)
        self._signed: set[bytes] = set()  # functions of which an answer had a signature
        self._known: dict[bytes, dict[str, _KnownTexts]] = {}  # by function and argument
        self._taken: list[_Line] = []
        self.size = 0
        self._calls = 0
        self._replaced: Counter[Replaced] = Counter()
        self._when = lru_cache(maxsize=10_000)(self._moved)
        self._numbers = lru_cache(maxsize=10_000)(_number)

    def take(self, line: bytes, process: int, answered: Answered) -> bool:
        """Take a line; False: it is not to be done here."""
        split = split_line(line)
        if split is None or (answered.any and answered.is_expected(process, int(split[6]))):
            return False
        to_hour, hour, to_given, given, to_after, after, _, function, code = split
        recipes, when = self._usable.get(function), self._when(hour)
        if recipes is None or when is None:
            return False
        hour, self._values.years = when
        filled = self._functions.filled(function, code)
        try:
            before, answer = self._sides(recipes, function, given, filled, after)
        except Doubt:
            return False
        made = b"%b%b%b{%b}%b{%b}}\n" % (to_hour, hour, to_given, before.text, to_after, answer.text)
        self._taken.append((line, made, (before, answer)))
        self.size += len(line)
        return True

    def follow(self, made: bytes) -> None:
        """A line that was masked elsewhere follows those that were taken."""
        self._taken.append((b"", made, ()))
        self.size += len(made)

    def give_back(self, otherwise: Callable[[bytes], bytes]) -> list[bytes]:
        """The lines that were taken, masked. ``otherwise`` masks one in which the last look has found
        something.
        """
        taken = self._taken
        self._taken, self.size = [], 0
        calls = sum([1 for line, _, _ in taken if line])
        if self._are_clean(list(chain.from_iterable([sides for _, _, sides in taken])), calls):
            return [made for _, made, _ in taken]
        return [
            made if not line or self._are_clean(sides, 1) else otherwise(line) for line, made, sides in taken
        ]

    def _are_clean(self, sides: Sequence[_Masked], calls: int) -> bool:
        """Whether the last look finds nothing in the sides of so many calls; what was replaced is counted
        then.
        """
        unseen = [part for side in sides if side.unseen for part in side.unseen]
        if not self._real_values.clean([part.looked_at for part in unseen]):
            return False
        self._calls += calls
        self._replaced.update(chain.from_iterable([side.replaced for side in sides]))
        for part in unseen:
            part.looked_at = b""
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

    # --- one side of a call ---------------------------------------------------------------------------------

    def _sides(
        self, recipes: Recipes, function: bytes, given: bytes, filled: bool, after: bytes
    ) -> tuple[_Masked, _Masked]:
        """Values before and after the call. Nothing is invented before all of it is known to be a line."""
        key = (function, self._values.years, given)
        before = None if recipes.writes else self._given.get(key, 2 * len(given))
        values = values_in(given, recipes) if before is None else {}
        context = before[1] if before is not None else recipes.context(values)
        short = len(after) <= SHORT_SIDE and function not in self._signed
        answer_key = (function, self._values.years, filled, context, after)
        answer = self._answers.get(answer_key, 2 * len(after)) if short else None
        after_values = values_in(after, recipes) if answer is None else {}
        if before is None:
            before = self._masked_given(recipes, function, values, context), context
            if not recipes.writes:
                self._given.keep(key, before, 2 * len(given))
        if answer is None:
            answer, again = self._masked_answer(recipes, after_values, filled, context)
            if not again:
                self._signed.add(function)
            elif short:
                self._answers.keep(answer_key, answer, 2 * len(after))
        return before[0].again(), answer.again()

    def _masked_given(self, recipes: Recipes, function: bytes, values: Side, context: Context) -> _Masked:
        person = context.person
        known = self._known.get(function)
        if known is None:
            known = self._known[function] = {name: {} for name in recipes.cut_alone}
        made = _Masked()
        texts: list[bytes] = []
        for name, value in values.items():
            if isinstance(value, Number):
                texts.append(self._numbers(name, value))
                continue
            if name in known:
                key = (value, person) if name in recipes.birthdays else value
                part = known[name].get(key) or self._alone(recipes, known[name], key, name, value, person)
            else:
                part = self._given_text(recipes, name, value, values, person)
            texts.append(made.add(part))
        made.text = b",".join(texts)
        return made

    def _alone(
        self, recipes: Recipes, known: _KnownTexts, key: _Known, name: str, value: bytes, person: bytes
    ) -> _Part:
        """A text that is cut by its own bytes alone: the same in many calls about somebody."""
        made = self._given_text(recipes, name, value, {}, person)
        if len(value) <= LONGEST_KNOWN and name not in recipes.dated:
            if len(known) >= MOST_KNOWN:
                known.clear()
            known[key] = made
        return made

    def _given_text(self, recipes: Recipes, name: str, value: bytes, values: Side, person: bytes) -> _Part:
        recipe = recipes.given(name, value, values)
        if recipe is None:
            raise Doubt
        return _part(recipes.heads[name], self._texts.masked(recipe, value, person))

    def _masked_answer(
        self, recipes: Recipes, values: Side, filled: bool, context: Context
    ) -> tuple[_Masked, bool]:
        """What became of them, and whether they may come again: no signature does."""
        made = _Masked()
        texts: list[bytes] = []
        again = True
        for name, value in values.items():
            if isinstance(value, Number):
                texts.append(self._numbers(name, value))
                continue
            recipe = recipes.answer(name, value, values, filled, context)
            masked = self._texts.masked(recipe, value, context.person)
            again = again and not (recipe.passing and any("signature" in each.kinds for each in masked[1]))
            texts.append(made.add(_part(recipes.heads[name], masked)))
        made.text = b",".join(texts)
        return made, again


def _part(head: bytes, masked: MaskedText) -> _Part:
    text, replaced, looked_at = masked
    return _Part(b'%b%b"' % (head, b2a_base64(text, newline=False)), replaced, looked_at)


def _number(name: str, value: Number) -> bytes:
    low, wide = value.low, value.wide
    if wide is None:
        return b'"%b":{"i16":%d}' % (name.encode(), low)
    wide = wide if -(2**31) <= wide < 2**32 else low
    return b'"%b":{"i16":%d,"i32":%d}' % (name.encode(), low, wide)
