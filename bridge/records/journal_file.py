"""The journal's SQLite file: its tables, how it is opened, kept small and copied. Every function may raise
sqlite3.Error, the first OSError, too.
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from bridge.private_files import make_private_folder, touch_private

# Written far more than read. Each page of a cache that went on growing would stay for good between blocks
# that come and go, and make the process grow by far more than itself.
CACHE_KILOBYTES = 256
LOCK_SECONDS = 2.0  # to wait while another program, such as one that makes backups, holds the file
SLICE = 2_000  # rows that are removed in one go; others may write between two
UNCLEAR = "state IN ('begun', 'ambiguous')"  # as the index has it: with parameters SQLite would not use it

_SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, door TEXT NOT NULL, function TEXT NOT NULL,
    code INTEGER NOT NULL, milliseconds REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS intents (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, function TEXT NOT NULL, path TEXT NOT NULL,
    client_random TEXT NOT NULL, state TEXT NOT NULL, advice TEXT NOT NULL DEFAULT '',
    receipt TEXT NOT NULL DEFAULT '', pid INTEGER NOT NULL DEFAULT 0, resolved REAL, uptime REAL
);
CREATE TABLE IF NOT EXISTS stages (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, action TEXT NOT NULL, folder BLOB NOT NULL,
    before TEXT NOT NULL, after TEXT NOT NULL
);
"""
_INDEXES = f"""
CREATE INDEX IF NOT EXISTS unclear_intents ON intents (id) WHERE {UNCLEAR};
CREATE INDEX IF NOT EXISTS receipts_of_intents ON intents (id) WHERE receipt <> '';
"""
# Columns that journals of before have not.
_ADDED = {
    "receipt": "TEXT NOT NULL DEFAULT ''",
    "pid": "INTEGER NOT NULL DEFAULT 0",
    "resolved": "REAL",
    "uptime": "REAL",
}
_OLD_CALLS = "id <= (SELECT MAX(id) FROM calls) - ?"
_OLD_CHANGES = f"NOT {UNCLEAR} AND receipt = '' AND id <= (SELECT MAX(id) FROM intents) - ?"  # noqa: S608
_OLD_RECEIPTS = (
    f"NOT {UNCLEAR} AND receipt <> ''"  # noqa: S608
    " AND id <= (SELECT id FROM intents WHERE receipt <> '' ORDER BY id DESC LIMIT 1 OFFSET ?)"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """How many calls, ended changes and changes with a receipt the journal keeps: the newest, by their order
    and not by any clock. An unclear change is kept until a person has looked.
    """

    calls: int = 100_000
    changes: int = 200_000
    receipts: int = 50_000


def open_journal(file: Path | None) -> sqlite3.Connection:
    """Open or make the file (None: in memory), and bring it up to date. One thread at a time may use it."""
    if file is not None:
        make_private_folder(file.parent)
        touch_private(file)
    database = sqlite3.connect(
        file or ":memory:", check_same_thread=False, timeout=LOCK_SECONDS, isolation_level=None
    )
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
        database.executescript(_SCHEMA)
        add_columns(database)
        database.executescript(_INDEXES)
    except sqlite3.Error:
        database.close()
        raise
    return database


def add_columns(database: sqlite3.Connection) -> None:
    """Bring the table of intents up to date: ``receipt``; ``pid`` of the process that began it, 0 where it is
    not known; ``resolved``, when a person had looked; ``uptime``, when it was begun by the clock that nobody
    can set, NULL where it is not known.
    """
    columns = {row[1] for row in database.execute("PRAGMA table_info(intents)")}
    for name in _ADDED.keys() - columns:
        database.execute(f"ALTER TABLE intents ADD COLUMN {name} {_ADDED[name]}")


def trim(database: sqlite3.Connection, kept: Kept) -> bool:
    """Remove some of what is too old to be kept. Out: whether there may be more of it."""
    removed = (
        _remove(database, "calls", _OLD_CALLS, kept.calls),
        _remove(database, "intents", _OLD_CHANGES, kept.changes),
        _remove(database, "intents", _OLD_RECEIPTS, kept.receipts),
    )
    return SLICE in removed


def _remove(database: sqlite3.Connection, table: str, which: str, kept: int) -> int:
    query = f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {which} LIMIT {SLICE})"  # noqa: S608
    return database.execute(query, (kept,)).rowcount


def identity(file: Path) -> tuple[int, int] | None:
    """Which file lies under that name; None where there is none."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino
