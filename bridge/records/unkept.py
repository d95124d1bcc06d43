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
_AT_ONCE: Future[int | None] = Future()  # of all changes: nobody has to wait for a file
_AT_ONCE.set_result(None)


class Unkept(Journal):
    """Takes everything and keeps nothing; no change waits for it."""

    def __init__(self) -> None:
        self._writer = JournalWriter(None, Kept())
        self._closed = False

    def begin(self, function: str, path: str, client_random: str) -> Entry:
        return Entry(function, path, client_random, written=_AT_ONCE)

    def close(self) -> None:
        """There is nothing to close."""

    def _put(self, work: Entry | Sequence[FinishedCall]) -> None:
        """Nobody keeps it."""

    def _ask(self, question: Callable[[sqlite3.Connection], ResultT], otherwise: ResultT) -> Future[ResultT]:
        answer: Future[ResultT] = Future()
        answer.set_result(otherwise)
        return answer
