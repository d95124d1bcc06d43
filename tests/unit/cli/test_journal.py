"""``cshis-bridge journal``: what a person sees of changes, receipts and calls while a bridge writes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.records.journal import JOURNAL_NAME, Entry, Journal
from tests.support.journals import WrittenAtOnce

WRITE = "hisWriteTreatmentData"
READ = "hisGetBasicData"
SAME_DAY = 5010  # a notice: the buffers are filled
TICKET = "hisGetSeqNumber256"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """One that a bridge is using all the time."""
    opened = WrittenAtOnce(tmp_path / JOURNAL_NAME)
    opened.pending()
    yield opened
    opened.close()


def run(data_dir: Path, *arguments: str, typed: str = "") -> Result:
    name, *further = arguments
    return CliRunner().invoke(main, ["journal", name, "--data-dir", str(data_dir), *further], input=typed)


def dead_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


def changed(file: Path, entry: Entry, column: str, value: object) -> None:
    database = sqlite3.connect(file)
    with database:
        database.execute(f"UPDATE intents SET {column} = ? WHERE id = ?", (value, entry.number))
    database.close()


# --- pending ------------------------------------------------------------------------------------------------


def test_nothing_pending(tmp_path: Path, journal: Journal) -> None:
    journal.end(journal.begin(WRITE, "/p", "r"), "done")
    journal.end(journal.begin(WRITE, "/p", "r"), "failed")
    result = run(tmp_path, "pending")
    assert (result.exit_code, result.stdout) == (0, "nothing is pending: every change ended clearly\n")
    assert json.loads(run(tmp_path, "pending", "--json").stdout) == []


def test_an_ambiguous_change_is_listed_with_its_title_and_advice(tmp_path: Path, journal: Journal) -> None:
    journal.end(journal.begin(WRITE, "/api/v1/Some/Write", "r"), "ambiguous", "Look in the cloud.")
    result = run(tmp_path, "pending")
    assert result.exit_code == 1
    assert "1 change did not end clearly:" in result.stdout
    for part in (
        "    1  ",
        WRITE,
        "就醫",
        "/api/v1/Some/Write",
        "ambiguous",
        "Look in the cloud.",
        "resolve ID",
    ):
        assert part in result.stdout, part
    (change,) = json.loads(run(tmp_path, "pending", "--json").stdout)
    assert change.pop("time").startswith("20")
    title = change.pop("title")
    assert "就醫" in title
    assert change == {
        "id": 1,
        "function": WRITE,
        "path": "/api/v1/Some/Write",
        "state": "ambiguous",
        "advice": "Look in the cloud.",
    }


def test_the_newest_stands_last(tmp_path: Path, journal: Journal) -> None:
    for path in ("/first", "/second"):
        journal.end(journal.begin(WRITE, path, "r"), "ambiguous", "Look.")
    shown = run(tmp_path, "pending").stdout
    assert shown.index("/first") < shown.index("/second")
    assert "2 changes" in shown


def test_a_change_cut_off_by_the_end_of_its_bridge(tmp_path: Path, journal: Journal) -> None:
    changed(tmp_path / JOURNAL_NAME, journal.begin(WRITE, "/p", "r"), "pid", dead_process())
    result = run(tmp_path, "pending")
    assert result.exit_code == 1
    assert "cut-off" in result.stdout
    assert "The bridge ended before the answer came" in result.stdout


def test_a_change_under_way_needs_nobody(tmp_path: Path, journal: Journal) -> None:
    journal.begin(WRITE, "/p", "r")
    result = run(tmp_path, "pending")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "nothing is pending: every change ended clearly",
        "(1 more under way at this moment)",
    ]
    assert json.loads(run(tmp_path, "pending", "--json").stdout)[0]["state"] == "under-way"


@pytest.mark.parametrize("later", [-200, 200, None])
def test_no_call_takes_as_long_as_that(later: float | None, tmp_path: Path, journal: Journal) -> None:
    """Nor is one under way that was begun before the machine started anew, or by a bridge of before."""
    begun = None if later is None else time.monotonic() + later
    changed(tmp_path / JOURNAL_NAME, journal.begin(WRITE, "/p", "r"), "uptime", begun)
    result = run(tmp_path, "pending")
    assert (result.exit_code, "cut-off" in result.stdout) == (1, True)


def test_a_function_that_the_table_has_not(tmp_path: Path, journal: Journal) -> None:
    journal.end(journal.begin("anOldName", "/p", "r"), "ambiguous", "Look.")
    assert "anOldName\n" in run(tmp_path, "pending").stdout


@pytest.mark.parametrize("days", [-3650, -1, 1, 3650])
def test_a_clock_that_was_set_hides_nothing(days: int, tmp_path: Path, journal: Journal) -> None:
    """What time of day it is does not count: neither for one under way, nor for one that was cut off."""
    file, moment = tmp_path / JOURNAL_NAME, time.time() + days * 86_400
    cut_off, under_way = journal.begin(WRITE, "/p", "r"), journal.begin(WRITE, "/p", "r")
    for entry in (cut_off, under_way):
        changed(file, entry, "at", moment)
    changed(file, cut_off, "uptime", cut_off.uptime - 200)
    states = [change["state"] for change in json.loads(run(tmp_path, "pending", "--json").stdout)]
    assert states == ["cut-off", "under-way"]


# --- resolve ------------------------------------------------------------------------------------------------


@pytest.fixture
def ambiguous(journal: Journal) -> int:
    entry = journal.begin(WRITE, "/p", "r")
    journal.end(entry, "ambiguous", "Look.")
    assert entry.number is not None
    return entry.number


def test_a_change_that_somebody_looked_at(tmp_path: Path, journal: Journal, ambiguous: int) -> None:
    started = time.time()
    result = run(tmp_path, "resolve", str(ambiguous), typed="y\n")
    assert result.exit_code == 0, result.output
    assert f"change {ambiguous} is resolved" in result.stdout
    assert run(tmp_path, "pending").exit_code == 0
    assert journal.pending() == []
    database = sqlite3.connect(tmp_path / JOURNAL_NAME)
    state, at = database.execute("SELECT state, resolved FROM intents").fetchone()
    database.close()
    assert (state, started <= at <= time.time()) == ("resolved", True)


def test_no_means_no(tmp_path: Path, ambiguous: int) -> None:
    assert run(tmp_path, "resolve", str(ambiguous), typed="n\n").exit_code == 1
    assert run(tmp_path, "pending").exit_code == 1


def test_yes_is_not_asked(tmp_path: Path, ambiguous: int) -> None:
    result = run(tmp_path, "resolve", str(ambiguous), "--yes")
    assert (result.exit_code, "somebody" in result.stdout) == (0, False)
    again = run(tmp_path, "resolve", str(ambiguous), "--yes")
    assert (again.exit_code, f"change {ambiguous} is resolved already" in again.stderr) == (1, True)


def test_only_what_is_unclear_can_be_resolved(tmp_path: Path, journal: Journal) -> None:
    journal.end(journal.begin(WRITE, "/p", "r"), "done")
    journal.begin(WRITE, "/p", "r")
    refusals = {"1": "change 1 is done already", "2": "change 2 is still under way", "3": "no change 3"}
    for number, message in refusals.items():
        result = run(tmp_path, "resolve", number, "--yes")
        assert (result.exit_code, message in result.stderr) == (1, True), result.output


# --- calls and receipts -------------------------------------------------------------------------------------


@pytest.fixture
def three_calls(tmp_path: Path, journal: Journal) -> None:
    database = sqlite3.connect(tmp_path / JOURNAL_NAME)
    rows = [("native", READ, 0, 12.34), ("vhc", READ, 4000, 2000.0), ("native", TICKET, SAME_DAY, 90.0)]
    with database:
        for door, function, code, milliseconds in rows:
            database.execute(
                "INSERT INTO calls (at, door, function, code, milliseconds) VALUES (?, ?, ?, ?, ?)",
                (time.time(), door, function, code, milliseconds),
            )
    database.close()


@pytest.mark.usefixtures("three_calls")
def test_calls_are_listed_newest_last(tmp_path: Path) -> None:
    lines = run(tmp_path, "calls").stdout.splitlines()
    assert [line.split()[2:] for line in lines] == [
        ["native", "12.3", "ms", "0", READ],
        ["vhc", "2000.0", "ms", "4000", READ],
        ["native", "90.0", "ms", str(SAME_DAY), TICKET],
    ]


@pytest.mark.usefixtures("three_calls")
@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (("--function", READ), [0, 4000]),
        (("--failed",), [4000]),
        (("--last", "2"), [4000, SAME_DAY]),
        (("--function", READ, "--last", "1"), [4000]),
        (("--function", "noSuchName"), []),
    ],
)
def test_calls_are_chosen(tmp_path: Path, options: tuple[str, ...], codes: list[int]) -> None:
    listed = json.loads(run(tmp_path, "calls", *options, "--json").stdout)
    assert [call["code"] for call in listed] == codes


def test_without_calls(tmp_path: Path, journal: Journal) -> None:
    assert run(tmp_path, "calls").stdout == "no such calls\n"
    assert run(tmp_path, "receipts").stdout == "there are no receipts\n"


def test_receipts(tmp_path: Path, journal: Journal) -> None:
    journal.end(journal.begin("csUploadData", "/p", "r"), "done", receipt="2023110509300100")
    shown = run(tmp_path, "receipts").stdout
    assert "2023110509300100  csUploadData 資料上傳" in shown
    (receipt,) = json.loads(run(tmp_path, "receipts", "--json").stdout)
    assert (receipt["receipt"], receipt["path"]) == ("2023110509300100", "/p")


# --- which journal ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["pending"], ["resolve", "1"], ["calls"], ["receipts"]])
def test_a_missing_journal(tmp_path: Path, command: list[str]) -> None:
    result = run(tmp_path / "nowhere", *command)
    assert result.exit_code == 2
    assert "there is no journal" in result.stderr
    assert "--data-dir" in result.stderr
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_is_no_journal(tmp_path: Path) -> None:
    (tmp_path / JOURNAL_NAME).write_bytes(b"this is no database" * 100)
    result = run(tmp_path, "pending")
    assert (result.exit_code, "cannot be used" in result.stderr) == (2, True)


def test_the_settings_name_it(tmp_path: Path, ambiguous: int) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text(f"data_dir = '{tmp_path}'\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["journal", "pending", "--config", str(settings)])
    assert (result.exit_code, WRITE in result.stdout) == (1, True)


def test_a_journal_of_an_earlier_bridge(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / JOURNAL_NAME)
    with database:
        database.execute(
            "CREATE TABLE intents (id INTEGER PRIMARY KEY, at REAL NOT NULL, function TEXT NOT NULL, "
            "path TEXT NOT NULL, client_random TEXT NOT NULL, state TEXT NOT NULL, "
            "advice TEXT NOT NULL DEFAULT '')"
        )
        database.execute("INSERT INTO intents VALUES (1, 1.0, ?, '/p', 'r', 'begun', '')", (WRITE,))
    database.close()
    assert "cut-off" in run(tmp_path, "pending").stdout
    assert run(tmp_path, "receipts").stdout == "there are no receipts\n"
    assert run(tmp_path, "resolve", "1", "--yes").exit_code == 0
    assert run(tmp_path, "pending").exit_code == 0


def test_a_journal_that_somebody_locks_is_read_all_the_same(tmp_path: Path, ambiguous: int) -> None:
    other = sqlite3.connect(tmp_path / JOURNAL_NAME)
    other.execute("BEGIN IMMEDIATE")
    try:
        assert run(tmp_path, "pending").exit_code == 1
        result = run(tmp_path, "resolve", str(ambiguous), "--yes")
        assert (result.exit_code, "locked" in result.stderr) == (2, True)
    finally:
        other.rollback()
        other.close()


def test_the_journal_is_there_after_the_bridge_has_ended(tmp_path: Path) -> None:
    ended = Journal(tmp_path / JOURNAL_NAME)
    ended.end(ended.begin(WRITE, "/p", "r"), "ambiguous", "Look.")
    ended.close()
    assert run(tmp_path, "pending").exit_code == 1
    assert run(tmp_path, "resolve", "1", "--yes").exit_code == 0
