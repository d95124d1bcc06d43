"""A migration from end to end: recorded before a stand-in for the official DLL, masked, judged, replayed.

The commands are those that an engineer gives; what they print and write is what is looked at.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bridge.trace.reading import read_trace
from tests.support.bridge_process import ROOT, Bridge, clean_environment
from tests.support.hosts.driver import room, short
from tests.support.wine import Wine
from tests.windows.conftest import Build
from tests.windows.recording import Recording, answers, install
from tests.windows.test_recorder import driver

PERSON = ("Z299999929", "測試十", "000073898381", "0920315", "C123456789", "測試醫師")
# What the switches of the stand-in (hosts/original.c) make different from 6.0, and as what it is to be found.
SWITCHES = "order blanks code oldest"
PLANTED = {
    "hisGetRegisterBasic": {"value", "field_order", "moved"},
    "hisGetTreatmentNoNeedHPC": {"blanks_zeros"},
    "hisGetLastSeqNum": {"code"},
}
THREADS_TRACE_BYTES = 600_000  # of some ten megabytes a second


def command(*words: str | Path, codes: tuple[int, ...] = (0,)) -> str:
    """A command of the bridge. Out: what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "bridge", *map(str, words)],
        cwd=ROOT,
        env=clean_environment(),
        timeout=120,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in codes, done.stdout + done.stderr
    return done.stdout + done.stderr


@dataclass
class Migration:
    """A recorded program, and what becomes of its trace."""

    recording: Recording
    folder: Path

    def mask(self) -> Path:
        """Mask what was recorded; nobody of it may remain."""
        masked = self.folder / "masked"
        command("trace", "mask", self.recording.traces, masked)
        calls = read_trace(masked).calls
        values = [value for call in calls for value in (*call.given.values(), *call.answer.after.values())]
        texts = [value for value in values if isinstance(value, bytes)]
        assert texts
        for who in PERSON:
            assert not [text for text in texts if who.encode("cp950") in text]
        return masked

    def replay(self, trace: Path, how: str = "--simulate") -> dict[str, Any]:
        """Replay a trace, in a world of its own. Out: the report."""
        file = self.folder / "report.json"
        page = self.folder / "report.html"
        command("replay", trace, how, "--json", file, "--report", page, "--quiet", codes=(0, 1))
        assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
        return dict(json.loads(file.read_text(encoding="utf-8")))


def found(report: dict[str, Any], verdict: str = "different") -> dict[str, set[str]]:
    """The kinds of differences by function."""
    kinds: dict[str, set[str]] = {}
    for group in report["groups"]:
        if group["verdict"] == verdict:
            kinds.setdefault(group["function"], set()).add(group["kind"])
    return kinds


@pytest.fixture
def migration(windows: Wine, recorder: Path, original: Path, tmp_path: Path) -> Migration:
    """The recorder before the stand-in."""
    return Migration(install(windows, tmp_path / "HIS", recorder, original), tmp_path)


def test_nothing_differs_where_the_old_software_answers_as_6_0(
    migration: Migration, build_program: Build, upload: str
) -> None:
    """Every export by a VB6-like program; the stand-in without switches."""
    migration.recording.run(build_program("vb6.c"), upload)
    masked = migration.mask()
    report = migration.replay(masked)
    assert found(report) == {}
    assert report["masked"]
    assert report["counts"]["calls"] == len(migration.recording.trace().calls)
    assert [each["calls"] for each in report["not_replayed"]] == [2]  # the uploads
    page = migration.folder / "ready.html"
    said = command("readiness", masked, "--html", page, codes=(1,))
    assert "1.21 is not offered any more" in said
    assert "dirty scalar" in said
    assert "1.21 不再支援" in page.read_text(encoding="utf-8")


def test_planted_differences_are_found_and_no_others(
    migration: Migration, build_program: Build, upload: str
) -> None:
    migration.recording.try_to_run(build_program("vb6.c"), upload, CSHIS_STANDIN=SWITCHES)
    report = migration.replay(migration.mask())
    differences = found(report)
    assert differences.keys() == PLANTED.keys()
    assert {name for name, kinds in differences.items() if not kinds <= PLANTED[name]} == set()
    assert found(report, "expected")["hisGetTreatmentNoNeedHPC"] >= {"rows_order"}


def test_eight_threads(migration: Migration, build_program: Build) -> None:
    """Only the beginning of the trace is used; its last line is cut off in the middle.

    A fast machine writes more than one part (64 MB) in the program's second.
    """
    migration.recording.run(build_program("threads.c"), "1", seconds=120, CSHIS_STANDIN="order nopin")
    first, *further = migration.recording.files()
    for part in further:
        part.unlink()
    with first.open("r+b") as opened:
        opened.truncate(THREADS_TRACE_BYTES)
    masked = migration.mask()
    calls = read_trace(masked).calls
    report = migration.replay(masked)
    assert (
        len({call.thread for call in calls}) > 1
    )  # how many come to be in so few bytes is the machine's affair
    assert found(report).keys() == {"hisGetRegisterBasic"}
    planted = [call for call in calls if call.function == "hisGetRegisterBasic"]
    assert {group["calls"] for group in report["groups"]} == {len(planted)}


def test_live_comparison(migration: Migration, driver_program: Path, bridge: Bridge) -> None:
    """The bridge is asked beside the stand-in; the report is made of its answers, and nobody is called."""
    migration.recording.settings["MODE"] = "compare"
    env = {"CSHIS_BRIDGE": bridge.ready["channel"], "CSHIS_STANDIN": "order blanks"}
    with driver(migration.recording, driver_program, **env) as program:
        for name, width in (("hisGetBasicData", 72), ("hisGetRegisterBasic", 78), ("csGetHospID", 10)):
            assert program.call(name, room(width), short(width)).code == 0
        migration.recording.wait_until(answers(3))
    bridge.sim.clear_requests()
    report = migration.replay(migration.recording.traces, "--recorded")
    assert bridge.sim.requests() == []
    assert not report["masked"]
    assert found(report).keys() == {"hisGetRegisterBasic"}
    assert report["counts"]["same"] == 2
