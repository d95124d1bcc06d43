"""Processes of the bridge that serve the portal's paths, for the time of a with statement."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.bridge_process import ROOT, clean_environment

STOP_SECONDS = 30


@dataclass(frozen=True)
class Running:
    """A running process, its ready line and its log."""

    process: subprocess.Popen[bytes]
    ready: dict[str, Any]
    log: Path

    @property
    def text(self) -> str:
        return self.log.read_text(encoding="utf-8")


@contextmanager
def started(
    directory: Path, settings: str, command: str, *options: str, ends_with: int = 0
) -> Iterator[Running]:
    """``cshis-bridge COMMAND`` with a settings file of this content."""
    config, log = directory / "settings.toml", directory / "log.txt"
    config.write_text(settings, encoding="utf-8")
    config.chmod(0o600)
    words = [sys.executable, "-m", "bridge", command, "--config", str(config)]
    words += ["--data-dir", str(directory / "data"), *options]
    with log.open("wb") as written:
        process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=written, cwd=ROOT, env=clean_environment()
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, log.read_text(encoding="utf-8")
        yield Running(process, json.loads(line), log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        try:
            code = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert code == ends_with
    assert "Traceback" not in log.read_text(encoding="utf-8"), log.read_text(encoding="utf-8")


@contextmanager
def bridge_for(portal: str, directory: Path, further: str = "") -> Iterator[Running]:
    """The whole bridge, whose console nobody asks."""
    settings = f"""
[console]
several_bridges = true

[bhyt]
url = "{portal}"
serve = true
{further}
"""
    with started(
        directory, settings, "serve", "--facade-port=0", "--legacy-http-port=0", "--channel-port=0"
    ) as running:
        yield running


@contextmanager
def gateway_for(
    portal: str, directory: Path, further: str = "", *options: str, ends_with: int = 0
) -> Iterator[Running]:
    """The gateway on two workers."""
    settings = f"""
[bhyt]
url = "{portal}"
serve = true
{further}
"""
    with started(
        directory, settings, "serve-bhyt", "--port=0", "--workers=2", *options, ends_with=ends_with
    ) as running:
        yield running
