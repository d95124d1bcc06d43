"""The caller in Go of tests/field, with the declaration for Windows: stdcall in 32 bits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.field.languages import (
    AFTER_CHECKS,
    GO_ON_WINDOWS,
    HABITS,
    WRITTEN,
    build_go,
    expected,
    make_unended,
)
from tests.support.bridge_process import Bridge
from tests.support.visit_steps import DEMO_CARD
from tests.support.wine import Wine, windows_path

NOBODY = "127.0.0.1:9"


@pytest.fixture(scope="session")
def caller(windows: Wine, work: Path) -> Path:
    architecture = {32: "386", 64: "amd64"}[windows.bits]
    program = work / windows.name / "caller.exe"
    program.parent.mkdir(exist_ok=True)
    return build_go(program, GO_ON_WINDOWS, GOOS="windows", GOARCH=architecture, CGO_ENABLED="0")


def test_every_habit(
    windows: Wine,
    caller: Path,
    library: Path,
    bridge: Bridge,
    environment: dict[str, str],
    tmp_path: Path,
    work: Path,
) -> None:
    (tmp_path / "up.xml").write_bytes(b"abc")
    file = windows_path(tmp_path / "up.xml")
    names = make_unended(work, windows_path)  # its own name is short
    habits = [habit for habit in HABITS if habit != "offline"]
    environment = {**environment, "UPLOAD_NAMES": names}
    done = windows.run(caller, windows_path(library), file, *habits, env=environment, encoding="utf-8")
    wanted = [line.replace("libcshis.so", "cshis.dll") for habit in habits for line in expected(habit)]
    assert (done.returncode, done.stderr, done.stdout.splitlines()) == (0, "", wanted)
    cloud = bridge.sim.stored(DEMO_CARD)
    assert [visit["after_check"] for visit in cloud["visits"] if visit["taken_here"]] == AFTER_CHECKS
    assert cloud["vaccinations"][0]["item"] == WRITTEN


def test_without_a_bridge(windows: Wine, caller: Path, library: Path) -> None:
    done = windows.run(caller, windows_path(library), "-", "offline", env={"CSHIS_BRIDGE": NOBODY})
    assert (done.returncode, done.stdout.splitlines()) == (0, expected("offline"))
