"""The journal: which calls were made and which changes of state were begun, without any personal data, in one
SQLite file.

An intent is written before a state-changing request leaves and its state after: ``begun`` (a crash leaves it
so), ``done``, ``failed`` (certainly not carried out), ``ambiguous`` (a person must look), ``resolved`` (a
person has looked). A receipt, such as the execution number of an upload (執行編號), is kept with it.

One thread does all the writing, in one go what waits together. Whoever notes something does not wait for the
disk; who begins a change waits for ``Entry.written``. A fault of the journal never breaks a call.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from bridge.records.entries import End, Entry, FinishedCall, Pending, Receipt, State
from bridge.records.journal_file import UNCLEAR, Kept
from bridge.records.journal_writer import JournalWriter

__all__ = ["JOURNAL_NAME", "Entry", "FinishedCall", "Journal", "Kept", "Pending", "Receipt", "State"]

log = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")
CLOSE_SECONDS = 5.0  # for what still waits when the bridge ends
BETWEEN_TRIMS = 0.05  # seconds
MOST_AT_ONCE = 1_000
JOURNAL_NAME = "journal.sqlite3"  # in the data directory

_COUNT = f"SELECT COUNT(*) FROM intents WHERE {UNCLEAR}"  # noqa: S608 - constants
_PENDING = (
    "SELECT id, at, function, path, client_random, state, advice FROM intents"  # noqa: S608 - constants
    f" WHERE {UNCLEAR} ORDER BY id"
)
_RECEIPTS = "SELECT at, function, path, receipt FROM intents WHERE receipt <> '' ORDER BY id"


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked when everything before it is written."""

    ask: Callable[[], Any]
    answer: Future[Any]

    def settle(self) -> None:
        """Answer it; a fault goes to who asked."""
        try:
            self.answer.set_result(self.ask())
        except Exception as error:
            self.answer.set_exception(error)


class _Last:
    """What a journal that is closed finds at the end of its queue."""


_Work = Entry | Sequence[FinishedCall] | _Question | _Last


class Journal:
    """One journal file (None: kept in memory only). ``kept``: how much of it stays."""

    def __init__(self, file: Path | None, kept: Kept | None = None) -> None:
        self._writer = JournalWriter(file, kept or Kept())
        self._queue: SimpleQueue[_Work] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    @property
    def fault(self) -> str:
        """Why the last access failed, "" after one that succeeded."""
        return self._writer.fault

    @property
    def faults(self) -> int:
        """How many accesses have failed."""
        return self._writer.faults

    @property
    def loss(self) -> str:
        """What has become of a file that was taken away while it was in use, "" where none was."""
        return self._writer.loss

    @property
    def lost(self) -> bool:
        """Whether something of what it held is gone."""
        return self._writer.lost

    # --- none of these waits for the disk -------------------------------------------------------------------

    def calls(self, finished: Sequence[FinishedCall]) -> None:
        """Note finished calls."""
        self._put(finished)

    def begin(self, function: str, path: str, client_random: str) -> Entry:
        """Note that a state-changing request is about to leave; it may leave when ``written`` is set."""
        entry = Entry(function, path, client_random)
        self._put(entry)
        return entry

    def end(self, entry: Entry, state: State, advice: str = "", receipt: str = "") -> None:
        """Note how it ended, and what was given for it."""
        entry.end = End(state, advice, receipt)
        self._put(entry)

    def flag(self, entry: Entry, advice: str) -> None:
        """A change that ended, but not for its caller: a person must look. Its receipt stays."""
        self.end(entry, "ambiguous", advice, entry.end.receipt)

    def count_unclear(self) -> Future[int]:
        """How many changes have no clear end, those under way included, once all that waits is written."""
        return self._ask(lambda database: int(database.execute(_COUNT).fetchone()[0]), 0)

    # --- these wait -----------------------------------------------------------------------------------------

    def pending(self) -> list[Pending]:
        """The changes that did not end clearly: ambiguous ones and those begun by a bridge that ended before
        the answer.
        """
        return [Pending(*row) for row in self._rows(_PENDING)]

    def receipts(self) -> list[Receipt]:
        """The changes for which a receipt was given, oldest first; results are fetched by it."""
        return [Receipt(*row) for row in self._rows(_RECEIPTS)]

    def close(self) -> None:
        """Write what waits, within CLOSE_SECONDS; take nothing any more."""
        if not self._closed:
            self._closed = True
            self._queue.put(_Last())
        self._thread.join(CLOSE_SECONDS)

    # --- inside ---------------------------------------------------------------------------------------------

    def _put(self, work: Entry | Sequence[FinishedCall]) -> None:
        if not self._closed:
            self._queue.put(work)
        elif isinstance(work, Entry):
            work.settle()

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._ask(lambda database: database.execute(query).fetchall(), []).result()

    def _ask(self, question: Callable[[sqlite3.Connection], ResultT], otherwise: ResultT) -> Future[ResultT]:
        answer: Future[ResultT] = Future()
        answer.set_running_or_notify_cancel()
        if self._closed:
            answer.set_result(otherwise)
        else:
            self._queue.put(_Question(lambda: self._writer.ask(question, otherwise), answer))
        return answer

    # --- the thread -----------------------------------------------------------------------------------------

    def _work(self) -> None:
        self._writer.opened()
        trimming = False
        while True:
            try:
                found = [self._queue.get(timeout=BETWEEN_TRIMS if trimming else None)]
            except Empty:
                trimming = self._writer.trim()
                continue
            with suppress(Empty):
                while len(found) < MOST_AT_ONCE:
                    found.append(self._queue.get_nowait())
            if self._done(found):
                break
            trimming = trimming or self._writer.wants_trimming
        self._writer.close()
        self._let_go()

    def _let_go(self) -> None:
        """What another thread has put behind the last: nobody may wait for it for ever."""
        with suppress(Empty):
            while True:
                work = self._queue.get_nowait()
                if isinstance(work, Entry | _Question):
                    work.settle()

    def _done(self, found: Sequence[_Work]) -> bool:
        """As :meth:`_all_of`; a fault of its own costs these entries, and not all that come after them."""
        try:
            return self._all_of(found)
        except Exception:
            log.exception("the journal met a fault of its own")
            for work in found:
                if isinstance(work, Entry):
                    work.settle()
            return any(isinstance(work, _Last) for work in found)

    def _all_of(self, found: Iterable[_Work]) -> bool:
        """Do what is wanted, in its order. Out: whether that was the last."""
        entries: dict[Entry, None] = {}
        calls: list[FinishedCall] = []
        last = False
        for work in found:
            match work:
                case Entry():
                    entries[work] = None
                case _Question():
                    self._write(entries, calls)
                    work.settle()
                case _Last():
                    last = True
                case _:
                    calls += work
        self._write(entries, calls)
        return last

    def _write(self, entries: dict[Entry, None], calls: list[FinishedCall]) -> None:
        """Have them written; both are empty afterwards."""
        if entries or calls:
            self._writer.write(dict(entries), tuple(calls))
            entries.clear()
            calls.clear()
