"""Answers of a live comparison, while the lines of a trace come by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.table.loader import default_table
from bridge.trace.comparing.calls import Comparer
from bridge.trace.comparing.rules import default_rules
from bridge.trace.comparing.tally import Tally
from bridge.trace.format import Answer, BridgeAnswer, Header, Line, Note, TracedCall, line_of
from bridge.trace.replaying import recorded
from bridge.trace.replaying.recorded import Recorded, compare_trace

TABLE = default_table()
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
NAME = "hisGetOrganDonate"


def call(number: int) -> TracedCall:
    return TracedCall(number, NOON + timedelta(seconds=number), 1, NAME, {}, Answer(0, 900.0))


def answer(number: int, code: int = 0) -> BridgeAnswer:
    return BridgeAnswer(number, Answer(code, 300.0))


def written(file: Path, lines: Iterable[Line], process: int = 7, part: int = 1, masked: bool = True) -> Path:
    header = Header(
        recorder="dll", process=process, program="HIS.EXE", started=NOON, part=part, masked=masked
    )
    file.write_text("".join(f"{line_of(line)}\n" for line in (header, *lines)), encoding="utf-8")
    return file


def compared(place: Path) -> tuple[Recorded, Tally]:
    tally = Tally()
    return compare_trace(place, Comparer(TABLE, default_rules()), tally), tally


@pytest.mark.parametrize("late", [0, 1, 5])
def test_an_answer_belongs_to_its_call_however_late_it_comes(tmp_path: Path, late: int) -> None:
    calls: list[Line] = [call(number) for number in range(1, 11)]
    lines = list(calls)
    for number in (2, 4):
        lines.insert(lines.index(call(number)) + 1 + late, answer(number, code=9000 + number))
    found, tally = compared(written(tmp_path / "a.jsonl", lines))
    assert (found.calls, tally.compared, tally.functions[NAME].skipped) == (10, 2, {"no_bridge_answer": 8})
    codes = sorted(group.examples[0].compared.new.code for group in tally.ordered())  # type: ignore[union-attr]
    assert codes == [9002, 9004]
    assert (found.problems, found.masked) == ([], True)


def test_an_answer_in_the_next_part_of_the_trace_counts(tmp_path: Path) -> None:
    written(tmp_path / "a-1.jsonl", [call(1)])
    written(tmp_path / "a-2.jsonl", [answer(1)], part=2)
    _, tally = compared(tmp_path)
    assert (tally.compared, tally.skipped) == (1, 0)


def test_programs_are_not_mixed_up(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", [call(1)])
    written(tmp_path / "b.jsonl", [call(1), answer(1)], process=8, masked=False)
    found, tally = compared(tmp_path)
    assert (tally.compared, tally.skipped, found.masked) == (1, 1, False)


def test_an_answer_that_comes_too_late_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "MOST_WAITING", 3)
    lines: list[Line] = [*(call(number) for number in range(1, 8)), answer(1), answer(5), answer(99)]
    found, tally = compared(written(tmp_path / "a.jsonl", lines))
    assert (tally.compared, tally.skipped) == (1, 6)
    assert [str(problem) for problem in found.problems] == [
        "a.jsonl: 2 answers of the bridge belong to no call"
    ]


def test_notes_and_broken_lines_are_counted(tmp_path: Path) -> None:
    lines: list[Line] = [call(1), Note("unasked", calls=4), Note("lost", calls=2)]
    file = written(tmp_path / "a.jsonl", lines)
    file.write_text(file.read_text("utf-8") + "{\n" * 60, encoding="utf-8")
    found, _ = compared(file)
    assert ([note.kind for note in found.notes], found.unasked) == (["unasked", "lost"], 4)
    assert (len(found.problems), found.unreadable) == (50, 60)
