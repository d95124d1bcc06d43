"""Files are counted in two ways, by what lines look like and one by one: nobody can tell which it was."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.hospital import write_hospital
from bridge.errors import TraceError
from bridge.table.default import default_table
from bridge.trace import reading
from bridge.trace.format import Answer, Given, Header, Line, Number, TracedCall, line_of
from bridge.trace.readiness import alike, files
from bridge.trace.readiness.advice import readiness_data
from bridge.trace.readiness.counts import Counting, Counts
from bridge.trace.readiness.files import count_files
from bridge.trace.readiness.report import checked, report_of
from bridge.trace.readiness.sequences import Times, texts_from
from bridge.trace.reading import Problem
from bridge.trace.stream import lines_in_order
from tests.unit.trace.readiness.by_lines import count

TABLE = default_table()
START = datetime(2026, 11, 25, 8, tzinfo=UTC)
HEADER = f"{line_of(Header(recorder='dll', process=9, program='HIS.EXE', started=START))}\n".encode()
PERSON = b"000000000001" + b"A".ljust(20) + b"Z299999929" + b"0920315" + b"F" + b"1050217" + b"1" + b" " * 14
NAMED: dict[str, Given] = {
    "pPatientID": b"Z299999929",
    "pPatientBirthDate": b"0920315",
    "pEmergentTel": b"0912345678",
}
ROOM: dict[str, Given] = {"pBuffer": b" " * 72, "iBufferLen": Number(72, 0x4FFB0048)}
READ: dict[str, Given] = {"pBuffer": PERSON, "iBufferLen": Number(72, 0x4FFB0048)}
ICD: dict[str, Given] = {"pBuffer": b"[XXXXXXX]" * 8, "iBufferLen": Number(372)}
CALLS: list[tuple[str, dict[str, Given], int, dict[str, Given]]] = [
    ("csOpenCom", {"pComNum": Number(0, 0)}, 0, {}),
    ("csOpenCom", {"pComNum": Number(0, 0)}, -1, {}),
    ("csCloseCom", {}, 0, {}),
    ("hisGetBasicData", dict(ROOM), 0, dict(READ)),
    ("hisGetBasicData", dict(ROOM), 0, {**READ, "pBuffer": PERSON.replace(b"Z2", b"Z1")}),
    ("hisGetBasicData", dict(ROOM), 4000, dict(ROOM)),
    ("hisGetBasicData", {**ROOM, "iBufferLen": Number(71, 71)}, 6018, {"iBufferLen": Number(71, 72)}),
    ("hisGetTreatmentNeedHPC", dict(ICD), 0, {"iBufferLen": Number(372)}),
    ("hisWriteEmergentTel", dict(NAMED), 0, {}),
    ("hisWriteEmergentTel", {**NAMED, "pEmergentTel": b"0912345678".ljust(30, b"x")}, 0, {}),
    ("hisGetSeqNumber256", {"cTreatItem": b"01", "pBuffer": b"", "iBufferLen": Number(296, -1)}, 5003, {}),
    ("hisGetTreatmentNeedHPC", {**ICD, "pBuffer": b" " * 72}, 0, {"iBufferLen": Number(372)}),
    ("hisWriteEmergentTel", {**NAMED, "pEmergentTel": b"0912345678".ljust(30)}, 0, {}),
    ("hisGetBasicData", {**ROOM, "iBufferLen": Number(72, 72)}, 0, {**READ, "iBufferLen": Number(72, 72)}),
    ("hisGetBasicData", {**ROOM, "iBufferLen": Number(72, 65608)}, 0,
     {**READ, "iBufferLen": Number(72, 65608)}),
    ("hisGetBasicData", {**ROOM, "iBufferLen": Number(72, 65608)}, 0, {"iBufferLen": Number(71, 65608)}),
    ("hisGetBasicData", dict(ROOM), 0, {**READ, "iBufferLen": Number(73, 0x4FFB0049)}),
    ("hisGetBasicData", {**ROOM, "iBufferLen": Number(72, 0x4FFA0048)}, 0,
     {**READ, "iBufferLen": Number(73, 0x4FFB0049)}),
    ("hisGetBasicData", {**ROOM, "iBufferLen": Number(72, 0x4FFA0048)}, 0, dict(READ)),
    ("hisNoSuch", {"x": b"abc", "n": Number(1)}, 7, {"x": b"def"}),
]  # fmt: skip
TIMES = [
    b"2026-02-30T00:00:00.000000Z",
    b"2026-11-25T24:00:00.000000Z",
    b"2026-11-25T08:00:61.000000Z",
    b"2025-01-01T00:00:00.000000Z",
    b"2026-11-25T08:00:00+08:00",
    b"2027-12-31T23:59:59.999999Z",
]
NUMBERS = [b"0", b"72", b"-1", b"65536", b"100000", b"1345000000", b"-1345000000", b"040", b"1.5", b"9" * 20]


def lines_of(kinds: Sequence[int], threads: Sequence[int]) -> list[bytes]:
    """Calls one after the other, two seconds apart."""
    lines = []
    for number, (kind, thread) in enumerate(zip(kinds, threads, strict=True), 1):
        name, before, code, after = CALLS[kind]
        at = START + timedelta(seconds=2 * number, microseconds=number)
        call = TracedCall(number, at, thread, name, before, Answer(code, 1000.0 * number + 0.5, after))
        lines.append(f"{line_of(call)}\n".encode())
    return lines


def damaged(line: bytes, chance: random.Random) -> bytes:
    """A line that somebody or something has changed."""
    place = chance.randrange(len(line) - 1)
    match chance.randrange(9):
        case 0:
            return line[:place]
        case 1:
            return line[:place] + bytes((chance.randrange(256),)) + line[place + 1 :]
        case 2:
            return line[:place] + chance.choice([b" ", b"=", b"A", b'"', b"\\", b"\n"]) + line[place:]
        case 3:
            return re.sub(rb'"time":"[^"]*"', b'"time":"%b"' % chance.choice(TIMES), line)
        case 4:
            key = chance.choice([b"i16", b"i32", b"code", b"us", b"thread", b"call"])
            return re.sub(rb'"%b":[^,}]*' % key, b'"%b":%b' % (key, chance.choice(NUMBERS)), line, count=1)
        case 5:
            return re.sub(rb'"[A-Za-z0-9+/=]{8,}"', lambda _: b'"QUJDRA=="', line, count=2)
        case 6:
            return line.replace(b'"in":{', b'"in":{"pBuffer":null,')
        case 7:
            return re.sub(rb'("in":{"[A-Za-z]+":"[A-Za-z0-9+/]{4})[A-Za-z0-9+/]', rb"\1-", line)
    return line + chance.choice([line, b"\n", HEADER, b'{"note":"lost","calls":3,"call":null}\n'])


def outcome(counts: Counts) -> object:
    """Everything that a report says."""
    return report_of(checked(counts), TABLE, readiness_data()).as_json()


def both(*paths: Path) -> tuple[object, object]:
    """What either way finds, or why it cannot."""
    return (
        _outcome(lambda: count(lines_in_order(*paths), TABLE)),
        _outcome(lambda: count_files(paths, TABLE)),
    )


def _outcome(way: Callable[[], Counts]) -> object:
    try:
        return outcome(way())
    except TraceError as error:
        return str(error)


@settings(deadline=None)
@example([0, 3, 8, 8, 4, 8, 4, 8, 2], 20, 1, 0.0, 1, 65536)  # whose card it is
@example([0, 10, 8, 5, 8, 3, 8, 2, 3, 1, 3, 2], 20, 2, 0.0, 2, 65536)  # failures that nobody looks at
@example([7, 11, 7, 7, 11], 20, 1, 0.0, 3, 65536)  # what a buffer asks for
@example([9, 12, 8, 12, 9, 9], 20, 1, 0.0, 4, 65536)  # a text that is too long, or blank behind its end
@example([13, 14, 15, 13, 3, 16, 17, 16, 17, 18, 3, 18], 20, 1, 0.0, 5, 65536)  # what stands beside a number
@example([0, 3, 8, 2], 60, 1, 0.2, 6, 65536)
@given(
    st.lists(st.integers(0, len(CALLS) - 1), min_size=1, max_size=6),
    st.integers(1, 60),
    st.integers(1, 3),
    st.sampled_from([0.0, 0.02, 0.2]),
    st.integers(0, 2**32),
    st.sampled_from([700, 5000, 65536]),
)
def test_no_line_is_counted_otherwise_than_by_itself(
    round_: list[int], rounds: int, threads: int, rate: float, seed: int, block: int
) -> None:
    kinds, chance = round_ * rounds, random.Random(seed)
    lines = lines_of(kinds, [chance.randint(1, threads) for _ in kinds])
    lines = [damaged(line, chance) if chance.random() < rate else line for line in lines]
    if chance.random() < 0.2:
        place = chance.randrange(len(lines))
        lines[place : place + 4] = reversed(lines[place : place + 4])
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(alike, "SAMPLES", 8)
        patch.setattr(reading, "BLOCK_BYTES", block)
        file = Path(folder) / "t.jsonl"
        file.write_bytes(b"".join(([HEADER] if chance.random() < 0.9 else []) + lines))
        one_by_one, quickly = both(file)
    assert quickly == one_by_one


def hospital(folder: Path, calls: int) -> Path:
    write_hospital(folder, calls)
    (file,) = folder.iterdir()
    return file


def one_by_one_of(file: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many lines of a file were counted by themselves."""
    singly = 0
    line_as_it_is = Counting.line

    def line(self: Counting, each: Line | Problem) -> None:
        nonlocal singly
        singly += 1
        line_as_it_is(self, each)

    monkeypatch.setattr(Counting, "line", line)
    count_files([file], TABLE)
    return singly


def test_a_hospital_is_counted_by_what_its_lines_look_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = hospital(tmp_path / "one", 3000)
    one_by_one, quickly = both(file, file)
    assert quickly == one_by_one
    assert one_by_one_of(file, monkeypatch) < 300


def test_what_stands_beside_a_number_makes_no_other_kind_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, chance = hospital(tmp_path / "one", 3000), random.Random(1)
    lines = file.read_bytes().splitlines(keepends=True)
    beside = (b"%d" % (chance.randrange(2, 0x7FFF) << 16 | 72) for _ in lines)
    file.write_bytes(b"".join(re.sub(rb"1520\d{6}", next(beside), line) for line in lines))
    one_by_one, quickly = both(file)
    assert quickly == one_by_one
    assert one_by_one_of(file, monkeypatch) < 900


def test_a_line_longer_than_any_is_one_problem_for_each_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_LINE_BYTES", 3000)
    monkeypatch.setattr(files, "MOST_LINE_BYTES", 3000)
    monkeypatch.setattr(reading, "BLOCK_BYTES", 700)
    file = hospital(tmp_path / "one", 900)
    lines = file.read_bytes().splitlines(keepends=True)
    lines[500:500] = [b"A" * 10_000 + lines[499], b"B" * 3000 + b"\n"]
    file.write_bytes(b"".join(lines))
    one_by_one, quickly = both(file)
    assert quickly == one_by_one
    assert isinstance(quickly, dict)
    assert len(quickly["problems"]) > 3


def test_many_kinds_that_begin_alike_are_one_pattern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["his" + "a" * length for length in range(1, 100)] * 3
    calls = [TracedCall(number, START, 1, name, {}, Answer(0, 5.0)) for number, name in enumerate(names, 1)]
    file = tmp_path / "t.jsonl"
    file.write_bytes(HEADER + b"".join(f"{line_of(call)}\n".encode() for call in calls))
    one_by_one, quickly = both(file)
    assert quickly == one_by_one
    assert one_by_one_of(file, monkeypatch) < 250


@pytest.mark.parametrize("first", [1, 7, 999, 1000, 123_456, 999_999])
def test_numbers_as_texts(first: int) -> None:
    texts = texts_from(first)
    assert [next(texts) for _ in range(2500)] == [b"%d" % number for number in range(first, first + 2500)]


def test_times_of_the_calendar() -> None:
    times = Times()
    assert not times.ends()
    for text in (b"2026-11-25T08:30:00.000000", b"2026-11-25T08:29:59.999999", b"2026-11-26T00:00:00.000001"):
        assert times.take(text, times.last)
    assert not times.take(b"2026-02-29T08:00:00.000000", times.last)
    assert [at.isoformat() for at in times.ends()] == [
        "2026-11-25T08:29:59.999999+00:00",
        "2026-11-26T00:00:00.000001+00:00",
    ]
    assert times.last < b"2026-11-26T00:59:59.999999" < times.end_of_hour < b"2026-11-26T01:00:00.000000"
