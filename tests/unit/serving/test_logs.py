"""Where the log goes, above all where nobody sees a standard error."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge.config import LogSettings
from bridge.errors import ConfigError
from bridge.serving.logs import start_log


@contextmanager
def alone() -> Iterator[None]:
    """Without the test runner's own handlers; ours are taken down at the end."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    try:
        yield
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = handlers
        root.setLevel(level)


def test_standard_error_is_the_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with alone():
        assert start_log(LogSettings(level="info"), tmp_path) is None
        logging.getLogger("bridge").info("here")
    assert "INFO bridge: here" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_one_a_file_in_the_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with alone():
        file = start_log(LogSettings(), tmp_path / "data")
        logging.getLogger("bridge").info("健保卡")
    assert file == tmp_path / "data" / "cshis-bridge.log"
    assert file.read_text(encoding="utf-8").endswith("INFO bridge: 健保卡\n")


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with alone(), pytest.raises(ConfigError, match=r"log file .* cannot be written"):
        start_log(LogSettings(file=tmp_path / "file" / "bridge.log"), tmp_path)


# --- the command without standard output and error, as pythonw starts it ------------------------------------

WITHOUT_STREAMS = "import sys; sys.stdout = sys.stderr = None; from bridge.cli.main import main; main()"


def started(data_dir: Path, *further: str) -> subprocess.Popen[bytes]:
    ports = [f"--{name}-port=0" for name in ("facade", "legacy-http", "channel", "console", "cloud")]
    arguments = ["serve", "--simulate", *ports, "--data-dir", str(data_dir), *further]
    environment = {**os.environ, "CSHIS_BRIDGE_CONFIG": ""}
    return subprocess.Popen([sys.executable, "-c", WITHOUT_STREAMS, *arguments], env=environment)


def wait_for(process: subprocess.Popen[bytes], file: Path) -> None:
    for _ in range(400):
        if file.exists():
            return
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail(f"the bridge ended with {process.returncode}")
    pytest.fail("the bridge did not start in 20 seconds")


def test_the_bridge_runs_without_streams(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        try:
            wait_for(process, tmp_path / "running.toml")
            assert "control" in json.loads((tmp_path / "sim.json").read_text(encoding="utf-8"))
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode == 0
    assert "stopping" in (tmp_path / "cshis-bridge.log").read_text(encoding="utf-8")


def test_a_bridge_that_cannot_start_says_why_in_its_log(tmp_path: Path) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text("[channel]\nprot = 1\n", encoding="utf-8")
    with started(tmp_path, "--config", str(settings)) as process:
        assert process.wait(20) == 1
    assert "channel.prot" in (tmp_path / "cshis-bridge.log").read_text(encoding="utf-8")
