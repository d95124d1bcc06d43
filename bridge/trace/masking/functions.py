"""What learning and masking lines as they stand have in common.

A line that is written in another way, that holds other values, or in which the last look finds something, is
left to :class:`~bridge.trace.masking.collecting.Collector` and :class:`~bridge.trace.masking.masker.Masker`,
which look at everything. What is done without them, they would do in the same way; the tests compare them.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from bridge.table.model.rows import Table
from bridge.trace.format import signed16
from bridge.trace.masking.pieces import Cutter
from bridge.trace.masking.recipes import Recipes
from bridge.trace.masking.rules import MaskRules


class Functions:
    """The rows of functions by the bytes of their names. ``usable``: those whose calls need not be looked at
    as a whole.
    """

    def __init__(self, table: Table, rules: MaskRules) -> None:
        cutter = Cutter(table, rules)
        made = {
            name.encode(): Recipes(table, rules, cutter, function)
            for name, function in table.functions.items()
        }
        self.usable = {name: recipes for name, recipes in made.items() if recipes.usable}
        self._table = table
        self.filled = lru_cache(maxsize=10_000)(self._filled)
        self.time_of = lru_cache(maxsize=10_000)(_time_of)

    def _filled(self, function: bytes, code: bytes) -> bool:
        return self._table.succeeded(function.decode(), signed16(int(code)))


def _time_of(hour: bytes) -> datetime | None:
    """Date and hour (UTC) as a line has them. None: there is no such hour."""
    try:
        return datetime.fromisoformat(hour.decode() + ":00:00+00:00")
    except ValueError:
        return None
