"""Calls are counted, logged and journalled, each once, at once or in batches."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bridge.records import call_log
from bridge.records.call_lines import CallRecord
from bridge.records.call_log import BUCKETS_MS, CallLog
from bridge.records.journal import Journal
from tests.support.greeting import until


def record(number: int = 1, code: int = 0, milliseconds: float = 12.34) -> CallRecord:
    return CallRecord(number, 1_790_000_000.25, "native", "aFunction", code, milliseconds, 11.0)


def rows(journal: Journal) -> list[tuple[object, ...]]:
    return journal._rows("SELECT at, door, function, code, milliseconds FROM calls")


@pytest.fixture(autouse=True)
def _info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger=call_log.__name__)


def test_without_batching_a_call_is_written_at_once(caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(None)
    CallLog(journal).note(record())
    assert rows(journal) == [(1_790_000_000.25, "native", "aFunction", 0, 12.34)]
    (line,) = caplog.records
    assert line.getMessage() == "call=1 door=native function=aFunction code=0 ms=12.3 upstream_ms=11.0"
    assert line.created == 1_790_000_000.25
    journal.close()


async def test_batches_lose_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_log, "FLUSH_SECONDS", 0.01)
    monkeypatch.setattr(call_log, "SLICE", 3)
    journal = Journal(None)
    calls = CallLog(journal)
    async with calls.batching():
        for number in range(10):
            calls.note(record(number))
        assert rows(journal) == []
        await until(lambda: len(rows(journal)) == 10)
        calls.note(record(10))
    assert len(rows(journal)) == 11
    assert [line.getMessage().split()[0] for line in caplog.records] == [f"call={n}" for n in range(11)]
    journal.close()


def test_totals_count_every_call_noted_so_far() -> None:
    calls = CallLog(Journal(None))
    for code, milliseconds in ((0, 0.5), (0, 1.0), (0, 3.0), (4000, 99_999.0)):
        calls.note(record(code=code, milliseconds=milliseconds))
    good, bad = (calls.totals()["native", "aFunction", code] for code in (0, 4000))
    assert (good.count, good.milliseconds, good.upstream_milliseconds) == (3, 4.5, 33.0)
    assert good.buckets[:3] == [2, 0, 1]
    assert bad.buckets == [0] * len(BUCKETS_MS) + [1]


def test_a_broken_journal_stops_nothing(tmp_path: Path) -> None:
    calls = CallLog(Journal(tmp_path))  # a folder is no journal
    calls.note(record())
    assert calls.totals()["native", "aFunction", 0].count == 1


def test_numbers_are_given_once_and_running_calls_counted() -> None:
    calls = CallLog(Journal(None))
    assert [calls.begin(), calls.begin()] == [1, 2]
    calls.end()
    assert calls.running == 1


MEANINGS = {("native", 5150): "The card has no such visit record", ("native", 1): "100 % sure"}


@pytest.mark.parametrize(
    ("code", "end"),
    [
        (5150, 'upstream_ms=11.0 meaning="The card has no such visit record"'),
        (1, 'upstream_ms=11.0 meaning="100 % sure"'),
        (0, "upstream_ms=11.0"),
        (4000, "upstream_ms=11.0"),
    ],
)
def test_the_meaning_stands_beside_the_number(caplog: pytest.LogCaptureFixture, code: int, end: str) -> None:
    CallLog(Journal(None), MEANINGS).note(record(code=code))
    (line,) = caplog.records
    assert line.getMessage().endswith(end)


def test_a_code_of_another_door_is_another_code(caplog: pytest.LogCaptureFixture) -> None:
    CallLog(Journal(None), MEANINGS).note(record(code=5150)._replace(door="upload"))
    (line,) = caplog.records
    assert line.getMessage().endswith("upstream_ms=11.0")
