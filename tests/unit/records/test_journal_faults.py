"""A journal that cannot be written, is locked or is taken away never breaks a call, and loses no change."""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path

import pytest

from bridge.records import journal_writer
from bridge.records.journal import Entry, FinishedCall, Journal, State
from tests.support.journals import inside

CALL = FinishedCall(0.0, "native", "aFunction", 0, 1.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sub" / "journal.sqlite3"


def number_of(entry: Entry) -> int | None:
    """The number that the engine waits for before it sends anything."""
    return entry.written.result(10)


def begin(journal: Journal, random: str = "r") -> Entry:
    return journal.begin("aFunction", "/p", random)


def use(journal: Journal) -> None:
    """Everything that calls do with a journal. It must not raise, and not wait."""
    entry = begin(journal)
    assert number_of(entry) is None
    journal.end(entry, "done")
    journal.calls([CALL])
    assert journal.pending() == []
    journal.close()
    journal.close()


def complaints(caplog: pytest.LogCaptureFixture) -> int:
    return sum(record.levelno == logging.ERROR for record in caplog.records)


def test_a_file_that_is_no_database_is_reported_once(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    file.parent.mkdir()
    file.write_bytes(b"this is no database" * 100)
    use(Journal(file))
    assert complaints(caplog) == 1
    assert "calls go on without it" in caplog.text
    assert file.read_bytes().startswith(b"this is no database")


def test_a_place_that_cannot_be_written_is_reported_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocking = tmp_path / "file"
    blocking.write_text("")
    use(Journal(blocking / "journal.sqlite3"))
    assert complaints(caplog) == 1


def test_a_place_that_is_a_directory_is_reported_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    use(Journal(tmp_path))
    assert complaints(caplog) == 1


def test_a_journal_that_could_not_be_opened_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a disk that was full when the bridge started."""
    folder = tmp_path / "data"
    folder.write_text("a file where the folder should be")
    journal = Journal(folder / "journal.sqlite3")
    assert number_of(begin(journal, "r1")) is None
    folder.unlink()
    assert number_of(begin(journal, "r2")) is None, "tried again only after a while"
    monkeypatch.setattr(journal_writer, "REOPEN_SECONDS", 0.0)
    assert number_of(begin(journal, "r3")) is not None
    assert [pending.client_random for pending in journal.pending()] == ["r1", "r2", "r3"]
    journal.close()
    assert number_of(begin(journal, "r4")) is None


# --- a full disk --------------------------------------------------------------------------------------------


def fill(journal: Journal) -> None:
    """SQLite answers as on a full disk."""
    inside(journal, lambda database: database.execute("PRAGMA max_page_count = 1"))


def free(journal: Journal) -> None:
    inside(journal, lambda database: database.execute("PRAGMA max_page_count = 100000"))


def test_a_disk_that_fills_up_while_running_is_reported_once(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(file)
    fill(journal)
    long = "x" * 100_000
    assert number_of(journal.begin("aFunction", long, "r")) is None
    assert number_of(journal.begin("aFunction", long, "r")) is None
    journal.calls([CALL._replace(door=long)])
    journal.pending()
    assert complaints(caplog) == 1
    assert "full" in caplog.text
    journal.close()


@pytest.mark.parametrize("state", ["begun", "done", "failed", "ambiguous"])
def test_a_change_that_the_disk_did_not_take_stands_there_when_it_has_room(
    state: State, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """... as it ended, in its place before the later ones; that calls are missing is said."""
    caplog.set_level("INFO")
    journal = Journal(file)
    fill(journal)
    entry = journal.begin("aFunction", "x " * 50_000, "first")
    assert number_of(entry) is None
    journal.calls([CALL])
    if state != "begun":
        journal.end(entry, state, "Look.", "17")
    free(journal)
    assert number_of(begin(journal, "second")) is not None
    assert [pending.client_random for pending in journal.pending()] == (
        ["first", "second"] if state in ("begun", "ambiguous") else ["second"]
    )
    assert [receipt.receipt for receipt in journal.receipts()] == (["17"] if state != "begun" else [])
    assert entry.number is not None
    assert journal.fault == ""
    assert "can be written again; calls that are missing in it: 1" in caplog.text
    journal.close()


def test_the_end_of_a_change_that_the_disk_did_not_take(file: Path) -> None:
    journal = Journal(file)
    entry = begin(journal)
    assert number_of(entry) is not None
    inside(journal, lambda database: database.execute("PRAGMA query_only = ON"))
    journal.end(entry, "done", receipt="17")
    assert [pending.state for pending in journal.pending()] == ["begun"]
    inside(journal, lambda database: database.execute("PRAGMA query_only = OFF"))
    journal.calls([CALL])
    assert journal.pending() == []
    assert [receipt.receipt for receipt in journal.receipts()] == ["17"]
    journal.close()


# --- a file that another program holds ----------------------------------------------------------------------


def test_a_locked_file_is_waited_for_once_and_then_as_a_full_disk(
    file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.records.journal_file.LOCK_SECONDS", 0.5)
    journal = Journal(file)
    journal.pending()
    other = sqlite3.connect(file)
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    assert number_of(begin(journal, "r1")) is None
    first = time.monotonic() - started
    for number in range(20):
        assert number_of(begin(journal, f"then {number}")) is None
    later = time.monotonic() - started - first
    assert 0.4 < first < 5
    assert later < first + 0.5, "nobody is held up again"
    assert complaints(caplog) == 1
    other.rollback()
    other.close()
    assert number_of(begin(journal, "r3")) is not None
    assert len(journal.pending()) == 22
    journal.close()


def test_a_file_that_is_locked_for_a_moment_is_written(file: Path) -> None:
    journal = Journal(file)
    journal.pending()
    other = sqlite3.connect(file)
    other.execute("BEGIN IMMEDIATE")
    entry = begin(journal)
    time.sleep(0.2)
    assert not entry.written.done()
    other.rollback()
    other.close()
    assert number_of(entry) is not None
    assert journal.fault == ""
    journal.close()


# --- a file that is taken away ------------------------------------------------------------------------------


def take_away(file: Path) -> None:
    for part in list(file.parent.iterdir()):
        part.unlink()


def test_a_deleted_file_gets_a_new_one_with_all_it_held(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(file)
    journal.end(begin(journal, "done"), "done", receipt="17")
    under_way = begin(journal, "under way")
    journal.end(begin(journal, "unclear"), "ambiguous", "Look.")
    journal.calls([CALL] * 5)
    number = number_of(under_way)
    journal.pending()
    take_away(file)
    assert number_of(begin(journal, "later")) is not None
    journal.end(under_way, "failed")
    assert [pending.client_random for pending in journal.pending()] == ["unclear", "later"]
    assert [receipt.receipt for receipt in journal.receipts()] == ["17"]
    assert under_way.number == number
    assert (journal.lost, "with all that the old one held" in journal.loss) == (False, True)
    assert complaints(caplog) == 1
    journal.close()
    again = Journal(file)
    assert [pending.client_random for pending in again.pending()] == ["unclear", "later"]
    again.close()


def test_a_deleted_folder_is_made_again(file: Path) -> None:
    journal = Journal(file)
    assert number_of(begin(journal, "before")) is not None
    take_away(file)
    file.parent.rmdir()
    assert number_of(begin(journal, "after")) is not None
    assert [pending.client_random for pending in journal.pending()] == ["before", "after"]
    journal.close()


def test_another_file_in_its_place_gets_what_nobody_knows_the_end_of(file: Path) -> None:
    """As when an old journal is put back. Numbers of the two mean different changes."""
    other = Journal(file.with_name("other.sqlite3"))
    for number in range(5):
        other.end(begin(other, f"of the other {number}"), "done")
    other.close()
    journal = Journal(file)
    journal.end(begin(journal, "done"), "done")
    journal.end(begin(journal, "unclear"), "ambiguous", "Look.")
    under_way = begin(journal, "under way")
    assert number_of(under_way) == 3
    for suffix in ("", "-wal", "-shm"):
        file.with_name(f"{file.name}{suffix}").unlink()
    file.with_name("other.sqlite3").rename(file)
    journal.end(under_way, "ambiguous", "Look, too.")
    assert [pending.client_random for pending in journal.pending()] == ["unclear", "under way"]
    assert (journal.lost, "lacks" in journal.loss) == (True, True)
    assert under_way.number == 7
    journal.close()


def test_where_no_new_file_can_be_made_its_changes_wait(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_writer, "REOPEN_SECONDS", 0.0)
    journal = Journal(file)
    assert number_of(begin(journal, "before")) is not None
    take_away(file)
    file.parent.rmdir()
    file.parent.write_text("no folder")
    assert number_of(begin(journal, "meanwhile")) is None
    assert journal.fault
    file.parent.unlink()
    assert number_of(begin(journal, "after")) is not None
    assert [pending.client_random for pending in journal.pending()] == ["before", "meanwhile", "after"]
    journal.close()
