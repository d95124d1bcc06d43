"""What systemd is told (Type=notify)."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.serving.notify import PLACE, READY, STOPPING, notify
from tests.support.bridge_process import FREE_PORTS, ROOT, clean_environment

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="systemd")


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """Its socket, and the name that it gives to services."""
    name = f"{tmp_path}/notify" if request.param == "path" else f"@{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(name.replace("@", "\0"))
        listening.settimeout(60)
        yield listening, name


def test_ready_when_all_listens_and_stopping_when_asked_to(
    systemd: tuple[socket.socket, str], tmp_path: Path
) -> None:
    listening, name = systemd
    command = [
        sys.executable,
        "-m",
        "bridge",
        "serve",
        "--simulate",
        "--data-dir",
        str(tmp_path),
        *FREE_PORTS,
    ]
    with subprocess.Popen(
        command, cwd=ROOT, env=clean_environment(**{PLACE: name}), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert listening.recv(100).decode() == READY
        assert '"ready": true' in process.stdout.readline()
        os.kill(process.pid, signal.SIGTERM)
        assert listening.recv(100).decode() == STOPPING
        assert process.wait(30) == 0


def test_nobody_to_tell(caplog: pytest.LogCaptureFixture) -> None:
    notify(READY, {})
    notify(READY, {PLACE: ""})
    assert caplog.text == ""
    notify(STOPPING, {PLACE: "/nowhere/notify"})
    assert "systemd was not told STOPPING=1: No such file" in caplog.text
