"""Receipts in the journal: what a person needs to ask for the result of an upload."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from bridge.records.journal import Journal

OPCODE = "202311050930010000013501200000001000000103"


def test_a_receipt_stays_with_its_intent(tmp_path: Path) -> None:
    file, started = tmp_path / "journal.sqlite3", time.time()
    journal = Journal(file)
    journal.end(journal.begin("anUpload", "/VNHI_Upload", "r1"), "done", receipt=OPCODE)
    journal.end(journal.begin("aFunction", "/other", "r2"), "done")
    journal.close()
    again = Journal(file)
    (receipt,) = again.receipts()
    again.close()
    assert (receipt.function, receipt.path, receipt.receipt) == ("anUpload", "/VNHI_Upload", OPCODE)
    assert started <= receipt.at <= time.time()


def test_receipts_come_in_the_order_of_the_requests() -> None:
    journal = Journal(None)
    first, second = journal.begin("a", "/p", "r1"), journal.begin("b", "/p", "r2")
    journal.end(second, "done", receipt="2")
    journal.end(first, "done", receipt="1")
    assert [receipt.receipt for receipt in journal.receipts()] == ["1", "2"]
    journal.close()
    assert journal.receipts() == []


def test_a_journal_of_before_gets_room_for_receipts_and_keeps_what_it_has(tmp_path: Path) -> None:
    file = tmp_path / "journal.sqlite3"
    database = sqlite3.connect(file)
    database.executescript(
        "CREATE TABLE intents (id INTEGER PRIMARY KEY, at REAL NOT NULL, function TEXT NOT NULL,"
        " path TEXT NOT NULL, client_random TEXT NOT NULL, state TEXT NOT NULL,"
        " advice TEXT NOT NULL DEFAULT '');"
        "INSERT INTO intents (at, function, path, client_random, state) VALUES (1, 'a', '/p', 'r', 'begun');"
    )
    database.close()
    journal = Journal(file)
    journal.end(journal.begin("b", "/VNHI_Upload", "r2"), "done", receipt=OPCODE)
    assert [pending.function for pending in journal.pending()] == ["a"]
    assert [receipt.receipt for receipt in journal.receipts()] == [OPCODE]
    journal.close()
