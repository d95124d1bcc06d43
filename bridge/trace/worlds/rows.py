"""The rows of lists (visits, orders, vaccinations) that stand in the records of a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import getitem

from bridge.trace.records import Span
from bridge.trace.worlds.rules import GroupRule
from bridge.trace.worlds.values import DoubtError, Values, packed

Row = dict[str, str]
MOST_KEPT = 4096  # rows of one list that are not taken apart again


@dataclass(slots=True)
class SeenRows:
    """Rows of a list, newest first as they came. ``complete``: all that the cloud would tell. ``full``: there
    was room for no more. Nobody may change a row.
    """

    name: str
    rows: list[Row]
    key: tuple[str, ...]
    complete: bool
    full: bool


class GroupReader:
    """Reads the repetitions of a group in one form of a record."""

    def __init__(
        self, record: str, name: str, rule: GroupRule, spans: Sequence[Span], values: Values
    ) -> None:
        self._record, self._rule = record, rule
        by_index: dict[int, list[Span]] = {}
        for span in spans:
            if span.group == name:
                by_index.setdefault(span.index, []).append(span)
        self._places = [(each[0].offset, each[-1].offset + each[-1].width) for each in by_index.values()]
        self._spans = list(by_index.values())
        own = next(iter(by_index.values()), [])
        told = [span for span in own if span.name in rule.fields]
        self._keys = [rule.fields[span.name] for span in told]
        self._values = [values.of(rule.list_name, rule.fields[span.name], span.type) for span in told]
        self._fields = {span.name: of for span, of in zip(told, self._values, strict=True)}
        self._struct, self._size = packed(told, own[0].offset if own else 0)
        self._kept: dict[bytes, Row | None] = {}

    def seen(self, data: bytes, complete: bool | None, remarks: list[str]) -> SeenRows:
        """The rows of a record in which something stands; what makes no sense is added to the remarks.

        ``complete``: whether they are all; None: where there was room for more.
        """
        rows = []
        kept = self._kept
        for index, (start, end) in enumerate(self._places):
            piece = data[start:end]
            row = kept[piece] if piece in kept else self._row(piece, index, remarks)
            if row is not None:
                rows.append(row)
        full = len(rows) == len(self._places)
        return SeenRows(
            self._rule.list_name, rows, self._rule.key, not full if complete is None else complete, full
        )

    def _row(self, piece: bytes, index: int, remarks: list[str]) -> Row | None:
        """A row, None where nothing stands; kept, unless each call that has it is to tell of its faults."""
        row: Row | None
        try:
            if len(piece) < self._size or not piece.strip(b" 0\0"):
                raise DoubtError("perhaps nothing")
            row = dict(
                zip(self._keys, map(getitem, self._values, self._struct.unpack_from(piece)), strict=True)
            )
        except DoubtError:
            before = len(remarks)
            row = self._taken_apart(piece, self._spans[index], remarks)
            if len(remarks) != before:
                return row
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[piece] = row
        return row

    def _taken_apart(self, piece: bytes, spans: Sequence[Span], remarks: list[str]) -> Row | None:
        """The same, field by field."""
        start = spans[0].offset
        fields = [(span, piece[span.offset - start : span.offset - start + span.width]) for span in spans]
        if all(_is_empty(span, data) for span, data in fields):
            return None
        row: Row = {}
        for span, data in fields:
            if span.name in self._fields:
                try:
                    row[self._rule.fields[span.name]] = self._fields[span.name][data]
                except DoubtError as doubt:
                    remarks.append(f"{self._record}.{span.path}: {doubt}; left out")
        return row


def _is_empty(span: Span, data: bytes) -> bool:
    return not data.strip(b" \0" + (b"0" if span.type in ("number", "quantity") else b""))
