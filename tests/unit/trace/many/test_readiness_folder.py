"""Readiness of many work places: one report of all, a line for each, and what was left out."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result

from benchmarks.hospital import write_hospital
from bridge.cli.main import main
from bridge.table.default import default_table
from bridge.trace.format import Answer, Header, Number, TracedCall
from bridge.trace.places import work_places
from bridge.trace.readiness.advice import readiness_data
from bridge.trace.readiness.counts import Counts
from bridge.trace.readiness.report import assess_places, report_of
from bridge.trace.reporting.judged import write_readiness
from bridge.trace.stream import lines_in_order
from bridge.trace.writing import write_trace
from tests.unit.trace.readiness.by_lines import assess, count

TABLE = default_table()
AT = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)  # 08:30 in Taiwan


def day(*names: str, process: int = 1) -> list[Header | TracedCall]:
    calls = [
        TracedCall(number, AT + timedelta(seconds=number), 1, name, {"pComNum": Number(0)}, Answer(0, 1.0))
        for number, name in enumerate(names, 1)
    ]
    return [Header(program="HIS.EXE", process=process, started=AT), *calls]


def clinic(folder: Path) -> Path:
    """Two work places, of which one calls what 6.0 has dropped."""
    for name, names in {"er": ("csOpenCom", "hisWriteOrganDonate"), "ward": ("csOpenCom",)}.items():
        (folder / name).mkdir(parents=True)
        write_trace(folder / name / "day.jsonl", day(*names))
    return folder


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def judged(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["readiness", *map(str, arguments)])


def test_a_part_for_each_work_place_and_a_total(tmp_path: Path) -> None:
    folder, page = clinic(tmp_path / "clinic"), tmp_path / "page.html"
    told = judged(folder, "--html", page, "--workers", 2)
    assert told.exit_code == 1
    assert "HIS.EXE: 3 calls" in told.stdout
    assert "er: 2 calls 次呼叫; STOP 1" in told.stdout
    assert "ward: 1 calls 次呼叫; STOP 0" in told.stdout
    assert told.stdout.index("er: 2") < told.stdout.index("ward: 1")
    assert "2026-11-25 08:30:01 - 2026-11-25 08:30:02 (Taiwan time" in told.stdout
    assert "<td>ward</td>" in page.read_text(encoding="utf-8")
    rows = table(tmp_path / "page.places.csv")
    assert [(row["work_place"], row["calls"], row["stop"]) for row in rows] == [
        ("er", "2", "1"),
        ("ward", "1", "0"),
    ]


def test_the_total_is_that_of_one_trace_with_all_calls(tmp_path: Path) -> None:
    write_hospital(tmp_path / "hospital", calls=700, places=3)
    places = work_places(tmp_path / "hospital").places
    counted = {place.name: count(lines_in_order(*place.files), TABLE) for place in places}
    kept = {name: Counts.of_plain(json.loads(json.dumps(each.plain()))) for name, each in counted.items()}
    assert kept == counted
    one, many = (
        report.as_json()
        for report in (
            assess(lines_in_order(tmp_path / "hospital"), TABLE),
            assess_places(kept, TABLE, readiness_data()),
        )
    )
    assert [place["calls"] for place in many.pop("places")] == [
        sum(each.called.values()) for each in kept.values()
    ]
    one.pop("places")
    for report in (one, many):  # those of many work places name theirs
        examples = [example for habit in report["habits"] for example in habit.pop("examples")]
        assert all(report is one or example.startswith("HIS-00") for example in examples)
    assert one == many


def test_examples_and_problems_name_their_work_place(tmp_path: Path) -> None:
    folder = clinic(tmp_path / "clinic")
    with (folder / "ward" / "day.jsonl").open("ab") as stream:
        stream.write(b'{"call":2,"time":"2026-11-25T')
    (folder / "ward" / "old.jsonl").write_text('{"trace":0,"program":"OLD.EXE"}\n', encoding="utf-8")
    (folder / "er" / "day.jsonl").write_bytes(
        (folder / "er" / "day.jsonl").read_bytes().replace(b'"i16":0', b'"i16":0,"i32":65536')
    )
    told = judged(folder)
    assert "ward: day.jsonl, line 3: cut off in the middle" in told.stdout
    assert "ward: old.jsonl, line 1: an older format" in told.stdout
    assert "(er: call 1, csOpenCom, pComNum)" in told.stdout


def test_files_that_cannot_be_used_are_named_and_the_others_judged(tmp_path: Path) -> None:
    folder = clinic(tmp_path / "clinic")
    (folder / "ward" / "newer.jsonl").write_text('{"trace":2}\n', encoding="utf-8")
    (folder / "lab").mkdir()
    (folder / "lab" / "book.jsonl").write_text('{"isbn":1}\n', encoding="utf-8")
    page = tmp_path / "page.html"
    told = judged(folder, "--html", page)
    assert told.exit_code == 3
    assert "HIS.EXE: 3 calls" in told.stdout
    lines = [line for line in told.stderr.splitlines() if line.startswith("Left out: ")]
    assert len(lines) == 2
    assert "book.jsonl, line 1: neither a call" in lines[0]
    assert "newer.jsonl, line 1: version 2 of the format" in lines[1]
    assert "newer.jsonl" in page.read_text(encoding="utf-8")


def test_a_work_place_that_cannot_be_judged_is_named(tmp_path: Path) -> None:
    folder = clinic(tmp_path / "clinic")
    (folder / "lab").mkdir()
    write_trace(folder / "lab" / "day.jsonl", [Header()])
    told = judged(folder)
    assert told.exit_code == 3
    assert "Left out: lab: an empty trace" in told.stderr


def test_a_second_run_does_only_what_is_missing(tmp_path: Path) -> None:
    folder = clinic(tmp_path / "clinic")
    first = judged(folder)
    kept = sorted((tmp_path / "clinic.parts" / "readiness").iterdir())
    assert len(kept) == 2
    kept[0].unlink()
    second = judged(folder)
    assert "1 finished before, taken from " in second.stderr
    assert second.stdout == first.stdout
    assert "finished before" not in judged(folder, "--state", tmp_path / "elsewhere").stderr


def test_what_is_finished_lies_beside_the_folder_also_where_it_is_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clinic(tmp_path / "clinic"))
    assert judged(".").exit_code == 1
    monkeypatch.chdir(tmp_path / "clinic" / "er")
    assert "2 finished before" in judged("..").stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["clinic", "clinic.parts"]


def test_one_work_place_needs_no_state(tmp_path: Path) -> None:
    write_trace(tmp_path / "day.jsonl", day("csOpenCom"))
    assert judged(tmp_path).exit_code == 0
    assert [file.name for file in tmp_path.iterdir()] == ["day.jsonl"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_worker_that_is_killed_costs_its_work_place_a_second_attempt(tmp_path: Path) -> None:
    write_hospital(tmp_path / "hospital", calls=60_000, places=12)
    command = [sys.executable, "-m", "bridge", "readiness", str(tmp_path / "hospital"), "--workers", "1"]
    kept = tmp_path / "hospital.parts" / "readiness"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        begun = time.monotonic()
        while not (kept.exists() and list(kept.glob("*.json"))):
            assert time.monotonic() - begun < 60
            time.sleep(0.005)
        workers = [
            child
            for child in psutil.Process(running.pid).children()
            if any("spawn_main" in each for each in child.cmdline())
        ]
        assert len(workers) == 1
        workers[0].kill()
        stdout, stderr = running.communicate(timeout=120)
    assert running.returncode == 0, stderr
    assert stderr.count("its worker died; done a second time") == 1
    assert "Work places 工作站: 12" in stdout


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_signal_keeps_what_is_done(tmp_path: Path) -> None:
    write_hospital(tmp_path / "hospital", calls=60_000, places=12)
    command = [sys.executable, "-m", "bridge", "readiness", str(tmp_path / "hospital"), "--workers", "1"]
    kept = tmp_path / "hospital.parts" / "readiness"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        begun = time.monotonic()
        while not (kept.exists() and list(kept.glob("*.json"))):
            assert time.monotonic() - begun < 60
            time.sleep(0.005)
        running.send_signal(signal.SIGTERM)
        stdout, stderr = running.communicate(timeout=60)
    assert running.returncode == 3, stderr
    assert stdout == ""
    assert "of 12 work places are finished, and kept in" in stderr
    assert "Traceback" not in stderr
    finished = len(list(kept.glob("*.json")))
    assert 1 <= finished < 12
    again = judged(tmp_path / "hospital")
    assert f"{finished} finished before" in again.stderr
    assert "Work places 工作站: 12" in again.stdout


def test_a_page_is_at_most_two_megabytes_whatever_stands_in_the_traces(tmp_path: Path) -> None:
    long = "his" + "<&>" * 100
    counted = {}
    for place in range(400):
        counts = Counts(programs={"HIS.EXE"}, first=AT, last=AT)
        for number in range(5):
            counts.codes[f"{long}{place}-{number}"] = Counter(range(-30, 30))
            counts.problem(f"{long}, line {number}")
        counted[f"place <{place}> {'x' * 40}"] = counts
    report = assess_places(counted, TABLE, readiness_data(), [long] * 5000)
    page = tmp_path / "page.html"
    write_readiness(report, page)
    assert page.stat().st_size < 2_000_000
    rows = table(tmp_path / "page.functions.csv")
    assert len(rows) == 400 * 5 * 60
    assert len(table(tmp_path / "page.places.csv")) == 400


def test_no_text_of_a_trace_is_a_formula_in_a_table(tmp_path: Path) -> None:
    counts = Counts(programs={"HIS.EXE"})
    counted = {"=cmd|' /C calc'!A0": counts, "b": counts}
    write_readiness(assess_places(counted, TABLE, readiness_data()), tmp_path / "p.html")
    rows = table(tmp_path / "p.places.csv")
    assert [row["work_place"] for row in rows] == ["'=cmd|' /C calc'!A0", "b"]
    assert report_of(counts, TABLE, readiness_data()).first == ""


@pytest.mark.skipif(os.name == "nt", reason="names are UTF-16 there")
def test_names_in_big5_come_into_every_result(tmp_path: Path) -> None:
    folder = clinic(tmp_path / "clinic")
    big5 = Path(os.fsdecode(os.fsencode(folder) + b"/" + "急診".encode("cp950")))
    big5.mkdir()
    write_trace(big5 / "day.jsonl", day("csOpenCom"))
    with (big5 / "day.jsonl").open("ab") as stream:
        stream.write(b'{"call":')
    (big5 / "none.jsonl").write_bytes(b"")
    page = tmp_path / "page.html"
    assert judged(folder, "--html", page).exit_code == 3
    assert {row["work_place"] for row in table(tmp_path / "page.places.csv")} == {"er", "ward", "急診"}
    assert "急診/none.jsonl: no trace" in page.read_text(encoding="utf-8")
