"""Tables for people, as CSV. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

Row = Sequence[object]


def table_text(head: Sequence[str], rows: Iterable[Row]) -> str:
    """UTF-8 with the mark by which a spreadsheet knows it; no text is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    for row in rows:
        writer.writerow([_harmless(each) for each in row])
    return "\ufeff" + text.getvalue()


def _harmless(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value
