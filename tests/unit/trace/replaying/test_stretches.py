"""Where a trace is cut, so that each stretch can be replayed by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.errors import TraceError
from bridge.table.loader import default_table
from bridge.trace.format import Answer, BridgeAnswer, Header, Line, Note, Number, TracedCall, line_of
from bridge.trace.reading import read_trace
from bridge.trace.replaying.stretches import Stretch, call_of, going_on, read_stretch, stretches

TABLE = default_table()
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
VISIT = ["csOpenCom", "hisGetBasicData", "hisGetRegisterBasic", "csCloseCom"]
PRESENT, VIRTUAL = "uploadqrcode", "hisGetBasicData"


def call(number: int, name: str, at: float | None = None, took: float = 0.5, **more: int) -> TracedCall:
    """A call that begins at its number of seconds."""
    begun = NOON + timedelta(seconds=number if at is None else at)
    return TracedCall(
        number,
        begun,
        more.get("thread", 1),
        name,
        {"pComNum": Number(0)},
        Answer(more.get("code", 0), took * 1e6),
    )


def day(names: Iterable[str], first: int = 1) -> list[TracedCall]:
    return [call(number, name) for number, name in enumerate(names, first)]


def written(file: Path, lines: Iterable[Line], process: int = 7, part: int = 1) -> Path:
    header = Header(recorder="dll", process=process, program="HIS.EXE", started=NOON, part=part)
    file.write_text("".join(f"{line_of(line)}\n" for line in (header, *lines)), encoding="utf-8")
    return file


def cut(*files: Path, most: int = 8) -> list[Stretch]:
    return list(stretches(files, TABLE, most))


def numbers(found: Iterable[Stretch]) -> list[list[int]]:
    return [[each.number for each in read_stretch(stretch).calls] for stretch in found]


def first_functions(found: Iterable[Stretch]) -> set[str]:
    return {read_stretch(stretch).calls[0].function for stretch in found}


def test_a_stretch_ends_before_the_port_is_opened_anew(tmp_path: Path) -> None:
    found = cut(written(tmp_path / "a.jsonl", day(VISIT * 5)), most=7)
    assert [stretch.calls for stretch in found] == [8, 8, 4]
    assert first_functions(found) == {"csOpenCom"}
    assert numbers(found) == [list(range(1, 9)), list(range(9, 17)), list(range(17, 21))]
    assert [stretch.opened for stretch in found] == [None] * 3
    assert dict(found[0].functions) == dict.fromkeys(VISIT, 2)
    assert [stretch.process for stretch in found] == [7] * 3


@pytest.mark.parametrize("most", [1, 3, 10, 1000])
def test_every_call_is_in_one_stretch_and_as_it_is_read_whole(tmp_path: Path, most: int) -> None:
    file = written(tmp_path / "a.jsonl", day(VISIT * 9))
    found = cut(file, most=most)
    assert [each for stretch in found for each in read_stretch(stretch).calls] == read_trace(file).calls
    assert sum(stretch.size for stretch in found) == file.stat().st_size
    assert [stretch.number for stretch in found] == list(range(1, len(found) + 1))


def test_a_program_that_never_closes_is_cut_all_the_same(tmp_path: Path) -> None:
    found = cut(written(tmp_path / "a.jsonl", day(["csOpenCom", *["hisGetBasicData"] * 60])))
    assert [stretch.calls for stretch in found] == [16, 16, 16, 13]
    assert found[0].opened is None
    for stretch in found[1:]:
        assert stretch.opened is not None
        opened = call_of(stretch.opened, stretch.process)
        assert opened is not None
        assert (opened.number, opened.function, opened.process) == (1, "csOpenCom", 7)


@pytest.mark.parametrize(("code", "known"), [(0, True), (65536, True), (4000, False), (-1, False)])
def test_only_a_port_that_could_be_opened_is_open(tmp_path: Path, code: int, known: bool) -> None:
    calls = [call(1, "csOpenCom", code=code), *day(["hisGetBasicData"] * 20, first=2)]
    *_, last = cut(written(tmp_path / "a.jsonl", calls))
    assert (last.opened is not None) is known


def test_a_port_that_was_closed_is_not_opened_again(tmp_path: Path) -> None:
    names = ["csOpenCom", "csCloseCom", *["hisGetBasicData"] * 40]
    assert [stretch.opened for stretch in cut(written(tmp_path / "a.jsonl", day(names)))] == [None] * 3


def test_calls_that_overlap_stay_together(tmp_path: Path) -> None:
    """The fourth call, of another thread, takes until long after the next visit has begun."""
    slow = call(4, "hisGetBasicData", thread=2, took=9.0)
    others = [call(number, name) for number, name in enumerate([*VISIT * 5], 1) if number != 4]
    lines = [*others[:10], slow, *others[10:]]
    found = cut(written(tmp_path / "a.jsonl", lines), most=4)
    assert [slow.number in found for found in numbers(found)] == [True, *[False] * (len(found) - 1)]
    first = numbers(found)[0]
    assert first == sorted(first)
    assert len(first) > 8


def test_threads_that_have_calls_in_later_stretches() -> None:
    def stretch(process: int, *threads: int) -> Stretch:
        return Stretch(1, process, (), (), frozenset(threads))

    found = [stretch(7, 1, 2), stretch(7, 1), stretch(8, 2), stretch(7, 1, 3)]
    assert list(going_on(found)) == [{(7, 1)}, {(7, 1)}, set(), set()]


def test_lost_calls_do_not_keep_a_trace_from_being_cut(tmp_path: Path) -> None:
    calls = [each for each in day(VISIT * 20) if each.number not in (2, 3)]
    found = cut(written(tmp_path / "a.jsonl", calls), most=8)
    assert all(stretch.calls <= 2 * 8 + len(VISIT) for stretch in found)
    assert first_functions(found[1:]) == {"csOpenCom"}


def test_a_virtual_card_is_not_cut_off(tmp_path: Path) -> None:
    names = [*VISIT, *([PRESENT, *[VIRTUAL] * 3, "csOpenCom", VIRTUAL] * 6)]
    found = cut(written(tmp_path / "a.jsonl", day(names)), most=7)
    assert first_functions(found[1:]) == {PRESENT}


def test_the_parts_of_one_trace_follow_each_other(tmp_path: Path) -> None:
    first = written(tmp_path / "a-1.jsonl", day(VISIT * 2))
    second = written(tmp_path / "a-2.jsonl", day(VISIT * 2, first=9), part=2)
    (whole,) = cut(first, second, most=16)
    assert numbers([whole]) == [list(range(1, 17))]
    assert [piece.file for piece in whole.pieces] == [first, second]
    assert [header.part for header in read_stretch(whole).headers] == [1, 2]


def test_each_run_of_a_program_is_by_itself(tmp_path: Path) -> None:
    one = written(tmp_path / "a.jsonl", day(VISIT))
    other = written(tmp_path / "b.jsonl", day(VISIT), process=8)
    assert [(stretch.process, stretch.calls) for stretch in cut(one, other)] == [(7, 4), (8, 4)]
    joined = tmp_path / "c.jsonl"
    joined.write_bytes(one.read_bytes() + other.read_bytes())
    assert [(stretch.process, stretch.calls) for stretch in cut(joined)] == [(7, 4), (8, 4)]
    assert [each.process for s in cut(joined) for each in read_stretch(s).calls] == [7] * 4 + [8] * 4


def test_notes_and_answers_are_no_calls(tmp_path: Path) -> None:
    lines: list[Line] = [
        *day(VISIT), Note("exception", "why", call=3, function="csOpenCom"), BridgeAnswer(2, Answer(0, 1.0))
    ]  # fmt: skip
    (stretch,) = cut(written(tmp_path / "a.jsonl", lines))
    trace = read_stretch(stretch)
    assert (stretch.calls, len(trace.calls), [note.kind for note in trace.notes]) == (4, 4, ["exception"])


def test_a_broken_line_costs_that_line(tmp_path: Path) -> None:
    file = written(tmp_path / "a.jsonl", day(VISIT * 4))
    lines = file.read_bytes().splitlines(keepends=True)
    lines[3] = b'{"call": 3, "function": \n'
    file.write_bytes(b"".join(lines) + b'{"call": 17, "ti')
    found = cut(file, most=8)
    problems = [problem for stretch in found for problem in read_stretch(stretch).problems]
    assert [(problem.line, problem.lost) for problem in problems] == [(4, True), (18, True)]
    assert [str(problem) for problem in problems] == [str(problem) for problem in read_trace(file).problems]
    assert sum(map(len, numbers(found))) == 15


def test_a_trace_without_a_header(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("".join(f"\n{line_of(each)}\n" for each in day(VISIT)), encoding="utf-8")
    (stretch,) = cut(file)
    assert numbers([stretch]) == [[1, 2, 3, 4]]


def test_a_newer_format_and_a_file_that_is_gone_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"trace":99}\n', encoding="utf-8")
    with pytest.raises(TraceError, match="version 99"):
        cut(file)
    with pytest.raises(TraceError, match="cannot be read"):
        cut(tmp_path / "none.jsonl")
    (stretch,) = cut(written(file, day(VISIT)))
    file.unlink()
    with pytest.raises(TraceError, match="cannot be read"):
        read_stretch(stretch)


def test_nothing_gives_no_stretch(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").touch()
    assert cut(tmp_path / "a.jsonl") == []
