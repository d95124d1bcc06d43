"""Traces as Parquet: what stands in the rows, and the questions of the page."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from benchmarks.hospital import write_hospital
from bridge.cli.main import main
from bridge.errors import TraceError
from bridge.trace.exporting.parquet import Written, write_parquet
from bridge.trace.reading import read_trace

ROOT = Path(__file__).parents[4]
QUESTIONS = re.findall(
    r"^```sql\n(.*?)^```$",
    (ROOT / "docs" / "migrate" / "migration.md").read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)
LINES = rb"""{"trace":1,"recorder":"dll","process":7,"program":"HIS.EXE"}
{"call":1,"time":"2026-11-25T00:30:01.000250Z","thread":3,"function":"csOpenCom","in":{"pComNum":{"i16":0}},"code":-65537,"us":1500.5,"out":{}}
{"call":2,"time":"2026-11-25T08:30:02+08:00","thread":3,"door":"vhc","function":"a'b","in":{},"code":65540,"us":2,"out":{"x":"AA=="}}
{"answer":2,"code":4000,"us":12.5,"out":{"x":"AQ=="}}

{"note":"lost","time":"2026-11-25T00:30:09Z","calls":12,"call":null,"why":"error 112"}
{"call":3,"time":"never","thread":3,"function":"csCloseCom","in":{},"code":0,"us":1,"out":{}}
{"call":4,"time":"2026-11-25T00:30:03Z","function":"\xff\xfe","in":{},"code":0}
{"call":5,"time":"2026-11-2"""

POSIX_NAMES = pytest.mark.skipif(os.name == "nt", reason="no names there")


def rows(place: Path | str, what: str = "*") -> list[tuple[object, ...]]:
    with duckdb.connect(config={"threads": 1}) as connection:
        found: list[tuple[object, ...]] = connection.execute(
            f"SELECT {what} FROM '{place}' ORDER BY ALL"
        ).fetchall()
        return found


def exported(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["trace", "export", *map(str, arguments)])


def test_a_row_for_each_call_answer_and_note(tmp_path: Path) -> None:
    (tmp_path / "day.jsonl").write_bytes(LINES)
    out = tmp_path / "day.parquet"
    told = exported(tmp_path / "day.jsonl", "--parquet", out)
    assert told.exit_code == 0, told.output
    assert "3 lines left out" in told.stderr
    what = "kind, call, taiwan_time::VARCHAR, thread, door, function, code, microseconds, why"
    assert rows(out, what) == [
        ("answer", 2, None, None, None, None, 4000, 12.5, None),
        ("call", 1, "2026-11-25 08:30:01.00025", 3, "native", "csOpenCom", -1, 1500.5, None),
        ("call", 2, "2026-11-25 08:30:02", 3, "vhc", "a'b", 4, 2.0, None),
        ("note", None, "2026-11-25 08:30:09", None, None, None, None, None, "error 112"),
    ]
    assert set(rows(out, "work_place, program, process")) == {("day", "HIS.EXE", 7)}
    (given,) = [json.loads(str(value)) for kind, value in rows(out, "call, given") if kind == 1]
    assert given == {"pComNum": {"i16": 0}}
    assert out.stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in tmp_path.iterdir()) == ["day.jsonl", "day.parquet"]


def test_values_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "day.jsonl").write_bytes(LINES)
    assert exported(tmp_path / "day.jsonl", "--parquet", tmp_path / "o.parquet", "--no-values").exit_code == 0
    with duckdb.connect(config={"threads": 1}) as connection:
        columns = [row[0] for row in connection.execute(f"DESCRIBE FROM '{tmp_path}/o.parquet'").fetchall()]
    assert "function" in columns
    assert not {"given", "answered"} & set(columns)
    assert b"AA==" not in (tmp_path / "o.parquet").read_bytes()


def test_many_work_places_are_a_folder_with_a_file_for_each(tmp_path: Path) -> None:
    write_hospital(tmp_path / "flat", calls=300, places=3)
    told = exported(tmp_path / "flat", "--parquet", tmp_path / "calls", "--workers", 2)
    assert told.exit_code == 0, told.output
    assert sorted(file.name for file in (tmp_path / "calls").iterdir()) == [
        f"HIS-00{number}.parquet" for number in (1, 2, 3)
    ]
    assert not (tmp_path / "calls.parts").exists()
    found = Counter(rows(tmp_path / "calls" / "*.parquet", "work_place, process, call, function, code"))
    expected = Counter(
        (file.stem, call.process, call.number, call.function, call.answer.code16)
        for file in (tmp_path / "flat").iterdir()
        for call in read_trace(file).calls
    )
    assert found == expected
    assert exported(tmp_path / "flat", "--parquet", tmp_path / "calls").exit_code == 1
    assert exported(tmp_path / "flat", "--parquet", tmp_path / "calls", "--force").exit_code == 0


def test_every_question_of_the_page_has_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_hospital(tmp_path / "flat", calls=600, places=2)
    assert exported(tmp_path / "flat", "--parquet", tmp_path / "calls").exit_code == 0
    monkeypatch.chdir(tmp_path)
    assert len(QUESTIONS) == 5
    answers = []
    with duckdb.connect(config={"threads": 1}) as connection:
        for question in QUESTIONS:
            answers.append(connection.execute(question).fetchall())
    slowest, busiest, failures, visits, buffers = answers
    assert len(slowest) == 20  # as many as it asks for
    assert {place for place, _, _ in busiest} == {"HIS-001", "HIS-002"}
    assert {(function, code) for function, code, _, _ in failures} <= {("hisGetSeqNumber256", 5010)}
    flat = {file.stem: read_trace(file).calls for file in (tmp_path / "flat").iterdir()}
    begun = {
        place: [at for at, call in enumerate(calls) if call.function == "csOpenCom"] + [len(calls)]
        for place, calls in flat.items()
    }
    assert len(visits) == 20
    for place, _, visit, _, calls, _ in visits:
        assert calls == begun[place][visit] - begun[place][visit - 1]
    assert ("hisGetBasicData", 72) in {(function, size) for function, size, _ in buffers}


@pytest.mark.parametrize(
    "name",
    [
        "day [1]",
        "[!a]",
        "{a,b}",
        *(pytest.param(name, marks=POSIX_NAMES) for name in ("*", "day ?", "**", "a\\")),
    ],
)
def test_a_name_that_would_mean_several_files_means_one(tmp_path: Path, name: str) -> None:
    file = tmp_path / name / f"{name}.jsonl"
    file.parent.mkdir()
    file.write_bytes(LINES)
    for other in ("day 1", "a", "b", "abc"):
        (tmp_path / f"{other}.jsonl").write_bytes(LINES)
        (file.parent / f"{other}.jsonl").write_bytes(LINES)
    assert write_parquet("day", [file], tmp_path / "o.parquet") == Written(4, 3)
    assert rows(tmp_path / "o.parquet", "DISTINCT program") == [("HIS.EXE",)]


@POSIX_NAMES
def test_a_name_that_no_pattern_means_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a\\*.jsonl"
    file.write_bytes(LINES)
    with pytest.raises(TraceError, match="rename it"):
        write_parquet("day", [file], tmp_path / "o.parquet")


def test_quotes_in_names_are_names(tmp_path: Path) -> None:
    file = tmp_path / "it's.jsonl"
    file.write_bytes(LINES)
    out = tmp_path / "it's.parquet"
    assert write_parquet("er's", [file], out) == Written(4, 3)
    out.replace(tmp_path / "o.parquet")
    assert set(rows(tmp_path / "o.parquet", "work_place")) == {("er's",)}


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "day.jsonl").write_bytes(LINES)
    told = exported(tmp_path / "day.jsonl", "--parquet", tmp_path / "no" / "such" / "o.parquet")
    assert told.exit_code == 1
    assert "Traceback" not in told.output
    assert "No such file or directory" in told.stderr


@pytest.mark.skipif(os.name == "nt", reason="names are UTF-16 there")
def test_a_path_that_duckdb_cannot_take_is_named(tmp_path: Path) -> None:
    big5 = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "急診.jsonl".encode("cp950")))
    big5.write_bytes(LINES)
    told = exported(big5, "--parquet", tmp_path / "out.parquet")
    assert told.exit_code == 1
    assert "急診.jsonl: rename it: its path is no Unicode text" in told.stderr


def test_what_a_killed_process_left_behind_is_not_put_in_place(tmp_path: Path) -> None:
    write_hospital(tmp_path / "flat", calls=100, places=2)
    left = tmp_path / "out.parts" / "export" / "parquet" / ".HIS-001.parquet.x1"
    left.mkdir(parents=True)
    (left / "spilled").write_bytes(b"x")
    assert exported(tmp_path / "flat", "--parquet", tmp_path / "out").exit_code == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "HIS-001.parquet",
        "HIS-002.parquet",
    ]
