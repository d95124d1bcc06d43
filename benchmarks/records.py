"""The records in which a generated hospital's cards are read and written: bytes by the mapping table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from bridge.codec.fixed import Group, Layout, layout_width, pack
from bridge.table.default import default_table
from bridge.table.model.layout import kept_layout

TABLE = default_table()


def packed(record: str, values: Mapping[str, str]) -> bytes:
    """A record that a call returns."""
    return pack(kept_layout(TABLE.records_out, record), values).data


def packed_block(record: str, values: Mapping[str, str]) -> bytes:
    """A data block that a program passes. One of rows has the values in its only row."""
    layout = kept_layout(TABLE.records_in, record)
    (group,) = [part for part in layout if isinstance(part, Group)] or (None,)
    return pack(layout, values if group is None else {group.name: [values]}).data


class Rows:
    """A record of which one group is filled: its rows are packed once, and put together for each read."""

    def __init__(self, record: str, group: str) -> None:
        self._layout: Layout = kept_layout(TABLE.records_out, record)
        self._group = group
        before = 0
        for part in self._layout:
            if isinstance(part, Group) and part.name == group:
                self.most, width = part.count, part.width // part.count
                break
            before += layout_width((part,))
        self._begin, self._width = before, width
        self._empty = pack(self._layout, {}).data

    def row(self, values: Mapping[str, str]) -> bytes:
        """The bytes of one row."""
        data = pack(self._layout, {self._group: [values]}).data
        return data[self._begin : self._begin + self._width]

    def record(self, rows: list[bytes]) -> bytes:
        """All of it."""
        return (
            self._empty[: self._begin] + b"".join(rows) + self._empty[self._begin + len(rows) * self._width :]
        )


@lru_cache
def visits() -> Rows:
    """The visits of a card."""
    return Rows("treatment_no_need_hpc", "visits")
