"""Readiness: a work place is counted by itself; the counts are put together afterwards."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.parts.part import Part, Result
from bridge.table.default import default_table
from bridge.trace.readiness.counts import Counts
from bridge.trace.readiness.files import count_files
from bridge.trace.readiness.report import checked


def count_part(part: Part) -> Result:
    """Work: what is counted of a work place. Raises TraceError where nothing can be read of it."""
    return checked(count_files(part.files, default_table())).plain()


def counts_of(results: Mapping[str, Result]) -> dict[str, Counts]:
    """What was counted, by work place."""
    return {name: Counts.of_plain(result) for name, result in results.items()}
