"""A list of a health card (visits, orders, vaccinations) as it was before the trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bridge.trace.worlds.blocks import Block
from bridge.trace.worlds.rows import Row

Key = tuple[Any, ...]


class ListFile:
    """The rows by what tells them from others. ``complete``: there were no others."""

    __slots__ = ("_added", "_counted", "_forms", "complete", "rows")

    def __init__(self) -> None:
        self.rows: dict[Key, Row] = {}  # those of a call are shared: put another in place of one to change it
        self.complete = False
        self._added: list[list[Row] | Block] | None = None  # by the trace's own calls, not looked at yet
        self._counted: Counter[tuple[tuple[str, str], ...]] | None = None
        self._forms: dict[tuple[str, ...], None] | None = None

    def add_own(self, rows: list[Row] | Block) -> None:
        """Rows that a call of the trace has written."""
        if self._added is None:
            self._added = []
        self._added.append(rows)

    def without_own(self, rows: list[Row]) -> list[Row]:
        """Rows less those that the trace has written, the newest first."""
        self._count_own()
        if self._counted is None or self._forms is None:
            return rows
        left, used = [], Counter[tuple[tuple[str, str], ...]]()
        for row in rows:
            said = (tuple((name, row.get(name, "")) for name in form) for form in self._forms)
            found = next((own for own in said if used[own] < self._counted[own]), None)
            if found is None:
                left.append(row)
            else:
                used[found] += 1
        return left

    def _count_own(self) -> None:
        """Most lists that a program writes are never read again."""
        if self._added is None:
            return
        counted = self._counted = self._counted or Counter()
        forms = self._forms = self._forms or {}
        for rows in self._added:
            for row in rows.rows() if isinstance(rows, Block) else rows:
                counted[tuple(row.items())] += 1
                forms[tuple(row)] = None
        self._added = None


def keyed(rows: list[Row], names: tuple[str, ...]) -> Iterator[tuple[Key, Row]]:
    """Rows with what tells them from others; of equal ones also which one it is."""
    seen: dict[Key, int] = {}
    for row in rows:
        key = tuple([row.get(name, "") for name in names or row])
        which = seen[key] = seen.get(key, 0) + 1
        yield (*key, which), row
