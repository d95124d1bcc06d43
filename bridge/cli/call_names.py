"""What the journal's names mean, by the table."""

from __future__ import annotations

from bridge.table.model.rows import Table


def title_of(table: Table, name: str) -> str:
    """The Chinese title of a function or service; "" for one that the table does not have (any more)."""
    row = table.functions.get(name) or table.services.get(name)
    return row.title if row is not None else ""
