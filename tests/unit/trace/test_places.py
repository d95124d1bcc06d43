"""Which work places lie in a folder, and which files are none."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.errors import TraceError
from bridge.trace.format import Answer, Header, TracedCall
from bridge.trace.places import work_places
from bridge.trace.writing import write_trace

AT = datetime(2026, 11, 25, 8, tzinfo=UTC)
CALL = TracedCall(1, AT, 1, "csCloseCom", {}, Answer(0, 1.0))


def trace(file: Path, process: int = 1, part: int = 1) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_trace(file, [Header(program="HIS.EXE", process=process, started=AT, part=part), CALL])
    return file


def found(folder: Path) -> dict[str, list[str]]:
    return {place.name: [file.name for file in place.files] for place in work_places(folder).places}


def test_each_folder_is_a_work_place(tmp_path: Path) -> None:
    for name in ("ward-2/b.jsonl", "ward-2/a.jsonl", "ward-1/x.jsonl", "er/desk 1/y.jsonl"):
        trace(tmp_path / name, process=len(name))
    assert found(tmp_path) == {
        "er/desk 1": ["y.jsonl"],
        "ward-1": ["x.jsonl"],
        "ward-2": ["a.jsonl", "b.jsonl"],
    }


def test_files_that_lie_flat_are_told_apart_by_their_run(tmp_path: Path) -> None:
    for process in (4711, 4712):
        for part in (1, 2):
            trace(tmp_path / f"HIS-{process}-20261125T080000-{part:04d}.jsonl", process, part)
    trace(tmp_path / "day.jsonl", 3)
    assert found(tmp_path) == {
        "HIS-4711-20261125T080000": [f"HIS-4711-20261125T080000-000{part}.jsonl" for part in (1, 2)],
        "HIS-4712-20261125T080000": [f"HIS-4712-20261125T080000-000{part}.jsonl" for part in (1, 2)],
        "day": ["day.jsonl"],
    }


def test_masked_files_keep_names_of_their_own(tmp_path: Path) -> None:
    trace(tmp_path / "masked-0001.jsonl", 1)
    trace(tmp_path / "masked-0002.jsonl", 1, 2)
    trace(tmp_path / "masked-0003.jsonl", 2)
    assert found(tmp_path) == {
        "masked-0001": ["masked-0001.jsonl", "masked-0002.jsonl"],
        "masked-0003": ["masked-0003.jsonl"],
    }


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (b'{"trace":99}\n', "version 99 of the format"),
        (b'{"ordered":"a book"}\n' * 30, "line 1: neither a call nor anything else of a trace"),
        (b"PK\x03\x04" + bytes(range(256)) * 40, "line 1: "),
    ],
)
def test_a_file_that_is_no_trace_is_named_and_costs_no_other(
    tmp_path: Path, content: bytes, why: str
) -> None:
    trace(tmp_path / "good.jsonl")
    (tmp_path / "bad.jsonl").write_bytes(content)
    places = work_places(tmp_path)
    assert [place.name for place in places.places] == ["good"]
    (told,) = places.refused
    assert "bad.jsonl" in told
    assert why in told


def test_a_trace_whose_first_line_is_broken_is_used(tmp_path: Path) -> None:
    file = trace(tmp_path / "day.jsonl")
    _, call = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(call[: len(call) // 2] + b"\n" + call)
    assert found(tmp_path) == {"day": ["day.jsonl"]}
    file.write_bytes(call)  # as the oldest ones are
    assert found(tmp_path) == {"day": ["day.jsonl"]}


def test_hidden_folders_and_other_files_are_passed_over(tmp_path: Path) -> None:
    trace(tmp_path / "day.jsonl")
    trace(tmp_path / ".trash/old.jsonl")
    trace(tmp_path / ".new.jsonl")
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    assert found(tmp_path) == {"day": ["day.jsonl"]}


def test_a_folder_without_traces(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match=r"no \*\.jsonl"):
        work_places(tmp_path)
    (tmp_path / "bad.jsonl").write_bytes(b"")
    with pytest.raises(TraceError, match=r"bad\.jsonl: no trace: it is empty"):
        work_places(tmp_path)


def test_names_in_big5_are_read_as_such_and_no_two_places_have_one_name(tmp_path: Path) -> None:
    big5 = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "急診".encode("cp950")))
    trace(big5 / "a.jsonl", 1)
    trace(tmp_path / "急診" / "b.jsonl", 2)
    trace(tmp_path / "ward" / "c.jsonl", 3)
    trace(tmp_path / "ward.jsonl", 4)
    trace(tmp_path / "two\nlines" / "d.jsonl", 5)
    assert found(tmp_path) == {
        "急診": ["b.jsonl"],
        "急診 (2)": ["a.jsonl"],
        "ward": ["ward.jsonl"],
        "ward (2)": ["c.jsonl"],
        r"two\u000alines": ["d.jsonl"],
    }
