"""Matches the rows of a group in two records, wherever they stand. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bridge.trace.comparing.rules import RowRule
from bridge.trace.records import Span

_ALIKE = 0.5  # of the fields that say something: rows that share as many are the same row, changed
Same = Callable[[Span, bytes, bytes], bool]


class Matched(NamedTuple):
    """``pairs`` of old and new row numbers (from 0); ``missing`` old rows and ``extra`` new ones without a
    partner; ``reordered``: whether they stand in another order, or with absent rows between them;
    ``newest_first``: whether the new rows are sorted as the rule says.
    """

    pairs: tuple[tuple[int, int], ...]
    missing: tuple[int, ...] = ()
    extra: tuple[int, ...] = ()
    reordered: bool = False
    newest_first: bool = False


def is_absent(row: bytes) -> bool:
    """Whether a row holds nothing: blanks, zeros or NULs."""
    return not row.strip(b" 0\0")


def match_rows(
    olds: Sequence[bytes], news: Sequence[bytes], spans: Sequence[Span], rule: RowRule | None, same: Same
) -> Matched:
    """Which rows belong together. ``spans``: the fields of a row, at offsets within it; ``same``: whether two
    values of a field count as the same.

    Without a rule, place by place; but rows that are the same in another order are reported as such.
    """
    if rule is None:
        return _by_place(olds, news)
    present_old = [i for i, row in enumerate(olds) if not is_absent(row)]
    present_new = [j for j, row in enumerate(news) if not is_absent(row)]
    pairs = _exact(olds, news, present_old, present_new)
    key = [span for span in spans if span.name in rule.key]
    pairs += _best(olds, news, *_left(present_old, present_new, pairs), _by_key(key, spans, same), 0.0)
    pairs += _best(olds, news, *_left(present_old, present_new, pairs), _by_likeness(spans, same), _ALIKE)
    missing, extra = _left(present_old, present_new, pairs)
    order = [j for _, j in sorted(pairs)]
    absent_old = [i for i, row in enumerate(olds) if is_absent(row)]
    absent_new = [j for j, row in enumerate(news) if is_absent(row)]
    (first,) = (span for span in spans if span.name == rule.newest_first)
    dates = [first.of(news[j]).strip(b" \0") for j in present_new]
    return Matched(
        tuple(sorted([*pairs, *zip(absent_old, absent_new, strict=False)])),
        tuple(missing),
        tuple(extra),
        order != sorted(order) or _has_holes(present_old) != _has_holes(present_new),
        dates == sorted(dates, reverse=True) and not _has_holes(present_new),
    )


def _has_holes(present: Sequence[int]) -> bool:
    """Whether absent rows stand before others."""
    return list(present) != list(range(len(present)))


def _by_place(olds: Sequence[bytes], news: Sequence[bytes]) -> Matched:
    both = min(len(olds), len(news))
    pairs = tuple((index, index) for index in range(both))
    if len(olds) == len(news) and list(olds) != list(news) and sorted(olds) == sorted(news):
        return Matched(tuple(sorted(_exact(olds, news, range(both), range(both)))), reordered=True)
    return Matched(pairs, tuple(range(both, len(olds))), tuple(range(both, len(news))))


def _exact(
    olds: Sequence[bytes], news: Sequence[bytes], old_rows: Sequence[int], new_rows: Sequence[int]
) -> list[tuple[int, int]]:
    places: dict[bytes, list[int]] = defaultdict(list)
    for j in reversed(new_rows):
        places[news[j]].append(j)
    return [(i, places[olds[i]].pop()) for i in old_rows if places.get(olds[i])]


def _left(
    old_rows: Sequence[int], new_rows: Sequence[int], pairs: Sequence[tuple[int, int]]
) -> tuple[list[int], list[int]]:
    gone_old, gone_new = {i for i, _ in pairs}, {j for _, j in pairs}
    return [i for i in old_rows if i not in gone_old], [j for j in new_rows if j not in gone_new]


Score = Callable[[bytes, bytes], float]


def _by_key(key: Sequence[Span], spans: Sequence[Span], same: Same) -> Score:
    """How alike rows of the same key are; below 0 where the key differs."""
    likeness = _by_likeness(spans, same)

    def score(old: bytes, new: bytes) -> float:
        if not all(same(span, span.of(old), span.of(new)) for span in key):
            return -1.0
        return likeness(old, new)

    return score


def _by_likeness(spans: Sequence[Span], same: Same) -> Score:
    """The share of fields that are the same, of those that say something."""

    def score(old: bytes, new: bytes) -> float:
        said = [span for span in spans if not (is_absent(span.of(old)) and is_absent(span.of(new)))]
        alike = sum(same(span, span.of(old), span.of(new)) for span in said)
        return alike / len(said) if said else 1.0

    return score


def _best(
    olds: Sequence[bytes],
    news: Sequence[bytes],
    old_rows: Sequence[int],
    new_rows: Sequence[int],
    score: Score,
    least: float,
) -> list[tuple[int, int]]:
    """Pairs of the rows that are left, the most alike first."""
    scored = [(score(olds[i], news[j]), -i, -j) for i in old_rows for j in new_rows]
    pairs: list[tuple[int, int]] = []
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for points, minus_i, minus_j in sorted(scored, reverse=True):
        i, j = -minus_i, -minus_j
        if points >= least and i not in taken_old and j not in taken_new:
            pairs.append((i, j))
            taken_old.add(i)
            taken_new.add(j)
    return pairs
