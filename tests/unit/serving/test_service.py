"""Who has started the process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.serving.service import runs_as_service
from tests.support.bridge_process import FREE_PORTS, ROOT, clean_environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="systemd")
OWN = str(os.getpid())


@pytest.mark.parametrize(
    ("environment", "service"),
    [
        ({}, False),
        ({"SYSTEMD_EXEC_PID": OWN}, True),
        ({"SYSTEMD_EXEC_PID": OWN, "MANAGERPID": "99"}, False),  # a unit of the user's own
        ({"SYSTEMD_EXEC_PID": "1"}, False),  # inherited from whoever started a shell
    ],
)
def test_what_systemd_says(environment: dict[str, str], service: bool) -> None:
    assert runs_as_service(environment) == service


def serve(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bridge", "serve", "--data-dir", str(folder), *FREE_PORTS, *options]
    return subprocess.Popen(
        command, cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_service_without_a_token_does_not_start(tmp_path: Path) -> None:
    with serve(tmp_path, "--service") as process:
        out, said = process.communicate(timeout=60)
    assert (process.returncode, out, len(said.splitlines())) == (1, "", 1)
    assert "channel.token_file" in said
    assert list(tmp_path.iterdir()) == []


def test_a_service_with_a_token_starts(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'channel.token_file = "{tmp_path}/token"\n')
    with serve(tmp_path, "--service") as process:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        process.terminate()
    assert (tmp_path / "token").exists()
