"""Causes in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from bridge.table.explain.causes import NOTICE, UNLISTED, Cause
from bridge.table.model.rows import Table
from bridge.words import Said, said

MOST_NAMES = 6
MOST_OTHERS = 4
MANY = 20  # so many functions, and no other: all that there are
MOST_MEANINGS = 4
SOURCES = {
    "console": said("console"),
    "cloud": said("cloud"),
    "vpn": said("upload centre"),
    "transport": said("on the way"),
    "bridge": said("bridge"),
}


def cause_texts(table: Table, causes: Sequence[Cause]) -> Iterator[Said]:
    """Causes in order: "cloud 3208 找不到就醫資料登錄中的該組資料: csUnGetSeqNumber". Many statuses that
    lead the same functions to the code are one text, with their numbers alone.
    """
    alike: dict[tuple[str, str], list[Cause]] = defaultdict(list)
    for cause in causes:
        alike[cause.source, functions_text(cause.functions, cause.others)].append(cause)
    for (_, names), group in alike.items():
        for what in _whats(table, group):
            yield said("{what}: {names}", what=what, names=names) if names else what


def _whats(table: Table, group: Sequence[Cause]) -> list[Said]:
    """The statuses of a group, all of one source."""
    source = group[0].source
    if source == NOTICE:
        return [said("a notice, the buffers are filled ({status})", status=cause.status) for cause in group]
    title = SOURCES.get(source, source)
    listed = [cause.status for cause in group if cause.status != UNLISTED]
    unlisted = [said("{title}, a status that is not listed", title=title)] * (len(listed) < len(group))
    if len(listed) > MOST_MEANINGS:
        return [said("{title} {statuses}", title=title, statuses=", ".join(listed)), *unlisted]
    statuses = table.statuses.sources[source]
    found = [(status, statuses[status].meaning) for status in listed]
    known = [said("{title} {statuses}", title=title, statuses=" ".join(each)) for each in found]
    return known + unlisted


def functions_text(functions: Sequence[str], others: Sequence[str]) -> str:
    """Which functions, in few words; "" for all that there are."""
    if not others and len(functions) > MANY:
        return ""
    if len(functions) <= MOST_NAMES:
        return ", ".join(functions)
    if others and len(others) <= MOST_OTHERS:
        return said("all but {names}", names=", ".join(others))
    names = ", ".join(functions[:MOST_NAMES])
    return said("{names} and {count} more", names=names, count=len(functions) - MOST_NAMES)
