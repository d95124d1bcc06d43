"""A list of a health card (visits, orders, vaccinations) as it was before the trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bridge.trace.worlds.blocks import Block
from bridge.trace.worlds.elsewhere import Fill, day_of
from bridge.trace.worlds.rows import Row, SeenRows

Key = tuple[Any, ...]


class ListFile:
    """The rows by what tells them from others. ``complete``: there were no others; else there may have been
    some before ``oldest``. ``seen``: when it was last seen (seconds since 1970); ``plain``, ``coded``: after
    how many pauses of the card with rows without and with codes, -1 for never. ``moments``: when rows came
    that were not there at the start; ``fills``: what came to rows later.
    """

    __slots__ = (
        "_added", "_counted", "_forms", "coded", "complete", "fills", "moments", "oldest", "plain", "rows",
        "seen",
    )  # fmt: skip

    def __init__(self) -> None:
        self.rows: dict[Key, Row] = {}  # those of a call are shared: put another in place of one to change it
        self.complete = False
        self.oldest = ""
        self.seen = 0.0
        self.plain = self.coded = -1
        self.moments: dict[Key, str] | None = None
        self.fills: dict[Key, list[Fill]] | None = None
        self._added: list[list[Row] | Block] | None = None  # by the trace's own calls, not looked at yet
        self._counted: Counter[tuple[tuple[str, str], ...]] | None = None
        self._forms: dict[tuple[str, ...], None] | None = None

    def at_start(self) -> list[Row]:
        """The rows that were there when the trace began."""
        if self.moments is None:
            return list(self.rows.values())
        return [row for key, row in self.rows.items() if key not in self.moments]

    def coming(self) -> Iterator[tuple[str, Row]]:
        """What came later: each row with its moment, and what came to a row."""
        for key, moment in (self.moments or {}).items():
            yield moment, self.rows[key]
        for fills in (self.fills or {}).values():
            yield from ((fill.moment, fill.shown) for fill in fills)

    def comes(self, key: Key, row: Row, moment: str) -> None:
        """A row that was not there before this moment."""
        if self.moments is None:
            self.moments = {}
        self.rows[key], self.moments[key] = row, moment

    def forget(self, key: Key) -> None:
        """What came under this key did not."""
        if self.moments is not None and self.moments.pop(key, None) is not None:
            del self.rows[key]

    def fill(self, key: Key, fill: Fill) -> None:
        """More of a row."""
        if self.fills is None:
            self.fills = {}
        self.fills.setdefault(key, []).append(fill)

    def now(self, key: Key, row: Row) -> Row:
        """A row with all that came to it."""
        for fill in (self.fills or {}).get(key, ()):
            row = {**row, **fill.row}
        return row

    def saw(self, seen: SeenRows) -> None:
        """What a sight tells of the rows that may be missing."""
        if seen.complete:
            self.complete = True
        elif seen.rows:
            oldest = min(row.get(day_of(seen.name), "") for row in seen.rows)
            self.oldest = min(self.oldest, oldest) if self.oldest else oldest

    @property
    def pauses(self) -> int:
        """After how many pauses of the card it was last seen."""
        return max(self.plain, self.coded)

    def may_miss(self, name: str, row: Row) -> bool:
        """Whether a row that is not known may have been there at the start."""
        return not self.complete and not (self.oldest and row.get(day_of(name), "") > self.oldest)

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
