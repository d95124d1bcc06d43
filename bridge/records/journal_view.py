"""The journal as people look at it, while the bridge goes on writing: read-only, but for the note that
somebody has looked at a change.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.errors import BridgeError
from bridge.records.entries import Receipt
from bridge.records.journal_file import UNCLEAR, add_columns

PATIENCE = 2.0  # seconds to wait while the bridge writes


class JournalUnreadable(BridgeError):
    """There is no journal, or it cannot be read or written; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Change:
    """A state-changing request. ``at`` is in seconds since 1970; ``pid`` is the process that sent it, 0 where
    it is not known; ``uptime`` tells when, in seconds of the machine's own clock, None where it is not known;
    ``state`` as in :mod:`bridge.records.journal`.
    """

    id: int
    at: float
    function: str
    path: str
    state: str
    advice: str
    pid: int
    uptime: float | None


@dataclass(frozen=True, slots=True)
class Made:
    """A finished call. ``at`` is in seconds since 1970."""

    at: float
    door: str
    function: str
    code: int
    milliseconds: float


class JournalView:
    """Looks at one journal file, also while a bridge uses it. Every method raises JournalUnreadable."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def unclear(self) -> list[Change]:
        """The changes that nobody knows the end of, oldest first: ambiguous ones, those whose process ended
        before the answer, and those under way this moment.
        """
        with self._open("ro") as database:
            pid = "pid" if _has(database, "intents", "pid") else "0"
            uptime = "uptime" if _has(database, "intents", "uptime") else "NULL"
            rows = database.execute(
                f"SELECT id, at, function, path, state, advice, {pid}, {uptime} FROM intents"  # noqa: S608
                f" WHERE {UNCLEAR} ORDER BY id"
            ).fetchall()
        return [Change(*row) for row in rows]

    def state_of(self, number: int) -> str | None:
        """The state of the change with that id, None where there is none."""
        with self._open("ro") as database:
            row = database.execute("SELECT state FROM intents WHERE id = ?", (number,)).fetchone()
        return None if row is None else str(row[0])

    def resolve(self, number: int) -> bool:
        """Note that a person has looked at the change with that id. Out: whether it was an unclear one."""
        with self._open("rw") as database:
            add_columns(database)
            with database:
                changed = database.execute(
                    f"UPDATE intents SET state = 'resolved', resolved = ? WHERE id = ? AND {UNCLEAR}",  # noqa: S608
                    (time.time(), number),
                ).rowcount
        return bool(changed)

    def calls(self) -> Iterator[Made]:
        """The calls that the journal keeps, newest first."""
        with self._open("ro") as database:
            for row in database.execute(
                "SELECT at, door, function, code, milliseconds FROM calls ORDER BY id DESC"
            ):
                yield Made(*row)

    def receipts(self) -> list[Receipt]:
        """The changes for which a receipt was given, oldest first."""
        with self._open("ro") as database:
            if not _has(database, "intents", "receipt"):
                return []
            rows = database.execute(
                "SELECT at, function, path, receipt FROM intents WHERE receipt <> '' ORDER BY id"
            ).fetchall()
        return [Receipt(*row) for row in rows]

    def check_writable(self) -> None:
        """Whether a bridge could write now; nothing is changed."""
        with self._open("rw") as database:
            database.execute("BEGIN IMMEDIATE")
            database.rollback()

    @contextmanager
    def _open(self, mode: str) -> Iterator[sqlite3.Connection]:
        if not self._file.is_file():
            raise JournalUnreadable(
                f"there is no journal {self._file}: no bridge has run with this data directory; "
                "name the right one with --data-dir"
            )
        try:
            address = f"{self._file.absolute().as_uri()}?mode={mode}"
            with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE)) as database:
                database.execute("SELECT 1 FROM intents LIMIT 1")
                yield database
        except sqlite3.Error as error:
            raise JournalUnreadable(f"the journal {self._file} cannot be used: {error}") from error


def _has(database: sqlite3.Connection, table: str, column: str) -> bool:
    rows: list[tuple[Any, ...]] = database.execute(f"PRAGMA table_info({table})").fetchall()
    return column in {row[1] for row in rows}
