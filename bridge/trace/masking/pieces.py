"""The bytes of a call cut into pieces: what each says, by records and arguments.

What says nothing is filler.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from struct import Struct
from typing import Literal

from bridge.table.model.arguments import (
    BlockArgument,
    FileArgument,
    RecordArgument,
    TextArgument,
    TextInOutArgument,
    TextOutArgument,
    TextSizedArgument,
)
from bridge.table.model.rows import Function, Table
from bridge.trace.format import Answer, Given, NamedFile, TracedCall
from bridge.trace.masking.rules import Kind, MaskRules
from bridge.trace.records import RecordView, Span, records_in, records_out

PieceKind = Kind | Literal["brackets", "filler"]  # brackets stand between the fields of ICD-10 records
# kinds whose values get one of their own, so that no two become the same
GIVEN_AWAY: tuple[Kind, ...] = (
    "id", "name", "card_no", "phone", "hospital", "hospital_name", "words", "file_name", "sam_card_info",
)  # fmt: skip
PERSONAL: tuple[Kind, ...] = (*GIVEN_AWAY, "birthday")  # of these there are as many as people


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a value. ``raw``: any bytes, not text. ``digits``: a number and nothing else.

    ``person``: the id of whom it tells, as far as its record or its call says so.
    """

    kind: PieceKind
    start: int
    end: int
    raw: bool = False
    digits: bool = False
    person: bytes = b""


Pieces = Mapping[str, list[Piece]]


class Cutter:
    """Cuts the values of calls by the table and the rules: every byte lies in exactly one piece."""

    def __init__(self, table: Table, rules: MaskRules) -> None:
        self._table = table
        self._rules = rules
        self._of_spans: dict[int, tuple[tuple[Span, ...], list[Piece]]] = {}

    def given(self, call: TracedCall) -> Pieces:
        """The arguments before the call. A buffer still holds what the program left there: filler."""
        function = self._table.functions.get(call.function)
        if function is None:
            return _filler(call.given)
        views = {view.argument: view for view in records_in(self._table, function, call)}
        person = self.person(function, call.given)
        cut: dict[str, list[Piece]] = {}
        for argument in function.arguments:
            data = _bytes(call.given.get(argument.name))
            kind = self._rules.argument(function.name, argument.name)
            match argument:
                case BlockArgument() if argument.name in views:
                    cut[argument.name] = self.record(views[argument.name], person)
                case TextArgument() | TextInOutArgument() | FileArgument():
                    cut[argument.name] = _passed(kind, argument, data, person)
        return _whole(cut, call.given)

    def answer(self, call: TracedCall, answer: Answer) -> Pieces:
        """What came back. ``call`` tells what the buffers were for; ``answer`` is its own or the bridge's."""
        function = self._table.functions.get(call.function)
        if function is None:
            return _filler(answer.after)
        views = {view.argument: view for view in records_out(self._table, function, call.given, answer)}
        filled = self._table.succeeded(function.name, answer.code16)
        person = self.person(function, call.given)
        cut: dict[str, list[Piece]] = {}
        for argument in function.arguments:
            data = _bytes(answer.after.get(argument.name))
            kind = self._rules.argument(function.name, argument.name)
            match argument:
                case RecordArgument() if argument.name in views:
                    cut[argument.name] = self.record(views[argument.name], person)
                case TextSizedArgument() if argument.name in views:
                    cut[argument.name] = [Piece(kind, 0, len(views[argument.name].data))]
                case TextOutArgument() if filled:
                    cut[argument.name] = text_pieces(kind, data.partition(b"\0")[0], argument.width)
                case TextArgument() | TextInOutArgument() | FileArgument():
                    cut[argument.name] = _passed(kind, argument, data, person)
        return _whole(cut, answer.after)

    def person(self, function: Function, given: Mapping[str, Given]) -> bytes:
        """The id of the patient whom the arguments name, empty where they name none."""
        for argument in function.arguments:
            kind = self._rules.argument(function.name, argument.name)
            if isinstance(argument, TextArgument) and kind == "id":
                return _bytes(given.get(argument.name))[: argument.width].strip(b" \0").upper()
        return b""

    def record(self, view: RecordView, person: bytes) -> list[Piece]:
        """The fields that are there in full; what a short length has cut is filler."""
        pieces = self._pieces(view.spans)
        if pieces and pieces[-1].end > len(view.data):
            pieces = [piece for piece in pieces if piece.end <= len(view.data)]
        if not any(piece.kind == "birthday" for piece in pieces):
            return pieces
        ids = [view.data[piece.start : piece.end] for piece in pieces if piece.kind == "id"]
        who = ids[0].strip(b" \0").upper() if ids else person
        return [replace(piece, person=who) if piece.kind == "birthday" else piece for piece in pieces]

    def _pieces(self, spans: tuple[Span, ...]) -> list[Piece]:
        """The pieces of a record's fields, made once for each record."""
        kept = self._of_spans.get(id(spans))
        if kept is None or kept[0] is not spans:
            made = [self._piece(span) for span in spans]
            kept = self._of_spans[id(spans)] = (spans, made)
        return kept[1]

    def _piece(self, span: Span) -> Piece:
        kind: PieceKind = self._rules.field(span.name) if span.name else "brackets"
        digits = span.type in ("number", "quantity")
        return Piece(kind, span.offset, span.offset + span.width, span.type == "hex", digits)


def _passed(
    kind: Kind, argument: TextArgument | TextInOutArgument | FileArgument, data: bytes, person: bytes
) -> list[Piece]:
    """What a program passes: a name of a file, whatever its length, or a string."""
    if isinstance(argument, FileArgument):
        return [Piece(kind, 0, len(data))]
    return text_pieces(kind, data, argument.width, person, digits=isinstance(argument, TextInOutArgument))


def text_pieces(
    kind: Kind, data: bytes, width: int, person: bytes = b"", *, digits: bool = False
) -> list[Piece]:
    """Of a string: its documented width. One that is longer is not what a kept value should be."""
    if kind == "keep" and data[width:].strip(b" \0"):
        return []
    return [Piece(kind, 0, min(len(data), width), digits=digits, person=person)]


def _bytes(value: Given | None) -> bytes:
    match value:
        case bytes():
            return value
        case NamedFile():
            return value.name
    return b""


def _filler(values: Mapping[str, Given]) -> Pieces:
    return {name: [Piece("filler", 0, len(_bytes(value)))] for name, value in values.items()}


def _whole(cut: Mapping[str, list[Piece]], values: Mapping[str, Given]) -> Pieces:
    """With filler between the pieces and behind the last one."""
    return {name: list(between(cut.get(name, []), len(_bytes(value)))) for name, value in values.items()}


def between(pieces: list[Piece], length: int) -> Iterator[Piece]:
    """The pieces with filler between them and behind the last one."""
    at = 0
    for piece in pieces:
        if piece.start > at:
            yield Piece("filler", at, piece.start)
        yield piece
        at = piece.end
    if at < length:
        yield Piece("filler", at, length)


def taking(pieces: Iterable[Piece], wanted: Callable[[Piece], bool]) -> Struct:
    """Takes the wanted ones of pieces that follow one another out of a value, all of them at once."""
    return Struct("".join(f"{each.end - each.start}{'s' if wanted(each) else 'x'}" for each in pieces))
