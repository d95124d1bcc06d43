"""Replaying many work places: one report of all, with a part for each."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from benchmarks.hospital import write_hospital
from bridge.cli.main import main
from bridge.trace.reading import read_trace


def hospital(folder: Path) -> Path:
    """Two work places; at the second one a code was recorded that the simulators do not give."""
    write_hospital(folder / "flat", calls=36, places=2)
    for number, name in ((1, "ward"), (2, "er")):
        place = folder / "clinic" / name
        place.mkdir(parents=True)
        data = (folder / "flat" / f"HIS-00{number}.jsonl").read_bytes()
        if name == "er":
            data = data.replace(
                b'"function":"csCloseCom","in":{},"code":0', b'"function":"csCloseCom","in":{},"code":9'
            )
        (place / "day.jsonl").write_bytes(data)
    return folder / "clinic"


def calls_in(place: Path) -> int:
    return len(read_trace(place).calls)


def replayed(folder: Path, *arguments: object) -> tuple[Result, dict[str, Any]]:
    out = folder.parent / "report.json"
    command = ["replay", str(folder), "--simulate", "--json", str(out), *map(str, arguments)]
    done = CliRunner().invoke(main, command)
    return done, json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}


def test_a_part_for_each_work_place(tmp_path: Path) -> None:
    page, clinic = tmp_path / "report.html", hospital(tmp_path)
    done, report = replayed(clinic, "--report", page, "--workers", 2)
    assert done.exit_code == 1, done.output
    places = {place["name"]: place for place in report["places"]}
    assert list(places) == ["er", "ward"]
    assert {name: place["calls"] for name, place in places.items()} == {
        name: calls_in(clinic / name) for name in ("er", "ward")
    }
    closed = sum(call.function == "csCloseCom" for call in read_trace(clinic / "er").calls)
    assert (places["er"]["different"], places["ward"]["different"]) == (closed, 0)
    for key in ("calls", "same", "expected", "different", "not_replayed"):
        assert sum(place[key] for place in places.values()) == report["counts"][key]
    groups = [group for group in report["groups"] if group["verdict"] == "different"]
    (codes,) = [group for group in groups if group["kind"] == "code"]
    assert {example["work_place"] for example in codes["examples"]} == {"er"}
    expected = [group for group in report["groups"] if group["verdict"] == "expected"]
    assert {"er", "ward"} in [{example["work_place"] for example in group["examples"]} for group in expected]
    text = page.read_text(encoding="utf-8")
    assert "<td>ward</td>" in text
    assert "er: Call " in text
    with (tmp_path / "report.places.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [row["work_place"] for row in csv.DictReader(stream)] == ["er", "ward"]
    assert not (tmp_path / "clinic.parts").exists()


def test_what_cannot_be_read_is_named_and_the_others_are_replayed(tmp_path: Path) -> None:
    clinic = hospital(tmp_path)
    (clinic / "ward" / "newer.jsonl").write_text('{"trace":2}\n', encoding="utf-8")
    with (clinic / "er" / "day.jsonl").open("ab") as stream:
        stream.write(b'{"trace":2}\n')
    done, report = replayed(clinic)
    assert done.exit_code == 1
    assert len(report["left_out"]) == 2
    assert "newer.jsonl, line 1: version 2" in report["left_out"][0]
    assert report["left_out"][1].startswith("er: ")
    assert done.stderr.count("Left out: ") == 2
    assert [place["name"] for place in report["places"]] == ["ward"]
    assert report["counts"]["calls"] == calls_in(tmp_path / "flat" / "HIS-001.jsonl")


def test_one_work_place_has_no_parts_of_the_report(tmp_path: Path) -> None:
    clinic = hospital(tmp_path)
    _, report = replayed(clinic / "ward")
    assert report["counts"]["calls"] == calls_in(clinic / "ward")
    assert report["places"] == report["left_out"] == []
    assert not (tmp_path / "clinic" / "ward.parts").exists()
