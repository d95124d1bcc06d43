"""A real ``cshis-bridge serve --simulate`` process on free ports, for the time of a with statement."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from bridge.sim.control.remote import Remote
from bridge.sim.errors import ControlError
from tests.support.table_watch import SEEN

ROOT = Path(__file__).resolve().parents[2]
FREE_PORTS = [f"--{name}-port=0" for name in ("facade", "legacy-http", "channel", "console", "cloud")]
STOP_SECONDS = 15
DOCTOR_PIN = "123456"


class WatchedRemote(Remote):
    """What the bridge asked is compared with the table before it is forgotten."""

    def clear_requests(self) -> None:
        """Note the requests, then forget them."""
        SEEN.note_all(self.requests())
        super().clear_requests()


@dataclass(frozen=True)
class Bridge:
    """A running bridge: its ready line, and the simulator behind it."""

    ready: dict[str, Any]
    sim: Remote
    log: Path

    @property
    def config(self) -> Path:
        """The settings with which another process reaches the same console and cloud."""
        return Path(self.ready["config"])

    @cached_property
    def console_ca(self) -> ssl.SSLContext:
        """Made once: reading certificates takes longer than a call."""
        settings = tomllib.loads(self.config.read_text(encoding="utf-8"))
        return ssl.create_default_context(cafile=settings["console"]["ca_file"])

    def ask_console(self, method: str, path: str, body: dict[str, Any] | None = None) -> int:
        """What the person at the desk does in the console's own window. Out: the console's status code."""
        with httpx.Client(verify=self.console_ca, trust_env=False, base_url=self.ready["console"]) as client:
            return int(client.request(method, path, json=body).json()["statusCode"])

    def verify_doctor(self) -> None:
        """The doctor types the PIN; the console must be open and the SAM verified."""
        assert self.ask_console("POST", "/api/hpc/v1/Verification/Hpc", {"pin": DOCTOR_PIN}) == 0

    def import_sam(self) -> None:
        """The console, which must be open, gets a second cloud SAM: none stands in for a port then."""
        sam = {"samId": "901000000047", "hospitalId": "7777777777", "cloudSamContext": "AAAA"}
        assert self.ask_console("POST", "/api/settings/v1/CloudSam", sam) == 0

    def start_anew(self) -> None:
        """Bring the simulators into their start state, with nothing in the journal of their requests."""
        self.sim.reset()
        self.sim.clear_requests()

    def changes(self) -> list[str]:
        """The cloud paths that were asked since the request journal was cleared."""
        return [entry["path"] for entry in self.sim.requests() if entry["service"] == "cloud"]


def clean_environment(**further: str) -> dict[str, str]:
    """This process's environment without the settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CSHIS_BRIDGE")}
    return {**kept, **further}


@contextmanager
def running_bridge(data_dir: Path, settings: str = "", *options: str) -> Iterator[Bridge]:
    """Start the bridge with its simulators; ``settings`` is the content of a settings file (TOML),
    ``options`` are further ones of the command.
    """
    command = [
        sys.executable,
        "-m",
        "bridge",
        "serve",
        "--simulate",
        "--data-dir",
        str(data_dir),
        "--log-level",
        os.environ.get("TEST_LOG_LEVEL", "INFO"),
        *FREE_PORTS,
        *options,
    ]
    if settings:
        file = data_dir / "given.toml"
        file.write_text(settings, encoding="utf-8")
        command += ["--config", str(file)]
    log = data_dir / "bridge.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=written, cwd=ROOT, env=clean_environment()
        )
    sim = WatchedRemote(data_dir)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the bridge did not start:\n{log.read_text(encoding='utf-8')}"
        yield Bridge(json.loads(line), sim, log)
    finally:
        with suppress(ControlError):  # a test may have ended it
            SEEN.note_all(sim.requests())
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(timeout=STOP_SECONDS) == 0


@contextmanager
def _without_fault(data_dir: Path, settings: str) -> Iterator[Bridge]:
    """A running bridge. Whatever it was asked: when it has ended, its log tells of no fault of its own."""
    with running_bridge(data_dir, settings) as running:
        yield running
    _, fault, what = running.log.read_text(encoding="utf-8").partition("Traceback")
    assert not fault, f"the bridge met a fault of its own:\n{what[:6000]}"


class Bridges:
    """Running bridges, one for each content of the settings file: started when it is first asked for, stopped
    with the session. ``make_folder`` makes a new data directory, ``ends`` stops them.
    """

    def __init__(self, make_folder: Callable[[], Path], ends: ExitStack) -> None:
        self._make_folder = make_folder
        self._ends = ends
        self._running: dict[str, Bridge] = {}

    def with_settings(self, settings: str = "") -> Bridge:
        """The one bridge with these settings (TOML), in whatever state the last test left it."""
        if settings not in self._running:
            started = self._ends.enter_context(_without_fault(self._make_folder(), settings))
            self._running[settings] = started
        return self._running[settings]
