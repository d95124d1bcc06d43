"""Real bridge processes over upstreams of this test, to be killed and started again; and their callers."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from bridge.calls.call import Argument, File, OutBuffer
from bridge.sim.world import World
from bridge.table.codegen.abi import slots
from bridge.table.loader import default_table
from tests.faults.proxy import LOOPBACK
from tests.faults.rig import Upstreams
from tests.support.bridge_process import FREE_PORTS, ROOT, clean_environment
from tests.support.good_calls import GOOD
from tests.support.legacy_routes import ChannelRoute, Value

START_SECONDS = 30
STOP_SECONDS = 15
PATIENT = {"connect_timeout": 2.0, "read_timeout": 20.0}


@dataclass
class BridgeProcess:
    """A bridge over simulators elsewhere. ``kill`` is SIGKILL; ``start`` takes the same port and data."""

    data_dir: Path
    settings: Path
    prefix: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None
    ready: dict[str, Any] | None = None
    channel_port: int = 0
    log_file: Path | None = None
    options: Sequence[str] = ()

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.channel_port}"

    @property
    def log(self) -> Path:
        return self.log_file or self.data_dir / "bridge.log"

    def start(self) -> None:
        ports = [port for port in FREE_PORTS if not port.startswith("--channel")]
        command = [
            *(*self.prefix, sys.executable, "-m", "bridge", "serve"),
            *("--data-dir", str(self.data_dir)),
            *("--config", str(self.settings)),
            *(*ports, f"--channel-port={self.channel_port}", *self.options),
        ]
        with self.log.open("ab") as written:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=written, cwd=ROOT, env=clean_environment()
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the bridge did not start:\n{self.log.read_text(encoding='utf-8')}"
        self.ready = json.loads(line)
        self.channel_port = int(str(self.ready["channel"]).rpartition(":")[2])

    def kill(self) -> None:
        """As a crash of the machine's power supply would, but for the disk."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def _end(self, number: int) -> int:
        process = self.process
        if process is None:
            return 0
        self.process = None
        process.send_signal(number)
        assert process.stdout is not None
        process.stdout.close()
        return process.wait(timeout=STOP_SECONDS)

    @property
    def open_files(self) -> int:
        assert self.process is not None
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    @property
    def threads(self) -> int:
        assert self.process is not None
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def intents(self) -> list[Intent]:
        """What the journal says of changes, also of a bridge that was killed."""
        file = self.data_dir / "journal.sqlite3"
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT function, client_random, state, advice FROM intents ORDER BY id")
            return [Intent(*row) for row in rows]

    def told(self) -> list[dict[str, Any]]:
        """What ``cshis-bridge journal pending`` tells a person."""
        command = [
            sys.executable,
            "-m",
            "bridge",
            "journal",
            "pending",
            "--data-dir",
            str(self.data_dir),
            "--json",
        ]
        ended = subprocess.run(command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True)
        assert ended.returncode in (0, 1), ended.stderr
        return list(json.loads(ended.stdout))


@dataclass(frozen=True)
class Intent:
    function: str
    random: str
    state: str
    advice: str


def write_settings(
    folder: Path, upstreams: Upstreams, times: Mapping[str, float] = PATIENT, **more: Any
) -> Path:
    """Settings that lead to the proxies, with the PINs of the invented people."""
    trusted = {"ca_file": str(upstreams.ca_file), **times}
    doctor = next(iter(upstreams.world.practitioners.values()))
    pins = {"hc": "246810", "new_hc": "246810", "hpc": doctor.pin, "new_hpc": doctor.pin, "puk": doctor.puk}
    content = {
        "console": {"url": upstreams.proxies["console"].url, **trusted},
        "cloud": {"url": upstreams.proxies["cloud"].url, **trusted},
        "upload": {"centre": {"url": f"{upstreams.proxies['centre'].url}/V2000/", **trusted}},
        "pin": {"provider": "fixed", "fixed": pins},
        **more,
    }
    file = folder / "given.toml"
    file.write_text(tomli_w.dumps(content), encoding="utf-8")
    return file


@asynccontextmanager
async def running(
    folder: Path,
    upstreams: Upstreams,
    times: Mapping[str, float] = PATIENT,
    options: Sequence[str] = (),
    **more: Any,
) -> AsyncIterator[BridgeProcess]:
    """A bridge process; at the end it is killed if it still runs. ``more``: further settings."""
    data_dir = folder / "bridge"
    data_dir.mkdir()
    bridge = BridgeProcess(data_dir, write_settings(folder, upstreams, times, **more), options=options)
    await asyncio.to_thread(bridge.start)
    try:
        yield bridge
    finally:
        await asyncio.to_thread(bridge.kill)


def for_channel(name: str, given: Mapping[str, Argument], folder: Path) -> dict[str, Value]:
    """The arguments of an engine's call as a caller of the library gives them."""
    table = default_table()
    kinds = {slot.name: slot.kind for slot in slots(table, table.functions[name])}
    found: dict[str, Value] = {}
    for argument, value in given.items():
        match value:
            case OutBuffer(capacity) if kinds[argument] == "record":
                found[argument] = capacity
            case OutBuffer():
                pass
            case File(_, bytes(content)):
                path = folder / "a.xml"
                path.write_bytes(content)
                found[argument] = str(path).encode("cp950")
            case bytes() | int():
                found[argument] = value
    return found


def ask(address: str, name: str, arguments: Mapping[str, Value]) -> int | None:
    """One call over a connection of its own. Out: its code, None where the bridge went away."""
    with suppress(OSError, AssertionError), ChannelRoute(address) as route:
        return route.call(name, **arguments)[0]
    return None


def good_call(name: str, world: World, folder: Path) -> dict[str, Value]:
    return for_channel(name, GOOD[name](world), folder)
