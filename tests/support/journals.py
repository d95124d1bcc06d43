"""Journals as tests want them: written at once, and looked into."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeVar

from bridge.records.journal import Entry, FinishedCall, Journal

Found = TypeVar("Found")


class WrittenAtOnce(Journal):
    """What is noted is in the file when the method comes back, so that others can look at it."""

    def _put(self, work: Entry | Sequence[FinishedCall]) -> None:
        super()._put(work)
        self.pending()


def inside(journal: Journal, look: Callable[[sqlite3.Connection], Found]) -> Found | None:
    """Do something with the journal's own file in its own thread, when all that waits is written. Out: what
    that gives; None where it fails.
    """
    return journal._ask(look, None).result()
