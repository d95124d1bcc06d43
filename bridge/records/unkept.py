"""A journal of a bridge in a simulated world, which ends with its last call: nobody will look at it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from bridge.records.entries import Entry, FinishedCall
from bridge.records.journal import Journal
from bridge.records.journal_file import Kept
from bridge.records.journal_writer import JournalWriter

ResultT = TypeVar("ResultT")


class Unkept(Journal):
    """Takes everything and keeps nothing; no change waits for it."""

    def __init__(self) -> None:
        self._writer = JournalWriter(None, Kept())
        self._closed = False

    def close(self) -> None:
        """There is nothing to close."""

    def _put(self, work: Entry | Sequence[FinishedCall]) -> None:
        if isinstance(work, Entry):
            work.settle()

    def _ask(self, question: Callable[[sqlite3.Connection], ResultT], otherwise: ResultT) -> Future[ResultT]:
        answer: Future[ResultT] = Future()
        answer.set_result(otherwise)
        return answer
