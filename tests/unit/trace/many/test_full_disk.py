"""Work places on a disk that becomes full: a break, not the fault of one work place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.hospital import write_hospital
from tests.support.full_disk import on_a_small_disk


@pytest.mark.parametrize(
    ("command", "size"),
    [
        (["mask", "{traces}", "{disk}/out"], "1200k"),
        (["export", "{traces}", "--parquet", "{disk}/out"], "150k"),
    ],
)
def test_a_full_disk_is_a_break_and_the_rest_is_done_when_there_is_room(
    tmp_path: Path, command: list[str], size: str
) -> None:
    write_hospital(tmp_path / "traces", calls=3_000, places=6)
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    disk.mkdir()
    texts = [each.format(traces=tmp_path / "traces", disk=disk) for each in command]
    # the shell looks at the disk before it is gone
    look = f'"$@"; code=$?; ls -A "{disk}" >&2; cp -r "{disk}/out.parts" "{kept}"; exit $code'
    ran = subprocess.run(
        [*on_a_small_disk(disk, size), "sh", "-c", look, "sh",
         sys.executable, "-m", "bridge", "trace", *texts, "--workers", "1"],
        capture_output=True, text=True, check=False, env={**os.environ, "CSHIS_BRIDGE_LANGUAGE": "en"},
    )  # fmt: skip
    assert ran.returncode == 3, ran.stderr
    assert "No space left on device; what is finished is kept" in ran.stderr
    assert ran.stderr.splitlines()[-1] == "out.parts"
    assert len(list(kept.rglob("written/*.json"))) in range(1, 6)


def test_a_state_on_another_disk_than_a_full_one_leaves_nothing_there(tmp_path: Path) -> None:
    write_hospital(tmp_path / "traces", calls=600, places=2)
    disk = tmp_path / "disk"
    disk.mkdir()
    ran = subprocess.run(
        [*on_a_small_disk(disk, "100k"), "sh", "-c", f'"$@"; code=$?; ls -A "{disk}"; exit $code', "sh",
         sys.executable, "-m", "bridge", "trace", "mask", str(tmp_path / "traces"), str(disk / "out"),
         "--state", str(tmp_path / "state")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "No space left on device" in ran.stderr
    assert (tmp_path / "state" / "mask" / "masked").is_dir()
