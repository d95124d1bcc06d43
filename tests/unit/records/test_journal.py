"""The journal: intents and how they ended, what it keeps, and that only its thread waits for the disk."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from bridge.records import journal_writer
from bridge.records.journal import Entry, FinishedCall, Journal, Kept, State
from bridge.records.journal_file import UNCLEAR
from bridge.records.journal_view import JournalView
from tests.support.journals import inside

CALL = FinishedCall(0.0, "native", "aFunction", 5010, 12.5)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sub" / "journal.sqlite3"


def begun(journal: Journal, random: str = "r") -> Entry:
    """One that the file has."""
    entry = journal.begin("aFunction", "/p", random)
    assert entry.written.result(10) is not None
    return entry


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    database = sqlite3.connect(file)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def test_an_intent_is_pending_until_it_has_ended(file: Path) -> None:
    journal = Journal(file)
    started = time.time()
    intent = journal.begin("aFunction", "/api/v1/Some/Write", "cmFuZG9t")
    number = intent.written.result(10)
    assert rows(file, "SELECT state, pid FROM intents") == [("begun", os.getpid())], "and others see it"
    (pending,) = journal.pending()
    assert (pending.id, pending.function, pending.path) == (number, "aFunction", "/api/v1/Some/Write")
    assert (pending.client_random, pending.state, pending.advice) == ("cmFuZG9t", "begun", "")
    assert started <= pending.at <= time.time()
    journal.end(intent, "done")
    assert journal.pending() == []
    journal.close()


@pytest.mark.parametrize(("state", "listed"), [("done", 0), ("failed", 0), ("ambiguous", 1)])
def test_only_what_is_unclear_stays_listed(file: Path, state: State, listed: int) -> None:
    journal = Journal(file)
    journal.end(begun(journal), state, "look it up")
    assert [pending.advice for pending in journal.pending()] == ["look it up"] * listed
    assert journal.count_unclear().result(10) == listed
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
    journal.calls([CALL])
    journal.close()
    assert rows(file, "SELECT door, function, code, milliseconds FROM calls") == [
        ("native", "aFunction", 5010, 12.5)
    ]
    columns = {str(row[1]) for row in rows(file, "PRAGMA table_info(calls)")}
    assert columns == {"id", "at", "door", "function", "code", "milliseconds"}


def test_a_journal_in_memory_leaves_no_file(tmp_path: Path) -> None:
    journal = Journal(None)
    journal.begin("aFunction", "/p", "r")
    assert len(journal.pending()) == 1
    journal.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
def test_only_its_owner_can_read_the_journal(file: Path) -> None:
    journal = Journal(file)
    begun(journal)
    for part in file.parent.iterdir():  # the write-ahead log too
        assert stat.S_IMODE(part.stat().st_mode) == 0o600, part.name
    journal.close()


def test_any_thread_may_note_something(file: Path) -> None:
    journal = Journal(file)
    workers = [threading.Thread(target=begun, args=(journal,)) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(journal.pending()) == 8
    journal.close()


def test_a_flagged_change_is_listed_again_with_its_receipt(file: Path) -> None:
    journal = Journal(file)
    intent = begun(journal)
    journal.end(intent, "done", receipt="17")
    journal.flag(intent, "look")
    assert [(pending.state, pending.advice) for pending in journal.pending()] == [("ambiguous", "look")]
    assert [receipt.receipt for receipt in journal.receipts()] == ["17"]
    journal.close()


def test_a_closed_journal_writes_what_waits_and_takes_nothing_more(file: Path) -> None:
    journal = Journal(file)
    entries = [journal.begin("aFunction", "/p", str(number)) for number in range(3_000)]
    journal.close()
    assert rows(file, "SELECT COUNT(*) FROM intents") == [(3_000,)]
    assert all(entry.written.done() for entry in entries)
    late = journal.begin("aFunction", "/p", "late")
    assert late.written.result(1) is None
    journal.end(late, "done")
    journal.calls([CALL])
    assert (journal.pending(), journal.count_unclear().result(1)) == ([], 0)
    journal.close()


# --- who waits ----------------------------------------------------------------------------------------------


def test_nobody_but_the_thread_waits_for_the_disk(file: Path) -> None:
    """As long as it is at work, everything is only put down."""
    journal = Journal(file)
    holding, held = threading.Event(), threading.Event()
    worker = threading.Thread(target=inside, args=(journal, lambda _: (held.set(), holding.wait(10))))
    worker.start()
    assert held.wait(10)
    started = time.monotonic()
    entry = journal.begin("aFunction", "/p", "r")
    journal.calls([CALL])
    count = journal.count_unclear()
    assert not entry.written.done()
    assert not count.done()
    assert time.monotonic() - started < 5
    holding.set()
    worker.join()
    assert (entry.written.result(10), count.result(10)) == (1, 1)
    journal.close()


def test_what_waits_together_is_written_in_one_go(file: Path) -> None:
    journal = Journal(file)
    journal.pending()
    commits: list[str] = []
    holding = threading.Event()

    def watch(database: sqlite3.Connection) -> None:
        database.set_trace_callback(lambda text: commits.append(text) if text == "COMMIT" else None)
        holding.wait(10)

    worker = threading.Thread(target=inside, args=(journal, watch))
    worker.start()
    entries = [journal.begin("aFunction", "/p", str(number)) for number in range(64)]
    holding.set()
    assert [entry.written.result(10) for entry in entries] == list(range(1, 65))
    worker.join()
    assert len(commits) <= 2
    journal.close()


def test_a_power_cut_takes_nothing_that_a_person_needs(file: Path) -> None:
    """What is noted of a change is on the disk (2: FULL); but for a clear end, without which it is listed."""
    journal = Journal(file)

    def mode() -> object:
        return inside(journal, lambda database: database.execute("PRAGMA synchronous").fetchone()[0])

    entries = [begun(journal) for _ in range(3)]
    assert mode() == 2
    journal.end(entries[0], "done")
    assert mode() == 1
    journal.end(entries[1], "done", receipt="17")
    assert mode() == 2
    journal.calls([CALL])
    assert mode() == 1
    journal.end(entries[2], "ambiguous", "Look.")
    assert mode() == 2
    journal.close()


# --- what is kept -------------------------------------------------------------------------------------------


def filled(file: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """Ten calls, ten changes of each end, and ten with a receipt, the oldest of each kind first."""
    monkeypatch.setattr(journal_writer, "TRIM_AFTER", 1)
    journal = Journal(file, kept)
    journal.pending()
    for number in range(10):
        journal.calls([CALL._replace(code=number)])
        for state in ("done", "failed", "ambiguous"):
            journal.end(journal.begin("aFunction", "/p", str(number)), state)  # type: ignore[arg-type]
        journal.begin("aFunction", "/p", f"begun {number}")
        journal.end(journal.begin("anUpload", "/u", str(number)), "done", receipt=f"receipt {number}")
    return journal


def until(file: Path, query: str, wanted: object) -> None:
    ends = time.monotonic() + 10
    while rows(file, query) != wanted:
        assert time.monotonic() < ends, rows(file, query)
        time.sleep(0.02)


def test_the_oldest_go_but_none_that_is_unclear(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = filled(file, Kept(calls=3, changes=10, receipts=4), monkeypatch)
    until(file, "SELECT code FROM calls", [(7,), (8,), (9,)])
    until(file, "SELECT receipt FROM intents WHERE receipt <> ''", [(f"receipt {n}",) for n in (6, 7, 8, 9)])
    query = f"SELECT COUNT(*), MIN(id) FROM intents WHERE NOT {UNCLEAR} AND receipt = ''"
    until(file, query, [(4, 41)])  # of the newest ten, two are unclear for each with a receipt
    assert len(journal.pending()) == 20
    journal.close()


def test_much_that_is_too_old_goes_in_slices(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others write between two."""
    journal = Journal(file, Kept(calls=10))
    journal.calls([CALL] * 9_000)
    begun(journal)
    until(file, "SELECT COUNT(*) FROM calls", [(10,)])
    journal.close()


def test_no_clock_decides_what_is_kept(file: Path) -> None:
    journal = Journal(file, Kept(calls=10, changes=10, receipts=10))
    for at in (0.0, 4e9):
        journal.calls([CALL._replace(at=at)] * 3)
    journal.end(begun(journal), "done", receipt="17")
    journal.pending()
    time.sleep(0.2)
    assert rows(file, "SELECT COUNT(*) FROM calls") == [(6,)]
    assert len(journal.receipts()) == 1
    journal.close()


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (f"SELECT COUNT(*) FROM intents WHERE {UNCLEAR}", "unclear_intents"),
        (f"SELECT id, at FROM intents WHERE {UNCLEAR} ORDER BY id", "unclear_intents"),
        ("SELECT at, receipt FROM intents WHERE receipt <> '' ORDER BY id", "receipts_of_intents"),
    ],
)
def test_what_is_asked_often_scans_nothing(query: str, index: str, file: Path) -> None:
    Journal(file).close()
    assert index in str(rows(file, f"EXPLAIN QUERY PLAN {query}"))


def test_a_large_journal_is_asked_in_no_time(file: Path) -> None:
    """Many changes that ended, one that did not: what costs with their number cannot be missed."""
    Journal(file).close()
    with closing(sqlite3.connect(file)) as database:
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
            " INSERT INTO intents (at, function, path, client_random, state)"
            " SELECT 0, 'f', '/p', 'r', 'done' FROM n"
        )
        database.execute("UPDATE intents SET state = 'ambiguous' WHERE id = 150000")
        database.commit()
    journal = Journal(file, Kept(changes=2_000_000))
    assert journal.count_unclear().result(60) == 1
    started = time.process_time()
    for _ in range(100):
        assert journal.count_unclear().result(60) == 1
        assert len(JournalView(file).unclear()) == 1
    assert time.process_time() - started < 1
    journal.close()
    file.unlink()  # nobody has to look through it
