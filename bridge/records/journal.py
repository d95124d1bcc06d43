"""The journal: which calls were made and which changes of state were begun, without any personal data, in one
SQLite file.

An intent is written before a state-changing request leaves and its state after: ``begun`` (a crash leaves it
so), ``done``, ``failed`` (certainly not carried out), ``ambiguous`` (a person must look), ``resolved`` (a
person has looked). A receipt, such as the execution number of an upload (執行編號), is kept with it. A fault
of the journal never breaks a call: it is logged once.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

from bridge.private_files import touch_private

log = logging.getLogger(__name__)

State = Literal["done", "failed", "ambiguous"]
ResultT = TypeVar("ResultT")
KEPT_CALLS = 100_000
# Written far more than read. Each page of a cache that went on growing would stay for good between blocks
# that come and go, and make the process grow by far more than itself.
CACHE_KILOBYTES = 256
TRIM_AFTER = 10_000  # new calls
REOPEN_SECONDS = 10.0
JOURNAL_NAME = "journal.sqlite3"  # in the data directory

_SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, door TEXT NOT NULL, function TEXT NOT NULL,
    code INTEGER NOT NULL, milliseconds REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS intents (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, function TEXT NOT NULL, path TEXT NOT NULL,
    client_random TEXT NOT NULL, state TEXT NOT NULL, advice TEXT NOT NULL DEFAULT '',
    receipt TEXT NOT NULL DEFAULT '', pid INTEGER NOT NULL DEFAULT 0, resolved REAL
);
"""


class FinishedCall(NamedTuple):
    """A call that has ended; ``at`` is in seconds since 1970."""

    at: float
    door: str
    function: str
    code: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Pending:
    """A change of state that a person should look at; ``at`` is in seconds since 1970."""

    id: int
    at: float
    function: str
    path: str
    client_random: str
    state: str
    advice: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side gave for a change it carried out; ``at`` is in seconds since 1970."""

    at: float
    function: str
    path: str
    receipt: str


class Journal:
    """One journal file (None: kept in memory only).

    ``faults``: how many accesses have failed; ``fault``: why the last one did, "" after one that succeeded.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._tried = time.monotonic()
        self._closed = False
        self._since_trimmed = 0
        self.fault = ""
        self.faults = 0
        self._db: sqlite3.Connection | None = None
        self._db = self._guarded(lambda: _open(file), None)

    def calls(self, finished: Sequence[FinishedCall]) -> None:
        """Note finished calls, all in one go. The oldest are dropped beyond KEPT_CALLS."""
        self._run_many(
            "INSERT INTO calls (at, door, function, code, milliseconds) VALUES (?, ?, ?, ?, ?)", finished
        )
        self._since_trimmed += len(finished)
        if self._since_trimmed >= TRIM_AFTER and self._db is not None:
            self._since_trimmed = 0
            database = self._db
            self._guarded(lambda: _trim(database), None)

    def begin(self, function: str, path: str, client_random: str) -> int | None:
        """Note that a state-changing request is about to leave. Out: the intent's id (None: it could not be
        written).
        """
        return self._run(
            "INSERT INTO intents (at, function, path, client_random, state, pid)"
            " VALUES (?, ?, ?, ?, 'begun', ?)",
            (time.time(), function, path, client_random, os.getpid()),
        )

    def end(self, intent: int | None, state: State, advice: str = "", receipt: str = "") -> None:
        """Note how it ended, and what was given for it."""
        if intent is not None:
            self._run(
                "UPDATE intents SET state = ?, advice = ?, receipt = ? WHERE id = ?",
                (state, advice, receipt, intent),
            )

    def flag(self, intent: int, advice: str) -> None:
        """A change that ended, but not for its caller: a person must look. Its receipt stays."""
        self._run("UPDATE intents SET state = 'ambiguous', advice = ? WHERE id = ?", (advice, intent))

    def pending(self) -> list[Pending]:
        """The changes that did not end clearly.

        Ambiguous ones and those begun by a bridge that ended before the answer.
        """
        rows = self._rows(
            "SELECT id, at, function, path, client_random, state, advice FROM intents"
            " WHERE state IN ('begun', 'ambiguous') ORDER BY id"
        )
        return [Pending(*row) for row in rows]

    def receipts(self) -> list[Receipt]:
        """The changes for which a receipt was given, oldest first; results are fetched by it."""
        rows = self._rows("SELECT at, function, path, receipt FROM intents WHERE receipt <> '' ORDER BY id")
        return [Receipt(*row) for row in rows]

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        database = self._db
        if database is None:
            return []
        return self._guarded(lambda: database.execute(query).fetchall(), [])

    def close(self) -> None:
        self._closed = True
        if self._db is not None:
            self._guarded(self._db.close, None)
            self._db = None

    def _opened(self) -> sqlite3.Connection | None:
        """The file; where it could not be opened (a full disk, another's rights), that is tried again."""
        if self._db is None and not self._closed and time.monotonic() - self._tried >= REOPEN_SECONDS:
            self._tried = time.monotonic()
            self._db = self._guarded(lambda: _open(self._file), None)
        return self._db

    def _run(self, statement: str, values: tuple[object, ...]) -> int | None:
        """Write something that must survive a power cut."""
        database = self._opened()
        if database is None:
            return None

        def execute() -> int | None:
            database.execute("PRAGMA synchronous = FULL")
            with database:
                number = database.execute(statement, values).lastrowid
            self._recovered()
            return number

        return self._guarded(execute, None)

    def _run_many(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Write something that a power cut may take."""
        database = self._opened()
        if database is None:
            return

        def execute() -> None:
            database.execute("PRAGMA synchronous = NORMAL")
            with database:
                database.executemany(statement, rows)
            self._recovered()

        self._guarded(execute, None)

    def _recovered(self) -> None:
        if self.fault:
            log.info("the journal can be written again")
            self.fault = ""

    def _guarded(self, action: Callable[[], ResultT], otherwise: ResultT) -> ResultT:
        try:
            return action()
        except (sqlite3.Error, OSError) as error:
            if not self.fault:
                log.error("the journal cannot be written (%s): calls go on without it", error)
            self.fault = str(error) or type(error).__name__
            self.faults += 1
            return otherwise


def _open(file: Path | None) -> sqlite3.Connection | None:
    if file is not None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        touch_private(file)
    database = sqlite3.connect(file or ":memory:", check_same_thread=False, timeout=1.0)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
        database.executescript(_SCHEMA)
        add_columns(database)
        _trim(database)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _trim(database: sqlite3.Connection) -> None:
    with database:
        database.execute("DELETE FROM calls WHERE id <= (SELECT MAX(id) FROM calls) - ?", (KEPT_CALLS,))


# Columns that journals of before have not.
_ADDED = {"receipt": "TEXT NOT NULL DEFAULT ''", "pid": "INTEGER NOT NULL DEFAULT 0", "resolved": "REAL"}


def add_columns(database: sqlite3.Connection) -> None:
    """Bring the table of intents up to date: ``receipt``; ``pid`` of the process that began it, 0 where it is
    not known; ``resolved``, when a person had looked. Raises sqlite3.Error.
    """
    columns = {row[1] for row in database.execute("PRAGMA table_info(intents)")}
    for name in _ADDED.keys() - columns:
        with database:
            database.execute(f"ALTER TABLE intents ADD COLUMN {name} {_ADDED[name]}")
