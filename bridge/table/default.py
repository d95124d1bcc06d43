"""The project's own table: as it was prepared, where that is at hand, else read from its YAML files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bridge.table.model.rows import Table
from bridge.table.prepared import prepared_file, read_prepared


def default_directory() -> Path:
    """Where the table lies: inside the installed package, or beside it in a checkout."""
    packed = Path(__file__).parent.parent / "mappings"
    return packed if packed.is_dir() else packed.parent.parent / "mappings"


@cache
def default_table() -> Table:
    """The project's own table, loaded once. Raises TableError."""
    directory = default_directory()
    kept = read_prepared(directory, prepared_file(directory))
    if kept is not None:
        return kept
    from bridge.table.loader import load_table  # with all that reads and checks a table

    return load_table(directory)
