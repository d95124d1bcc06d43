"""The journal: intents and how they ended; a journal that cannot be written never breaks a call."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
import threading
import time
from pathlib import Path

import pytest

from bridge.records import journal as room
from bridge.records.journal import FinishedCall, Journal


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sub" / "journal.sqlite3"


def _rows(file: Path, query: str) -> list[tuple[object, ...]]:
    database = sqlite3.connect(file)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def test_an_intent_is_pending_until_it_has_ended(file: Path) -> None:
    journal = Journal(file)
    started = time.time()
    intent = journal.begin("aFunction", "/api/v1/Some/Write", "cmFuZG9t")
    (pending,) = journal.pending()
    assert (pending.id, pending.function, pending.path) == (intent, "aFunction", "/api/v1/Some/Write")
    assert (pending.client_random, pending.state, pending.advice) == ("cmFuZG9t", "begun", "")
    assert started <= pending.at <= time.time()
    journal.end(intent, "done")
    assert journal.pending() == []
    journal.close()


@pytest.mark.parametrize(("state", "listed"), [("done", 0), ("failed", 0), ("ambiguous", 1)])
def test_only_what_is_unclear_stays_listed(file: Path, state: room.State, listed: int) -> None:
    journal = Journal(file)
    journal.end(journal.begin("aFunction", "/p", "r"), state, "look it up")
    assert [pending.advice for pending in journal.pending()] == ["look it up"] * listed
    journal.close()


def test_an_intent_survives_the_end_of_the_process(file: Path) -> None:
    first = Journal(file)
    first.begin("aFunction", "/p", "r1")
    first.begin("aFunction", "/p", "r2")
    first.close()
    second = Journal(file)
    assert [(pending.client_random, pending.state) for pending in second.pending()] == [
        ("r1", "begun"),
        ("r2", "begun"),
    ]
    second.close()


def test_calls_are_noted_without_their_arguments(file: Path) -> None:
    journal = Journal(file)
    journal.calls([FinishedCall(0.0, "native", "aFunction", 5010, 12.5)])
    journal.close()
    assert _rows(file, "SELECT door, function, code, milliseconds FROM calls") == [
        ("native", "aFunction", 5010, 12.5)
    ]
    columns = {str(row[1]) for row in _rows(file, "PRAGMA table_info(calls)")}
    assert columns == {"id", "at", "door", "function", "code", "milliseconds"}


def test_the_oldest_calls_are_dropped_at_start(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "KEPT_CALLS", 3)
    journal = Journal(file)
    for code in range(10):
        journal.calls([FinishedCall(0.0, "native", "aFunction", code, 1.0)])
    journal.begin("aFunction", "/p", "r")
    journal.close()
    again = Journal(file)
    assert len(again.pending()) == 1
    again.close()
    assert [row[0] for row in _rows(file, "SELECT code FROM calls")] == [7, 8, 9]


def test_a_journal_in_memory_leaves_no_file(tmp_path: Path) -> None:
    journal = Journal(None)
    journal.begin("aFunction", "/p", "r")
    assert len(journal.pending()) == 1
    journal.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_only_its_owner_can_read_the_journal(file: Path) -> None:
    journal = Journal(file)
    journal.begin("aFunction", "/p", "r")
    for part in file.parent.iterdir():  # the write-ahead log too
        assert stat.S_IMODE(part.stat().st_mode) == 0o600, part.name
    journal.close()


def test_a_journal_may_be_used_in_another_thread_than_it_was_opened_in(file: Path) -> None:
    journal = Journal(file)
    worker = threading.Thread(target=lambda: journal.begin("aFunction", "/p", "r"))
    worker.start()
    worker.join()
    assert len(journal.pending()) == 1
    journal.close()


# --- a journal that does not work ---------------------------------------------------------------------------


def _use(journal: Journal) -> None:
    """Everything that calls do with a journal. It must not raise."""
    assert journal.begin("aFunction", "/p", "r") is None
    journal.end(None, "done")
    journal.end(1, "done")
    journal.calls([FinishedCall(0.0, "native", "aFunction", 0, 1.0)])
    assert journal.pending() == []
    journal.close()
    journal.close()


def _complaints(caplog: pytest.LogCaptureFixture) -> int:
    return sum(record.levelno == logging.ERROR for record in caplog.records)


def test_a_file_that_is_no_database_is_reported_once(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    file.parent.mkdir()
    file.write_bytes(b"this is no database" * 100)
    _use(Journal(file))
    assert _complaints(caplog) == 1
    assert "calls go on without it" in caplog.text
    assert file.read_bytes().startswith(b"this is no database")


def test_a_place_that_cannot_be_written_is_reported_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocking = tmp_path / "file"
    blocking.write_text("")
    _use(Journal(blocking / "journal.sqlite3"))
    assert _complaints(caplog) == 1


def test_a_place_that_is_a_directory_is_reported_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _use(Journal(tmp_path))
    assert _complaints(caplog) == 1


def test_a_disk_that_fills_up_while_running_is_reported_once(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(file)
    assert journal._db is not None
    journal._db.execute("PRAGMA max_page_count = 1")  # SQLite answers as on a full disk
    long = "x" * 100_000
    assert journal.begin("aFunction", long, "r") is None
    assert journal.begin("aFunction", long, "r") is None
    journal.calls([FinishedCall(0.0, long, "aFunction", 0, 1.0)])
    assert _complaints(caplog) == 1
    assert "full" in caplog.text
    journal.close()


def test_a_file_that_another_program_locks_is_reported_once(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(file)
    assert journal._db is not None
    journal._db.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(file)
    other.execute("BEGIN IMMEDIATE")
    assert journal.begin("aFunction", "/p", "r") is None
    assert _complaints(caplog) == 1
    other.rollback()
    other.close()
    assert journal.begin("aFunction", "/p", "r") is not None
    journal.close()


def test_a_closed_journal_takes_nothing_and_breaks_nothing(file: Path) -> None:
    journal = Journal(file)
    journal.close()
    _use(journal)


def test_a_journal_that_could_not_be_opened_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a disk that was full when the bridge started."""
    folder = tmp_path / "data"
    folder.write_text("a file where the folder should be")
    journal = Journal(folder / "journal.sqlite3")
    assert journal.begin("aFunction", "/p", "r1") is None
    folder.unlink()
    assert journal.begin("aFunction", "/p", "r2") is None, "tried again only after a while"
    monkeypatch.setattr(room, "REOPEN_SECONDS", 0.0)
    assert journal.begin("aFunction", "/p", "r3") is not None
    assert [pending.client_random for pending in journal.pending()] == ["r3"]
    journal.close()
    assert journal.begin("aFunction", "/p", "r4") is None


def test_a_flagged_change_is_listed_again_with_its_receipt(file: Path) -> None:
    journal = Journal(file)
    intent = journal.begin("aFunction", "/p", "r")
    assert intent is not None
    journal.end(intent, "done", receipt="17")
    journal.flag(intent, "look")
    assert [(pending.state, pending.advice) for pending in journal.pending()] == [("ambiguous", "look")]
    assert [receipt.receipt for receipt in journal.receipts()] == ["17"]
    journal.close()
