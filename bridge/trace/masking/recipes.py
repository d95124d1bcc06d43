"""How the values of a function are cut, found once for each form that they have.

:class:`~bridge.trace.masking.pieces.Cutter` cuts the values of one call. Nearly all calls of a function are
cut at the same places: by its row, the numbers in it and the lengths of its buffers. What depends on more
than these is left to the Cutter, call by call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from bridge.calls.blocks import SHAPE, told_by_shape
from bridge.codec.code_page import windows_private
from bridge.codec.fixed import Filler, Group, Layout
from bridge.table.model.arguments import (
    ArgumentSpec,
    BlockArgument,
    FileArgument,
    RecordArgument,
    TextArgument,
    TextInOutArgument,
    TextOutArgument,
    TextSizedArgument,
)
from bridge.table.model.layout import kept_layout
from bridge.table.model.rows import Function, Table
from bridge.trace.format import Number
from bridge.trace.masking.columns import Columns, Doubt
from bridge.trace.masking.pieces import Cutter, Piece, between, text_pieces
from bridge.trace.masking.rules import MaskRules
from bridge.trace.records import (
    RecordView,
    Span,
    block_view,
    number_of,
    record_of,
    record_spans,
    repeat_of,
)

MOST_FORMS = 5_000  # of one function
_BY_CONTENT = (FileArgument, TextInOutArgument)  # cut by what stands in them
_DIGIT_OR_LETTER = re.compile(rb"[0-9A-Za-z]")
Values = Mapping[str, bytes | Number]
Records = tuple[tuple[str, int], ...]  # that come back: of each its name, and how many rows of it are wanted


@dataclass(slots=True, eq=False)
class Recipe:
    """All bytes of a value, in pieces. ``rows``: the pieces with which a row of a record begins, the first
    among them. ``passing``: it never comes again. ``who``: where the id of the one it is about stands in it,
    if that matters.
    """

    pieces: tuple[Piece, ...]
    rows: tuple[int, ...]
    passing: bool
    who: tuple[int, int] | None = None


Cuts = list[tuple[Recipe, list[int] | None]]  # recipes, and for which texts each is; None: for all


class Recipes:
    """Of one function. Not ``usable`` where its row has arguments that are cut by what stands in them.

    ``names``: of its arguments. ``writes``: whether it has data blocks, which do not come again.
    """

    def __init__(self, table: Table, rules: MaskRules, cutter: Cutter, function: Function) -> None:
        self._table, self._cutter, self.function = table, cutter, function
        self._arguments: dict[str, ArgumentSpec] = {each.name: each for each in function.arguments}
        self._kinds = {name: rules.argument(function.name, name) for name in self._arguments}
        self._records = [each for each in function.arguments if isinstance(each, RecordArgument)]
        self._places = {each.name: place for place, each in enumerate(self._records)}
        self._id = next(
            (each for each in function.arguments if isinstance(each, TextArgument) and self._is_id(each)),
            None,
        )
        asked = any(each.bracketed or each.count or each.range for each in self._records)
        self._static = None if asked else tuple((each.record, 1) for each in self._records)
        self.names = frozenset(self._arguments)
        self.writes = any(isinstance(each, BlockArgument) for each in function.arguments)
        self._kept: dict[tuple[object, ...], Recipe] = {}
        self.usable = not any(
            isinstance(each, _BY_CONTENT)
            or (
                isinstance(each, TextSizedArgument | TextOutArgument) and self._kinds[each.name] == "birthday"
            )
            for each in function.arguments
        )

    def _is_id(self, argument: TextArgument) -> bool:
        return self._kinds[argument.name] == "id"

    def passed(self, tells: Callable[[Piece], bool]) -> frozenset[str]:
        """The arguments that may tell of somebody before the call. ``tells`` says it of a piece of a text."""
        return frozenset(
            name
            for name, each in self._arguments.items()
            if isinstance(each, BlockArgument)
            or (isinstance(each, TextArgument) and tells(Piece(self._kinds[name], 0, each.width)))
        )

    def records(self, given: Columns) -> list[Records]:
        """Of each call, the records that come back."""
        if self._static is not None:
            return [self._static] * given.count
        values = dict(given.values)
        found = []
        for place in range(given.count):
            values.update((name, texts[place]) for name, texts in given.texts.items())
            found.append(
                tuple(
                    [
                        (record_of(each, values.get(each.name)), repeat_of(each, values))
                        for each in self._records
                    ]
                )
            )
        return found

    def persons(self, given: Columns) -> list[bytes]:
        """Whom each call is about: the id among its arguments, b"" where there is none."""
        texts = given.texts.get(self._id.name) if self._id is not None else None
        if self._id is None or texts is None:
            return [b""] * given.count
        width = self._id.width
        return [text[:width].strip(b" \0").upper() for text in texts]

    def of_given(self, name: str, given: Columns) -> Cuts:
        """How the texts of an argument before calls are cut. Raises Doubt where one has to be cut with its
        call as a whole.
        """
        texts = given.texts[name]
        argument = self._arguments[name]
        alike = not isinstance(argument, BlockArgument) and self._texts_alike(argument, len(texts[0]))
        return _cuts(texts, alike, lambda text: self._given(name, text, given.values))

    def of_answers(self, name: str, after: Columns, filled: bool, records: Records) -> Cuts:
        """How the texts of an argument after calls are cut. ``filled``: the calls did what they should;
        ``records``: that come back.
        """
        texts = after.texts[name]
        argument = self._arguments[name]
        by_text = isinstance(argument, TextOutArgument) and filled
        alike = not by_text and self._texts_alike(argument, len(texts[0]))
        return _cuts(texts, alike, lambda text: self._answer(name, text, after.values, filled, records))

    def _texts_alike(self, argument: ArgumentSpec, length: int) -> bool:
        """Whether texts of one length are all cut at the same places: by that length, and the numbers in
        the call.
        """
        if isinstance(argument, TextArgument) and length > argument.width:
            return self._kinds[argument.name] != "keep"
        return True

    def _given(self, name: str, data: bytes, given: Values) -> Recipe | None:
        """For a text or buffer before the call. None: to be cut with the call as a whole."""
        argument = self._arguments[name]
        if isinstance(argument, BlockArgument):
            return self._block(argument, data, given)
        return self._text(argument, data)

    def _answer(self, name: str, data: bytes, after: Values, filled: bool, records: Records) -> Recipe:
        """For a text or buffer after the call."""
        argument = self._arguments[name]
        if isinstance(argument, RecordArgument | TextSizedArgument):
            length = after.get(argument.length)
            if not filled or not isinstance(length, Number):
                return self._filler(len(data))
            written = len(data[: max(length.low, 0)])
            if isinstance(argument, RecordArgument):
                return self._record(argument, data, written, records)
            key = ("sized", name, written, len(data))
            return self._kept.get(key) or self._recipe(key, [Piece(self._kinds[name], 0, written)], len(data))
        if isinstance(argument, TextOutArgument) and filled:
            return self._text_out(argument, data)
        return self._text(argument, data)

    def _text_out(self, argument: TextOutArgument, data: bytes) -> Recipe:
        text = data.partition(b"\0")[0]
        key = ("out", argument.name, len(text), len(data), not text[argument.width :].strip(b" "))
        found = self._kept.get(key)
        if found is None:
            pieces = text_pieces(self._kinds[argument.name], text, argument.width)
            found = self._recipe(key, pieces, len(data))
        return found

    def _record(self, argument: RecordArgument, data: bytes, written: int, records: Records) -> Recipe:
        record, repeat = records[self._places[argument.name]]
        key = ("record", argument.name, record, repeat, written, len(data))
        found = self._kept.get(key)
        if found is None:
            ranged = argument.range is not None
            spans = record_spans(self._table.records_out, record, repeat, ranged=ranged)
            view = RecordView(argument.name, record, "out", data[:written], spans)
            found = self._recipe(key, self._cutter.record(view, b""), len(data), spans)
        return found

    def _block(self, argument: BlockArgument, data: bytes, given: Values) -> Recipe | None:
        """In ASCII: which form fits depends on where digits and letters stand, and not on which."""
        if not data.isascii():
            return None
        repeat = number_of(given, argument.count) if argument.count else 1
        key = ("block", argument.name, repeat, data.translate(SHAPE))
        found = self._kept.get(key)
        if found is None and self._is_told_by_shape(argument, data, repeat):
            view = block_view(self._table, argument, {**given, argument.name: data})
            if view is None:
                return self._recipe(key, [], len(data))
            return self._recipe(key, self._cutter.record(view, b""), len(data), view.spans)
        return found

    def _is_told_by_shape(self, argument: BlockArgument, data: bytes, repeat: int) -> bool:
        layouts = [kept_layout(self._table.records_in, form, repeat) for form in argument.forms]
        if any(map(_DIGIT_OR_LETTER.search, _literals(layouts))):
            return False
        return told_by_shape(layouts, data, windows_private(), argument.count is not None)

    def _text(self, argument: ArgumentSpec, data: bytes) -> Recipe:
        if not isinstance(argument, TextArgument):
            return self._filler(len(data))
        kind = self._kinds[argument.name]
        too_long = kind == "keep" and bool(data[argument.width :].strip(b" \0"))
        key = ("text", argument.name, len(data), too_long)
        return self._kept.get(key) or self._recipe(key, text_pieces(kind, data, argument.width), len(data))

    def _filler(self, length: int) -> Recipe:
        key = ("filler", length)
        return self._kept.get(key) or self._recipe(key, [], length)

    def _recipe(
        self, key: tuple[object, ...], pieces: list[Piece], length: int, spans: tuple[Span, ...] = ()
    ) -> Recipe:
        """Made and kept. ``spans``: of a record."""
        if len(self._kept) >= MOST_FORMS:
            self._kept.clear()
        all_pieces = tuple(between(pieces, length))
        rows = {span.offset for before, span in pairwise(spans) if _row(before) != _row(span)}
        begun = tuple(at for at, piece in enumerate(all_pieces) if at == 0 or piece.start in rows)
        kinds = {piece.kind for piece in pieces}
        made = self._kept[key] = Recipe(all_pieces, begun, "signature" in kinds)
        if spans and "birthday" in kinds:
            made.who = next(((piece.start, piece.end) for piece in pieces if piece.kind == "id"), None)
        return made


def _cuts(texts: Sequence[bytes], alike: bool, recipe_of: Callable[[bytes], Recipe | None]) -> Cuts:
    found: dict[Recipe, list[int]] = {}
    for place, text in enumerate(texts[:1] if alike else texts):
        recipe = recipe_of(text)
        if recipe is None:
            raise Doubt
        found.setdefault(recipe, []).append(place)
    return [(recipe, None if len(found) == 1 else places) for recipe, places in found.items()]


def _literals(layouts: Iterable[Layout]) -> Iterator[bytes]:
    """What must stand in a block as it is."""
    for part in chain.from_iterable(layouts):
        for each in part.fields if isinstance(part, Group) else (part,):
            if isinstance(each, Filler):
                yield each.data


def _row(span: Span) -> tuple[str, int]:
    return span.group, span.index
