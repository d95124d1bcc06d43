"""What a comparison of two answers finds, as values."""

from __future__ import annotations

from typing import Literal, NamedTuple

from bridge.trace.comparing.rules import Reasoned
from bridge.trace.format import Answer, TracedCall
from bridge.trace.records import Span

Verdict = Literal["expected", "different"]


class Piece(NamedTuple):
    """Two stretches of bytes to be shown one above the other: whole records, or two matched rows.

    ``spans`` lie at offsets within them; ``marks`` are the indexes of those that differ, ``focus`` that of
    the one that is meant (None: all). ``old_at``, ``new_at``: where the stretches begin in their records.
    ``rows``: places of rows then and now (from 0) and their bytes, where only their order differs.
    """

    title: str
    old: bytes
    new: bytes
    spans: tuple[Span, ...] = ()
    marks: frozenset[int] = frozenset()
    old_at: int = 0
    new_at: int = 0
    focus: int | None = None
    rows: tuple[tuple[int, int, bytes], ...] = ()

    def focused(self, index: int | None) -> Piece:
        """The same with another focus."""
        return Piece(
            self.title, self.old, self.new, self.spans, self.marks, self.old_at, self.new_at, index, self.rows
        )


class Finding(NamedTuple):
    """One difference. ``kind``: one of kinds.py. ``field``: name in the record, with its group but without
    the row's number, "" where no single field is meant. ``rule``: why it was expected, or which rule
    it broke (``form``).

    ``old``, ``new``: the values. ``row``: of the old record, from 0. ``detail``: more for people.
    """

    kind: str
    verdict: Verdict
    argument: str = ""
    record: str = ""
    field: str = ""
    term: str = ""
    old: bytes = b""
    new: bytes = b""
    row: int | None = None
    rule: Reasoned | None = None
    detail: str = ""
    piece: Piece | None = None


class Compared(NamedTuple):
    """A call, the new answer (None: there was none), and what differs.

    ``fields``: how many fields, texts and numbers were compared, codes and lengths not counted.
    ``other_person``: a record has shown since that another card than in the trace lies in the reader.
    """

    call: TracedCall
    new: Answer | None
    findings: tuple[Finding, ...]
    fields: int = 0
    other_person: bool = False

    @property
    def different(self) -> bool:
        """Whether anything differs that no rule expects."""
        return any(finding.verdict == "different" for finding in self.findings)
