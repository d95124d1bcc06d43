"""A data directory, or a folder in it, that cannot be written: `serve` says so in one sentence and ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.bridge_process import FREE_PORTS, ROOT, clean_environment

# The folder $1 of the data directory $2 becomes a read-only disk, for the command behind them alone.
MOUNTED = 'mount -t tmpfs -o ro,mode=700 tmpfs "$2/$1" && shift 2 && exec "$@"'


def _serve(data_dir: Path, read_only: str, *options: str) -> str:
    shell = ["unshare", "--mount", "--propagation", "private", "sh", "-c", MOUNTED, "sh"]
    try:
        permitted = subprocess.run([*shell, read_only, data_dir, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        permitted = False
    if not permitted:
        pytest.skip("no disk can be mounted here, which root may do")
    command = [sys.executable, "-m", "bridge", "serve", "--data-dir", data_dir, *FREE_PORTS, *options]
    done = subprocess.run(
        list(map(str, [*shell, read_only, data_dir, *command])), cwd=ROOT, env=clean_environment(),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("options", [(), ("--simulate",)], ids=["plain", "simulate"])
def test_the_data_directory(tmp_path: Path, options: tuple[str, ...]) -> None:
    said = _serve(tmp_path, ".", *options).splitlines()
    assert said == [
        f"Error: data_dir {tmp_path} cannot be written, and certificate, journal and running.toml belong "
        "there: give the bridge the right "
        "to write, or another directory: --data-dir, or CSHIS_BRIDGE_DATA_DIR"
    ]


@pytest.mark.parametrize(("folder", "options"), [("sim", ("--simulate",)), ("certificate", ())])
def test_a_folder_in_it(tmp_path: Path, folder: str, options: tuple[str, ...]) -> None:
    (tmp_path / folder).mkdir(mode=0o700)
    *_, last = _serve(tmp_path, folder, *options).splitlines()
    assert last.startswith("Error: ")
    assert str(tmp_path) in last
    assert "Read-only file system" in last
