"""Causes in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from bridge.table.explain.causes import NOTICE, UNLISTED, Cause
from bridge.table.model.rows import Table

MOST_NAMES = 6
MOST_OTHERS = 4
MANY = 20  # so many functions, and no other: all that there are
MOST_MEANINGS = 4
SOURCES = {
    "console": "console",
    "cloud": "cloud",
    "vpn": "upload centre",
    "transport": "on the way",
    "bridge": "bridge",
}


def cause_texts(table: Table, causes: Sequence[Cause]) -> Iterator[str]:
    """Causes in order: "cloud 3208 找不到就醫資料登錄中的該組資料: csUnGetSeqNumber". Many statuses that
    lead the same functions to the code are one text, with their numbers alone.
    """
    alike: dict[tuple[str, str], list[Cause]] = defaultdict(list)
    for cause in causes:
        alike[cause.source, functions_text(cause.functions, cause.others)].append(cause)
    for (_, names), group in alike.items():
        yield from (f"{what}: {names}" if names else what for what in _whats(table, group))


def _whats(table: Table, group: Sequence[Cause]) -> list[str]:
    """The statuses of a group, all of one source."""
    source = group[0].source
    if source == NOTICE:
        return [f"a notice, the buffers are filled ({cause.status})" for cause in group]
    title = SOURCES.get(source, source)
    listed = [cause.status for cause in group if cause.status != UNLISTED]
    unlisted = [f"{title}, a status that is not listed"] if len(listed) < len(group) else []
    if len(listed) > MOST_MEANINGS:
        return [f"{title} {', '.join(listed)}", *unlisted]
    statuses = table.statuses.sources[source]
    return [f"{title} {status} {statuses[status].meaning}" for status in listed] + unlisted


def functions_text(functions: Sequence[str], others: Sequence[str]) -> str:
    """Which functions, in few words; "" for all that there are."""
    if not others and len(functions) > MANY:
        return ""
    if len(functions) <= MOST_NAMES:
        return ", ".join(functions)
    if others and len(others) <= MOST_OTHERS:
        return f"all but {', '.join(others)}"
    return f"{', '.join(functions[:MOST_NAMES])} and {len(functions) - MOST_NAMES} more"
