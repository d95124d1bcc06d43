"""A data directory on a disk that is really full: calls go on, monitoring sees it, space mends it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.observe.observed_bridge import Observed
from tests.support.bridge_process import running_bridge

CHILD = "000099990001"
DISK_BYTES = 8_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of a few megabytes."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(mounted)]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        pytest.skip("there is no mount command")
    if done.returncode:
        pytest.skip("this user may not mount a small disk")
    yield mounted
    subprocess.run(["umount", "--lazy", str(mounted)], check=True)


def fill(disk: Path) -> Path:
    """Leave not one block free. Out: the file that fills it."""
    file = disk / "filling"
    with file.open("wb", buffering=0) as opened:
        try:
            while True:
                opened.write(os.urandom(65_536))
        except OSError:
            pass
        try:
            while True:
                opened.write(b"x")
        except OSError:
            return file


def test_calls_go_on_and_space_is_enough_to_mend_it(small_disk: Path) -> None:
    with running_bridge(small_disk) as bridge:
        observed = Observed(bridge)
        observed.read_virtual_card(CHILD)
        filling = fill(small_disk)
        for _ in range(1000):  # beyond what the journal's own file has room for, however many a commit holds
            assert observed.post("/VHC/VHChisGetBasicData") == 0
            told = observed.get("/healthz")
            if told.json()["status"] != "ok":
                break
        assert (told.status_code, told.json()["status"], told.json()["journal"]) == (
            200,
            "degraded",
            "failed",
        )
        assert "cshis_bridge_journal_ok 0.0" in observed.get("/metrics").text
        code, found = observed.doctor()
        assert (code, found["disk"]["status"], found["bridge"]["status"]) == (2, "broken", "warning")
        assert observed.post("/VHC/VHChisGetBasicData") == 0
        filling.unlink()
        assert observed.post("/VHC/VHChisGetBasicData") == 0
        assert "cshis_bridge_journal_ok 1.0" in observed.get("/metrics").text  # writes what waits first
        assert observed.get("/healthz").json()["status"] == "ok"
        code, found = observed.doctor()
        assert (found["journal"]["status"], found["bridge"]["status"]) == ("ok", "ok")
    log = bridge.log.read_text(encoding="utf-8")
    assert log.count("the journal can be written again") >= 1
