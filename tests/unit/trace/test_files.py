"""Trace files: written in parts for their owner only, read as far as they can be."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.errors import TraceError
from bridge.trace.format import Answer, BridgeAnswer, Header, Note, Number, TracedCall, line_of
from bridge.trace.reading import read_trace
from bridge.trace.writing import TraceWriter, write_trace

START = datetime(2026, 11, 25, 8, tzinfo=UTC)


def call(number: int, seconds: float = 0.0, size: int = 10) -> TracedCall:
    at = START + timedelta(seconds=seconds or number)
    return TracedCall(
        number=number,
        at=at,
        thread=1,
        function="csGetDateTime",
        given={"pBuffer": b"x" * size},
        answer=Answer(0, 5.0),
    )


def numbers(place: Path) -> list[int]:
    return [each.number for each in read_trace(place).calls]


def test_what_was_written_is_read_in_the_order_of_beginning(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    answer = Answer(4000, 7.0, {"iBufferLen": Number(5)})
    write_trace(file, [Header(process=9), call(2, 5), BridgeAnswer(2, answer), call(1, 3), Note("lost")])
    trace = read_trace(file)
    assert [(each.number, each.process, each.line) for each in trace.calls] == [(1, 9, 4), (2, 9, 2)]
    assert [each.bridge for each in trace.calls] == [None, answer]
    assert [note.kind for note in trace.notes] == ["lost"]
    assert trace.problems == []
    assert file.stat().st_mode & 0o777 == 0o600


def test_numbers_of_two_programs_are_kept_apart(tmp_path: Path) -> None:
    for process in (1, 2):
        lines = [Header(process=process), call(1), BridgeAnswer(1, Answer(process, 1.0))]
        write_trace(tmp_path / f"{process}.jsonl", lines)
    assert [(each.process, each.bridge) for each in read_trace(tmp_path).calls] == [
        (1, Answer(1, 1.0)),
        (2, Answer(2, 1.0)),
    ]


def test_parts(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path / "t", "digest", part_bytes=1000, most_parts=3)
    for number in range(1, 31):
        writer.write(call(number, size=100))
    writer.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 3
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())
    read = read_trace(tmp_path)
    kept = [each.number for each in read.calls]
    assert kept == list(range(kept[0], 31))
    assert [header.part for header in read.headers] == [int(name[2:6]) for name in names]


def test_a_second_recording_leaves_the_first(tmp_path: Path) -> None:
    for number in (1, 2):
        writer = TraceWriter(tmp_path / "t.jsonl", "digest")
        writer.write(call(number))
        writer.close()
    assert numbers(tmp_path) == [1, 2]
    assert numbers(tmp_path / "t.jsonl") == [1]


class FullDisk:
    """A file that takes so many bytes more."""

    def __init__(self, stream: object, room: int) -> None:
        self._stream, self.room = stream, room

    def write(self, data: bytes) -> int:
        taken = min(self.room, len(data))
        self.room -= taken
        if taken == 0:
            raise OSError(28, "No space left on device")
        return self._stream.write(data[:taken])  # type: ignore[attr-defined,no-any-return]

    def tell(self) -> int:
        return 0

    def close(self) -> None:
        self._stream.close()  # type: ignore[attr-defined]


def test_a_full_disk_is_said_once_and_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    writer = TraceWriter(tmp_path / "t.jsonl", "digest")
    disk = FullDisk(writer._stream, 300)
    writer._stream = disk  # type: ignore[assignment]
    with caplog.at_level(logging.ERROR):
        for number in range(1, 10):
            writer.write(call(number))
        assert len(caplog.records) == 1
    disk.room = 10_000
    writer.write(call(10))
    writer.close()
    trace = read_trace(tmp_path)
    assert [each.number for each in trace.calls] == [1, 10]
    assert [(note.kind, note.calls) for note in trace.notes] == [("lost", 8)]
    assert [problem.text[:7] for problem in trace.problems] == ["no JSON"]


def test_no_recording_without_a_place_for_it(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="no trace can be written"):
        TraceWriter(tmp_path / "missing" / "t.jsonl", "digest")


# --- what a person or an accident has made of a file --------------------------------------------------------


def test_a_file_cut_off_in_the_middle(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    write_trace(file, [Header(), call(1), call(2)])
    file.write_bytes(file.read_bytes()[:-30])
    trace = read_trace(file)
    assert [each.number for each in trace.calls] == [1]
    (problem,) = trace.problems
    assert "line 3: cut off in the middle" in str(problem)


def test_lines_edited_by_hand_cost_themselves_only(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    good = line_of(call(1))
    file.write_text(
        "\n".join([line_of(Header()), "", "// a remark", good.replace('"code":0', '"code":x'), good]) + "\n",
        encoding="utf-8",
    )
    trace = read_trace(file)
    assert [each.number for each in trace.calls] == [1]
    assert [problem.line for problem in trace.problems] == [3, 4]


def test_a_file_without_a_header_is_of_the_oldest_format(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_text(line_of(call(1)) + "\n", encoding="utf-8")
    trace = read_trace(file)
    assert [each.number for each in trace.calls] == [1]
    assert "oldest" in trace.problems[0].text


def test_an_older_header_is_said(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    write_trace(file, [Header(version=0), call(1)])
    assert "older" in read_trace(file).problems[0].text


def test_a_newer_file_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    write_trace(file, [Header(version=9), call(1)])
    with pytest.raises(TraceError, match=r"t\.jsonl, line 1: version 9"):
        read_trace(file)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00", b"<html>", bytes(5000)])
def test_what_is_no_trace_at_all(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "t.jsonl"
    file.write_bytes(content)
    with pytest.raises(TraceError, match="no trace"):
        read_trace(file)


def test_a_place_without_traces(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match=r"no \*\.jsonl"):
        read_trace(tmp_path)
    with pytest.raises(TraceError, match="no such file"):
        read_trace(tmp_path / "t.jsonl")
