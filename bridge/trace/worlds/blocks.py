"""The rows that calls add to lists, as they stand in the data blocks of their arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bridge.table.model.arguments import BlockArgument
from bridge.table.model.rows import Function, Table
from bridge.trace.format import Given
from bridge.trace.records import block_view
from bridge.trace.worlds.rows import Row
from bridge.trace.worlds.rules import Block as BlockRule
from bridge.trace.worlds.values import decoded


class Blocks:
    """The data blocks by which calls to one function add rows to a list. ``keys``: of a row, by the name of
    the field.
    """

    def __init__(self, table: Table, function: Function, rule: BlockRule, keys: Mapping[str, str]) -> None:
        argument = function.argument(rule.argument)
        self._table, self._argument = table, argument if isinstance(argument, BlockArgument) else None
        self._group = rule.group or ""
        self._keys = keys
        self.names = [rule.argument, *([self._argument.count or ""] if self._argument is not None else ())]

    def of(self, given: Mapping[str, Given]) -> Block:
        """What of a call's arguments is needed to read its rows."""
        return Block(self, *map(given.get, self.names))

    def rows(self, *values: Given | None) -> Iterator[Row]:
        """The rows, by the keys of a scenario. In: the values of the arguments ``names``."""
        given = {name: value for name, value in zip(self.names, values, strict=False) if value is not None}
        view = block_view(self._table, self._argument, given) if self._argument is not None else None
        if view is None:
            return
        rows: dict[int, Row] = {}
        for span in view.spans:
            if span.group == self._group and span.name in self._keys:
                row = rows.setdefault(span.index, {})
                row[self._keys[span.name]] = decoded(span.of(view.data)).strip()
        yield from rows.values()


class Block(NamedTuple):
    """A data block with rows that a call added to a list. They are read when somebody asks for the list; most
    are never asked for, so that nothing but their bytes is kept.
    """

    blocks: Blocks
    data: Given | None
    repeat: Given | None = None

    def rows(self) -> Iterator[Row]:
        """The rows, by the keys of a scenario."""
        return self.blocks.rows(self.data, self.repeat)
