"""What is counted of a trace whose lines are looked at one by one: by this plain way others are judged."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.table.model.rows import Table
from bridge.trace.format import Line
from bridge.trace.readiness.advice import readiness_data
from bridge.trace.readiness.counts import Counting, Counts
from bridge.trace.readiness.report import Readiness, checked, report_of
from bridge.trace.reading import Problem


def count(lines: Iterable[Line | Problem], table: Table) -> Counts:
    """Count lines (:func:`bridge.trace.stream.lines_in_order`)."""
    counting = Counting(table)
    for line in lines:
        counting.line(line)
    return counting.counts


def assess(lines: Iterable[Line | Problem], table: Table) -> Readiness:
    """The report of what is counted."""
    return report_of(checked(count(lines, table)), table, readiness_data())
