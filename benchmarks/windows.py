"""The installed bridge under Wine beside the bridge on Linux: installing, starting, memory, calls.

Both work with the same upstreams and are called by the same program on Linux, in turn. What Wine itself takes
shows in a bare Python's start and in the time of its server, which does for all programs what on Windows the
kernel does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

import bridge
from benchmarks.builds import ROOT, Build, this_build
from benchmarks.figures import Figure, beside
from benchmarks.native_programs import shim_calls
from benchmarks.playback import Playback, playback
from benchmarks.processes import processor_seconds, pss_mib, whole_processor_seconds
from benchmarks.under_test import FREE_PORTS
from native.build import CLIENT
from tests.installer.windows import Windows
from tests.support.wine import windows_path

MSI = ROOT / "build" / "installer" / f"cshis-bridge-{bridge.__version__}.msi"
TURNS = 5
START_GOAL = 2.5
CALLS = {"csGetVersionEx": 3_000, "hisGetBasicData": 300}
UP = "up"
BARE = f"import sys; print('{UP}', flush=True); sys.stdin.read()"


@dataclass(frozen=True)
class Side:
    """A bridge that has just become ready. Seconds: until then, by the clock and of processor time."""

    pid: int
    channel: str
    seconds: float
    processor: float


def windows(folder: Path) -> list[Figure]:
    """All figures. In: an empty folder. Raises FileNotFoundError where `make installer` has made no MSI."""
    if not MSI.is_file():
        raise FileNotFoundError(f"{MSI}: make installer makes it")
    home = Windows(folder / "home")
    with playback(folder) as upstreams:
        try:
            home.make()
            return [*_from_double_click(home, upstreams, folder), *_beside_linux(home, upstreams, folder)]
        finally:
            home.stop()


def _from_double_click(home: Windows, upstreams: Playback, folder: Path) -> list[Figure]:
    """Once: a PC is installed once."""
    begun = time.monotonic()
    if home.msiexec("/i", MSI, "START=none") != 0:
        raise RuntimeError("msiexec did not install it")
    installed = time.monotonic() - begun
    with _on_windows(home, upstreams, folder / "first") as side:
        _call("hisGetBasicData", side, folder / "first", 1)
        read = time.monotonic() - begun
    return [
        Figure("Windows: msiexec until it has installed", installed, "s"),
        Figure("… until the bridge, started then, has read a card", read, "s"),
    ]


def _beside_linux(home: Windows, upstreams: Playback, folder: Path) -> list[Figure]:
    linux: list[dict[str, float]] = []
    wine: list[dict[str, float]] = []
    for turn in range(TURNS):
        with _on_linux(this_build(), upstreams, folder / f"linux{turn}") as side:
            linux.append(_measured(side, folder / f"linux{turn}"))
        linux[-1]["bare"] = _bare_on_linux()
        before = _server_seconds(folder / "home")
        with _on_windows(home, upstreams, folder / f"wine{turn}") as side:
            served = _server_seconds(folder / "home") - before
            wine.append(_measured(side, folder / f"wine{turn}") | {"server": served})
        wine[-1]["bare"] = _bare_on_windows(home)
        print(f"windows: {linux[-1]} {wine[-1]}", file=sys.stderr)

    def figure(name: str, key: str, unit: str, goal: float | None = None) -> Figure:
        return beside(name, [each[key] for each in linux], [each[key] for each in wine], unit, goal)

    return [
        figure("start to ready, processor time, s", "processor", "times", START_GOAL),
        figure("… by the clock, s", "seconds", "times"),
        figure("… a bare Python's start, processor time, s", "bare", "times"),
        beside("… Wine's server meanwhile, s", [0.0] * TURNS, [each["server"] for each in wine], "s"),
        figure("at rest, PSS, MiB", "memory", "times"),
        *(figure(f"{name} with one caller, p50, µs", name, "times") for name in CALLS),
    ]


def _measured(side: Side, folder: Path) -> dict[str, float]:
    found = {"processor": side.processor, "seconds": side.seconds, "memory": pss_mib(side.pid)}
    return found | {name: _call(name, side, folder, calls) for name, calls in CALLS.items()}


def _call(name: str, side: Side, folder: Path, calls: int) -> float:
    """Median in microseconds, as a program on Linux sees it. Raises RuntimeError where calls fail."""
    env = {"CSHIS_BRIDGE": side.channel, "CSHIS_BRIDGE_TOKEN_FILE": str(folder / "token")}
    took = shim_calls(this_build().library(CLIENT), name, env, calls=calls, warm_up=min(calls, 50))
    if took.failures:
        raise RuntimeError(f"{name}: {took.failures} of {took.calls} calls gave {took.last_code}")
    return took.p50_us


# --- both kinds of bridge -----------------------------------------------------------------------------------


@contextmanager
def _on_linux(build: Build, upstreams: Playback, folder: Path) -> Iterator[Side]:
    command = [str(build.python), "-m", "bridge", "serve", *_options(upstreams, folder, str)]
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=build.root) as process:
        try:
            assert process.stdout is not None
            yield _ready(process.pid, json.loads(process.stdout.readline()), begun)
        finally:
            process.terminate()


@contextmanager
def _on_windows(home: Windows, upstreams: Playback, folder: Path) -> Iterator[Side]:
    options = _options(upstreams, folder, lambda place: windows_path(Path(place)))
    begun = time.monotonic()
    program, ready = home.serve(*options)
    try:
        yield _ready(program.process.pid, ready, begun)
        home.command("stop", "--data-dir", windows_path(folder / "data"))
        program.wait(60)
    finally:
        program.process.kill()


def _ready(pid: int, ready: dict[str, Any], begun: float) -> Side:
    seconds = time.monotonic() - begun
    return Side(pid, str(ready["channel"]), seconds, whole_processor_seconds(pid))


def _options(upstreams: Playback, folder: Path, place: Callable[[str], str]) -> list[str]:
    """Settings and options of a bridge. ``place``: how it names a path of this machine. The token stands for
    the question whose a port is, which under Wine nobody can answer.
    """
    folder.mkdir()
    settings: dict[str, dict[str, Any]] = {
        name: {key: place(value) if key == "ca_file" else value for key, value in section.items()}
        for name, section in upstreams.settings.items()
    }
    settings["channel"] = {"token_file": place(str(folder / "token"))}
    config = folder / "bench.toml"
    config.write_text(tomli_w.dumps(settings), encoding="utf-8")
    files = {"config": config, "data-dir": folder / "data", "log-file": folder / "bridge.log"}
    return [*FREE_PORTS, *(word for name, file in files.items() for word in (f"--{name}", place(str(file))))]


def _bare_on_linux() -> float:
    command = [sys.executable, "-I", "-c", BARE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        return processor_seconds(process.pid)


def _bare_on_windows(home: Windows) -> float:
    program = home.run(home.folder / "python.exe", "-I", "-c", BARE, given=b"")
    program.wait_for(UP, 60)
    used = processor_seconds(program.process.pid)
    program.process.kill()
    return used


def _server_seconds(home: Path) -> float:
    """Processor time so far of the Wine server of one prefix."""
    prefix = f"WINEPREFIX={home}\0".encode()
    named = (file for file in Path("/proc").glob("[0-9]*/comm") if _read(file).startswith(b"wineserver"))
    return sum(
        whole_processor_seconds(int(file.parent.name))
        for file in named
        if prefix in _read(file.with_name("environ"))
    )


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # it has ended meanwhile
        return b""
