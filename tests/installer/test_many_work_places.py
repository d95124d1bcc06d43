"""Traces of many work places, judged, masked and replayed by several processes of the installed bridge."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from benchmarks.hospital import write_hospital
from bridge.trace.reading import read_trace
from tests.installer.conftest import Package
from tests.installer.windows import Windows

PLACES = 3


@pytest.fixture(scope="module")
def hospital(windows: Windows, package: Package) -> Windows:
    if not windows.folder.exists():
        assert windows.msiexec("/i", package.msi) == 0
    write_hospital(windows.drive / "hospital", calls=300, places=PLACES)
    return windows


def said(windows: Windows, *words: str) -> str:
    """What a command with two workers says that succeeds."""
    program = windows.run(Path(windows.folder, "python.exe"), "-m", "bridge", *words, "--workers", "2")
    assert program.wait(240) == 0, program.text
    return program.text


def test_one_report_of_all(hospital: Windows) -> None:
    text = said(hospital, "--lang", "en", "readiness", r"C:\hospital")
    assert f"Work places 工作站: {PLACES}" in text
    assert len(list((hospital.drive / "hospital.parts" / "readiness").iterdir())) == PLACES


def test_each_is_masked(hospital: Windows) -> None:
    said(hospital, "trace", "mask", r"C:\hospital", r"C:\masked")
    calls = [
        [len(read_trace(file).calls) for file in sorted((hospital.drive / name).glob("*.jsonl"))]
        for name in ("hospital", "masked")
    ]
    assert calls[0] == calls[1]
    assert sum(calls[0]) >= 300
    assert not (hospital.drive / "masked.parts").exists()


def test_each_is_replayed(hospital: Windows) -> None:
    said(hospital, "replay", r"C:\hospital", "--simulate", "--json", r"C:\report.json")
    report = json.loads((hospital.drive / "report.json").read_text(encoding="utf-8"))
    assert [place["name"] for place in report["places"]] == [f"HIS-00{n}" for n in range(1, PLACES + 1)]
    assert report["counts"]["compared"] == report["counts"]["calls"] >= 300
    assert (report["counts"]["different"], report["interrupted"]) == (0, False)


def workers_of(windows: Windows) -> list[psutil.Process]:
    """The processes that do parts, as Linux sees them."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = process.cmdline()
            if any("multiprocessing-fork" in word for word in words) and (
                process.environ().get("WINEPREFIX") == str(windows.drive.parent)
            ):
                found.append(process)
    return found


def test_a_worker_that_is_ended_costs_its_work_place_a_second_attempt(hospital: Windows) -> None:
    write_hospital(hospital.drive / "month", calls=48_000, places=12)
    words = ("--lang", "en", "readiness", r"C:\month", "--workers", "1")
    program = hospital.run(Path(hospital.folder, "python.exe"), "-m", "bridge", *words)
    kept = hospital.drive / "month.parts" / "readiness"
    until = time.monotonic() + 120
    while not list(kept.glob("*.json")):
        assert time.monotonic() < until, program.text
        time.sleep(0.005)
    (worker,) = workers_of(hospital)
    worker.kill()
    assert program.wait(240) == 0, program.text
    assert program.text.count("its worker died; done a second time") == 1
    assert "Work places 工作站: 12" in program.text
