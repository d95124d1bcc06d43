"""Compares two records of one call, field by field and row by row, by the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import NamedTuple, overload

from bridge.trace.comparing.carried import CarriedValues
from bridge.trace.comparing.differences import Finding, Piece, Verdict
from bridge.trace.comparing.fields import FieldDifference, compare_fields, kind_of
from bridge.trace.comparing.rows import Matched, is_absent, match_rows
from bridge.trace.comparing.rules import Reasoned, RowRule, Rules
from bridge.trace.records import RecordView, Span


class Setting(NamedTuple):
    """Where the records come from: the call's function and door. ``first``: the first position that was asked
    for, and ``partial`` whether there are more than were asked for.
    """

    function: str
    door: str
    first: int = 1
    partial: bool = False


@dataclass(frozen=True)
class Block:
    """The fields outside groups, or one group's rows. ``spans`` lie at offsets within a row; ``at``: where
    the rows begin.
    """

    group: str
    at: int
    spans: tuple[Span, ...]
    count: int

    @cached_property
    def width(self) -> int:
        """Bytes of one row."""
        return self.spans[-1].offset + self.spans[-1].width

    @cached_property
    def named(self) -> int:
        """How many fields of a row have a name."""
        return sum(1 for span in self.spans if span.name)


MOST_KEPT = 1024
_kept: dict[int, tuple[Sequence[Span], tuple[Block, ...], int]] = {}  # keeps the spans alive, too


def blocks(spans: Sequence[Span]) -> tuple[Block, ...]:
    """The parts of a record in order."""
    return _found(spans)[1]


def named_fields(spans: Sequence[Span]) -> int:
    """How many fields of a record have a name, those of all its rows."""
    return _found(spans)[2]


def _found(spans: Sequence[Span]) -> tuple[Sequence[Span], tuple[Block, ...], int]:
    """Blocks and named fields, made once for spans that are used again."""
    found = _kept.get(id(spans))
    if found is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        made = tuple(_blocks(spans))
        found = _kept[id(spans)] = (spans, made, sum(block.count * block.named for block in made))
    return found


def _blocks(spans: Sequence[Span]) -> Iterator[Block]:
    for group, found in groupby(spans, key=lambda span: span.group):
        members = list(found)
        at = members[0].offset
        row = tuple(replace(s, offset=s.offset - at) for s in members if s.index == members[0].index)
        yield Block(group, at, row, members[-1].index + 1 if group else 1)


class RecordComparison:
    """Two views of the same record; ``findings()`` says what differs, each with its verdict."""

    def __init__(
        self, rules: Rules, carried: CarriedValues, setting: Setting, old: RecordView, new: RecordView
    ) -> None:
        self._rules, self._carried, self._setting = rules, carried, setting
        self._old, self._new = old, new

    def findings(self) -> list[Finding]:
        """Every difference of fields and rows; none of the length."""
        if self._old.data == self._new.data:
            return []
        return [finding for block in blocks(self._old.spans) for finding in self._block(block)]

    def _block(self, block: Block) -> Iterator[Finding]:
        olds, news = self._rows(block, self._old.data), self._rows(block, self._new.data)
        if olds == news:
            return
        if not block.group:
            if olds and news:
                yield from self._fields(block, 0, 0, olds[0], news[0])
            return
        rule = self._rules.rows_of.get((self._old.record, block.group))
        matched = match_rows(olds, news, block.spans, rule, self._same)
        if matched.reordered:
            yield self._reordered(block, rule, matched, olds, news)
        for i, j in matched.pairs:
            yield from self._fields(block, i, j, olds[i], news[j])
        for i in matched.missing:
            expected = rule is not None and self._may_be_gone(block, rule, olds[i], news)
            yield self._row(
                block=block, rule=rule, kind="row_missing", expected=expected, row=i, old=olds[i], new=b""
            )
        for j in matched.extra:
            expected = rule is not None and (rule.longer or self._setting.partial)
            yield self._row(
                block=block, rule=rule, kind="row_extra", expected=expected, row=j, old=b"", new=news[j]
            )

    def _rows(self, block: Block, data: bytes) -> list[bytes]:
        """Whole rows, and what is there of a record that ends early."""
        starts = (block.at + index * block.width for index in range(block.count))
        return [data[at : at + block.width] for at in starts if at < len(data)]

    def _same(self, span: Span, old: bytes, new: bytes) -> bool:
        return (
            old == new or kind_of(old, new) is None or self._carried.rule_for(span.name, old, new) is not None
        )

    def _may_be_gone(self, block: Block, rule: RowRule, old: bytes, news: Sequence[bytes]) -> bool:
        """Whether newer rows have pushed this one out, or the positions asked for leave it out."""
        (date,) = (span for span in block.spans if span.name == rule.newest_first)
        dates = [date.of(row).strip(b" \0") for row in news]
        full = all(dates)
        if self._setting.partial and (full or self._setting.first > 1):
            return True
        return rule.longer and full and date.of(old).strip(b" \0") <= min(dates, default=b"")

    def _reordered(
        self, block: Block, rule: RowRule | None, matched: Matched, olds: list[bytes], news: list[bytes]
    ) -> Finding:
        expected = rule is not None and matched.newest_first
        places = ", ".join(f"{i + 1}→{j + 1}" for i, j in matched.pairs if i != j)
        rows = tuple((i, j, news[j]) for i, j in matched.pairs if not is_absent(news[j]))
        piece = Piece(block.group, b"", b"", old_at=block.at, new_at=block.at, rows=rows)
        return Finding(
            "rows_order",
            "expected" if expected else "different",
            self._old.argument,
            self._old.record,
            block.group,
            rule=rule,
            detail=places,
            piece=piece,
        )

    def _row(
        self, block: Block, rule: RowRule | None, kind: str, expected: bool, row: int, old: bytes, new: bytes
    ) -> Finding:
        at = block.at + row * block.width
        marks = frozenset(range(len(block.spans)))
        piece = Piece(
            title=f"{block.group}[{row + 1}]",
            old=old,
            new=new,
            spans=block.spans,
            marks=marks,
            old_at=at,
            new_at=at,
        )
        verdict: Verdict = "expected" if expected else "different"
        return Finding(
            kind,
            verdict,
            self._old.argument,
            self._old.record,
            block.group,
            old=old,
            new=new,
            row=row,
            rule=rule if expected else None,
            piece=piece,
        )

    def _fields(self, block: Block, i: int, j: int, old: bytes, new: bytes) -> Iterator[Finding]:
        differences = compare_fields(block.spans, old, new)
        if not differences:
            return
        title = f"{block.group}[{i + 1}]" if block.group else self._old.record
        piece = Piece(
            title=title,
            old=old,
            new=new,
            spans=block.spans,
            marks=frozenset(d.index for d in differences),
            old_at=block.at + i * block.width,
            new_at=block.at + j * block.width,
        )
        for difference in differences:
            yield self._judged(block, difference, piece, i)

    def _judged(self, block: Block, difference: FieldDifference, piece: Piece, row: int) -> Finding:
        span = block.spans[difference.index]
        name = span.name or f"({span.type} {span.offset})"
        old, new = span.of(piece.old), span.of(piece.new)
        judged = _expected(difference.kind, difference.detail, self._carried.rule_for(span.name, old, new))
        if judged is None:
            where = (self._old.argument, self._old.record, span.name)
            judged = _judged(self._rules, self._setting, where, difference.kind, difference.detail, old, new)
        kind, verdict, rule, detail = judged
        return Finding(
            kind=kind,
            verdict=verdict,
            argument=self._old.argument,
            record=self._old.record,
            field=f"{block.group}.{name}" if block.group else name,
            term=span.term,
            old=old,
            new=new,
            row=row if block.group else None,
            rule=rule,
            detail=detail,
            piece=piece.focused(difference.index),
        )


def judge_value(rules: Rules, setting: Setting, finding: Finding, field: str) -> Finding:
    """The finding with its verdict: expected where a rule allows it, of the kind ``form`` where a rule names
    the value but wants another form.
    """
    where = (finding.argument, finding.record, field)
    kind, verdict, rule, detail = _judged(
        rules, setting, where, finding.kind, finding.detail, finding.old, finding.new
    )
    return finding._replace(kind=kind, verdict=verdict, rule=rule, detail=detail)


Judged = tuple[str, Verdict, Reasoned | None, str]  # kind, verdict, rule, detail


def _judged(
    rules: Rules,
    setting: Setting,
    where: tuple[str, str, str],
    kind: str,
    detail: str,
    old: bytes,
    new: bytes,
) -> Judged:
    """What the rules say of a difference. ``where``: argument, record, field."""
    broken: Reasoned | None = None
    for rule in rules.values_at(setting.function, *where, setting.door):
        if rule.kinds and kind not in rule.kinds:
            continue
        if rule.allows(_text(old), _text(new)):
            return _expected(kind, detail, rule)
        broken = rule
    return (kind, "different", None, detail) if broken is None else ("form", "different", broken, detail)


@overload
def _expected(kind: str, detail: str, rule: Reasoned) -> Judged: ...
@overload
def _expected(kind: str, detail: str, rule: Reasoned | None) -> Judged | None: ...
def _expected(kind: str, detail: str, rule: Reasoned | None) -> Judged | None:
    """Where another value was expected, it does not matter that the old one stands elsewhere by chance. None
    without a rule.
    """
    if rule is None:
        return None
    return ("value", "expected", rule, "") if kind == "moved" else (kind, "expected", rule, detail)


def _text(value: bytes) -> str:
    return value.decode("latin-1")
