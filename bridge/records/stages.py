"""Which work place was given which stage of the cut-over, and when: a table of the journal, a line a step.

The command that moves work places writes it, also while a bridge uses the same journal. Nothing of it is ever
taken out: a site has a few hundred steps.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bridge.errors import ConfigError
from bridge.records.journal_file import open_journal
from bridge.words import said

_NEW = "INSERT INTO stages (at, action, folder, before, after) VALUES (?, ?, ?, ?, ?)"
_ALL = "SELECT at, action, folder, before, after FROM stages ORDER BY id"


@dataclass(frozen=True, slots=True)
class Step:
    """When (seconds since 1970), what was done (``apply`` or ``back``), in which folder, from which stage to
    which ("" for none).
    """

    at: float
    action: str
    folder: Path
    before: str
    after: str


class StageBook:
    """The steps of a journal file. Every method raises ConfigError where it cannot be read or written."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def check_writable(self) -> None:
        """Before anything is done: whether a line could be kept. A journal that is missing is made."""
        with self._opened() as database:
            database.execute("BEGIN IMMEDIATE")
            database.rollback()

    def note(self, step: Step) -> None:
        """Add a line. Names of folders are kept as the system has them, in whatever characters."""
        with self._opened() as database:
            database.execute(_NEW, (step.at, step.action, os.fsencode(step.folder), step.before, step.after))

    def steps(self) -> list[Step]:
        """All lines, the oldest first; none where there is no journal."""
        if not self._file.exists():
            return []
        with self._opened() as database:
            rows = database.execute(_ALL).fetchall()
        return [
            Step(at, action, Path(os.fsdecode(folder)), before, after)
            for at, action, folder, before, after in rows
        ]

    def folders(self) -> list[Path]:
        """Where a stage was given, each once, in order."""
        return sorted({step.folder for step in self.steps()})

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(open_journal(self._file)) as database:
                yield database
        except (sqlite3.Error, OSError) as error:
            raise ConfigError(said("{file}: {why}", file=self._file, why=str(error))) from error
