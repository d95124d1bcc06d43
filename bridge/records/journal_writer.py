"""Writes the journal's file. One thread calls here; nothing raises.

A fault is logged once and stands in ``fault`` until something can be written again. Changes that could not be
written are kept and written then; calls are only counted.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from bridge.records.entries import Entry, FinishedCall
from bridge.records.journal_file import LOCK_SECONDS, Kept, identity, open_journal, trim

log = logging.getLogger("bridge.records.journal")

ResultT = TypeVar("ResultT")
Entries = dict[Entry, None]  # in their order

TRIM_AFTER = 10_000  # entries
REOPEN_SECONDS = 10.0
MOST_UNWRITTEN = 10_000

_NEW = (
    "INSERT INTO intents (at, uptime, function, path, client_random, state, advice, receipt, pid)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_CHANGED = "UPDATE intents SET state = ?, advice = ?, receipt = ? WHERE id = ?"
_CALL = "INSERT INTO calls (at, door, function, code, milliseconds) VALUES (?, ?, ?, ?, ?)"


class JournalWriter:
    """``fault``, ``faults``, ``loss`` and ``lost`` as :class:`bridge.records.journal.Journal` tells them."""

    def __init__(self, file: Path | None, kept: Kept) -> None:
        self.fault = ""
        self.faults = 0
        self.loss = ""
        self.lost = False
        self._file = file
        self._kept = kept
        self._database: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._generation = 0  # of files that share no numbers
        self._tried = 0.0
        self._durable: bool | None = None
        self._unwritten: Entries = {}
        self._unclear: Entries = {}  # of this process
        self._missing_calls = 0
        self._since_trimmed = TRIM_AFTER  # what is there may be too much already

    @property
    def unwritten(self) -> int:
        """How many changes wait for a journal that can be written."""
        return len(self._unwritten)

    @property
    def wants_trimming(self) -> bool:
        return self._since_trimmed >= TRIM_AFTER

    # --- writing and asking ---------------------------------------------------------------------------------

    def write(self, entries: Entries, calls: Sequence[FinishedCall]) -> None:
        """Write all of them in one go, with what could not be written before, or none."""
        self._unclear |= entries
        database = self.opened()
        waiting = self._unwritten | entries
        if database is not None and self._guarded(lambda: self._save(database, waiting, calls), False):
            self._unwritten = {}
            self._recovered(database)
        else:
            self._missing_calls += len(calls)
            self._unwritten = dict.fromkeys(list(waiting)[-MOST_UNWRITTEN:])
        for entry in entries:
            entry.settle()
            if not entry.end.unclear:
                self._unclear.pop(entry, None)

    def ask(self, question: Callable[[sqlite3.Connection], ResultT], otherwise: ResultT) -> ResultT:
        """What the file says; ``otherwise`` where it cannot be asked."""
        database = self.opened()
        return otherwise if database is None else self._guarded(lambda: question(database), otherwise)

    def trim(self) -> bool:
        """Remove some of what is too old to be kept. Out: whether there may be more of it."""
        more = self.ask(lambda database: trim(database, self._kept), False)
        if not more:
            self._since_trimmed = 0
        return more

    def close(self) -> None:
        if self._database is not None:
            self._guarded(self._database.close, None)
            self._database = None

    def _save(self, database: sqlite3.Connection, entries: Entries, calls: Sequence[FinishedCall]) -> bool:
        """Out: True. Raises sqlite3.Error."""
        self._be_durable(database, any(_must_last(entry) for entry in entries))
        with _transaction(database) if calls or len(entries) > 1 else nullcontext():
            numbers = {entry: self._store(database, entry) for entry in entries}
            if calls:
                database.executemany(_CALL, calls)
        for entry, number in numbers.items():
            entry.number, entry.generation = number, self._generation
        self._since_trimmed += len(entries) + len(calls)
        return True

    def _store(self, database: sqlite3.Connection, entry: Entry) -> int | None:
        """Out: its number."""
        if entry.number is not None and entry.generation == self._generation:
            database.execute(_CHANGED, (*entry.end, entry.number))
            return entry.number
        begun = (entry.at, entry.uptime, entry.function, entry.path, entry.client_random)
        return database.execute(_NEW, (*begun, *entry.end, os.getpid())).lastrowid

    def _be_durable(self, database: sqlite3.Connection, durable: bool) -> None:
        if durable is not self._durable:
            database.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._durable = durable

    # --- the file -------------------------------------------------------------------------------------------

    def opened(self) -> sqlite3.Connection | None:
        """The file. One that could not be opened (a full disk, another's rights) is tried again now and then;
        one that was taken away gets a new one in its place.
        """
        if self._database is not None and not self._is_away():
            return self._database
        if self.fault and time.monotonic() - self._tried < REOPEN_SECONDS:
            return None
        old, in_its_place = self._database, self._file is None or identity(self._file) is None
        self._tried = time.monotonic()
        new = self._guarded(lambda: open_journal(self._file), None)
        if new is not None:
            self._database, self._durable = new, None
            self._identity = None if self._file is None else identity(self._file)
            if old is not None:
                self._take_over(old, new, in_its_place)
        return new

    def _is_away(self) -> bool:
        return self._file is not None and identity(self._file) != self._identity

    def _take_over(self, old: sqlite3.Connection, new: sqlite3.Connection, in_its_place: bool) -> None:
        """Bring what the lost file held into the new one: all of it where that is empty, else the changes of
        this process that nobody knows the end of.
        """

        def copy() -> bool:
            old.backup(new)
            return True

        copied = in_its_place and self._guarded(copy, False)
        self._guarded(old.close, None)
        if not copied:
            self.lost = True
            self._generation += 1
            self._unwritten |= self._unclear
        self.loss = (
            "the file of the journal was taken away while it was in use; there is a new one since "
            f"{datetime.now():%Y-%m-%d %H:%M:%S}, "
            + ("with all that the old one held" if copied else "which lacks what the old one held")
        )
        log.error("%s", self.loss)

    # --- faults ---------------------------------------------------------------------------------------------

    def _guarded(self, action: Callable[[], ResultT], otherwise: ResultT) -> ResultT:
        try:
            return action()
        except (sqlite3.Error, OSError) as error:
            if not self.fault:
                log.error("the journal cannot be written (%s): calls go on without it", error)
                self._wait_for_locks(0.0)
            self.fault = str(error) or type(error).__name__
            self.faults += 1
            return otherwise

    def _recovered(self, database: sqlite3.Connection) -> None:
        if self.fault:
            log.info(
                "the journal can be written again; calls that are missing in it: %d", self._missing_calls
            )
            self.fault, self._missing_calls = "", 0
            self._wait_for_locks(LOCK_SECONDS)

    def _wait_for_locks(self, seconds: float) -> None:
        """One wait for a file that another program holds is enough: while that fails, none waits again."""
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")


def _must_last(entry: Entry) -> bool:
    """Whether a power cut must not take it. Where it takes the clear end of a change, that is listed as cut
    off: a person looks once more, and nothing is lost.
    """
    return entry.number is None or entry.end.unclear or bool(entry.end.receipt)


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except sqlite3.Error:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
