"""Reads bhyt.yaml, which lies beside the files of the mapping table."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bridge.bhyt.check import check_lookups
from bridge.bhyt.model import LookupFamily
from bridge.errors import TableError
from bridge.table.files import TableFiles
from bridge.table.model.rows import Route

FILE = "bhyt.yaml"
NAMED = ("requests", "lookups")  # whose rows know their names


def load_lookups(routes: Iterable[Route] = (), directory: Path | None = None) -> LookupFamily | None:
    """The lookups beside a table; None where the directory has none.

    In: the table's routes, whose paths must be other ones; its directory (None: the project's own). Raises
    TableError with one line per fault.
    """
    files = TableFiles(directory)
    content = files.optional(FILE)
    for section in NAMED:
        rows = content.get(section)
        if isinstance(rows, dict):
            named = {k: {"name": k, **row} if isinstance(row, dict) else row for k, row in rows.items()}
            content = {**content, section: named}
    family = files.one(FILE, LookupFamily, content) if content else None
    faults = files.faults
    if family is not None:
        faults += [f"{FILE}: {fault}" for fault in check_lookups(family, routes)]
    if faults:
        raise TableError(faults)
    return family
