"""A folder with the files that the pages speak of, and a bridge on simulators beside it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.bridge_process import ROOT, clean_environment

SECONDS = 120
STARTS = 30.0  # seconds that a bridge has to say that it listens
FREE_PORTS = ("--console-port", "0", "--cloud-port", "0")
SCENARIOS = ROOT / "bridge" / "sim" / "scenario" / "scenarios"

# What is typed goes to this command; a server goes on in the background until the block is over.
PRELUDE = f"""
shopt -s expand_aliases
serve() {{
  local free=()
  [[ " $* " == *" --simulate"* ]] && free=({" ".join(FREE_PORTS)})
  : >serve.out  # what a server of another block has said
  "$PYTHON" -m bridge serve "$@" "${{free[@]}}" >serve.out 2>serve.err &
  local server=$!
  echo "$server" >>servers
  for _ in $(seq 300); do
    [ -s serve.out ] && return 0
    kill -0 "$server" 2>/dev/null || {{ cat serve.err; return 1; }}
    sleep 0.1
  done
  return 1
}}
cshis-bridge() {{
  case "$1" in
    serve) serve "${{@:2}}" ;;
    install-library) "$PYTHON" -m bridge "$@" --path "$PWD/nhi/lib/cshis50.so" --library "$LIBRARY" ;;
    *) "$PYTHON" -m bridge "$@" </dev/null ;;
  esac
}}
make() {{ command make --no-print-directory -n -C "$ROOT" "$@" >/dev/null; }}
python() {{ PYTHONPATH="$ROOT" "$PYTHON" "$@"; }}
typed() {{ echo "@@begin"; eval "$1" 2>&1; echo "@@end $?"; }}
"""


@dataclass(frozen=True)
class Typed:
    """A line that was typed, the exit code, and what came on the screen."""

    line: str
    code: int
    printed: str


@dataclass
class Stage:
    """The folder, and the bridge that runs beside it unless a block starts one of its own."""

    folder: Path
    environment: dict[str, str]
    _server: subprocess.Popen[str] | None = field(default=None)

    def start(self, *options: str) -> None:
        """Start the bridge on simulators."""
        command = [sys.executable, "-m", "bridge", "serve", "--simulate", *FREE_PORTS, *options]
        self._server = subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._server.stdout is not None
        assert self._server.stdout.readline()

    def stop(self) -> None:
        """End it."""
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            self._server.communicate(timeout=STARTS)
            self._server = None

    def run(self, *arguments: str) -> None:
        """A command that must succeed."""
        command = [sys.executable, "-m", "bridge", *arguments]
        subprocess.run(
            command, cwd=self.folder, env=self.environment, check=True, capture_output=True, timeout=SECONDS
        )

    def start_anew(self) -> None:
        """As at the beginning: a bridge that runs, no file of the block before."""
        if self._server is None:
            self.start()
        self.run("sim", "reset")
        for name in ("day.jsonl", "report.html", "report.json", "world.yaml", "readiness.html"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / "masked", ignore_errors=True)
        shutil.copytree(self.folder / ".masked", self.folder / "masked")

    def typed(self, text: str) -> list[Typed]:
        """Type the lines of a block, each after the one before has ended."""
        lines = [line for line in text.splitlines() if line.split("#")[0].strip()]
        if any(line.split()[:2] == ["cshis-bridge", "serve"] for line in lines):
            self.stop()  # a bridge that the block starts has its place
        if any(line.split()[:3] == ["cshis-bridge", "trace", "mask"] for line in lines):
            shutil.rmtree(self.folder / "masked")
        (self.folder / "servers").write_text("")
        script = PRELUDE + "\n".join(f"typed {_quoted(line)}" for line in lines)
        try:
            done = subprocess.run(
                ["bash", "-c", script], cwd=self.folder, env=self.environment, capture_output=True, text=True,
                timeout=SECONDS, check=False,
            )  # fmt: skip
        finally:
            self._end_servers()
        parts = done.stdout.split("@@begin\n")[1:]
        assert len(parts) == len(lines), done.stderr
        told = [part.rpartition("@@end ") for part in parts]
        return [Typed(line, int(code), printed) for line, (printed, _, code) in zip(lines, told, strict=True)]

    def _end_servers(self) -> None:
        for pid in map(int, (self.folder / "servers").read_text().split()):
            try:
                os.kill(pid, signal.SIGTERM)
                for _ in range(100):
                    os.kill(pid, 0)
                    time.sleep(0.1)
            except ProcessLookupError:
                continue


def _quoted(line: str) -> str:
    return "'" + line.replace("'", "'\\''") + "'"


@contextmanager
def staged(folder: Path, library: Path) -> Iterator[Stage]:
    """The stage, until the end of the with statement. In: an empty folder; the native library."""
    doors = ("FACADE__PORT", "FACADE__LEGACY_HTTP_PORT", "CHANNEL__PORT")
    ports = {f"CSHIS_BRIDGE_{door}": port for door, port in zip(doors, _free_ports(len(doors)), strict=True)}
    environment = clean_environment(
        **ports, LIBRARY=str(library), HOME=str(folder),
        XDG_DATA_HOME=str(folder / "data"), XDG_RUNTIME_DIR=str(folder / "run"), PYTHON=sys.executable,
        ROOT=str(ROOT), PYTHONPATH=str(ROOT), LANGUAGE="en", PYTHONIOENCODING="utf-8", BROWSER="true",
    )  # fmt: skip
    (folder / "run").mkdir(mode=0o700)
    stage = Stage(folder, environment)
    _files(folder)
    try:
        _day(stage)
        stage.start()
        yield stage
    finally:
        stage.stop()


def _free_ports(count: int) -> list[str]:
    """Ports that nobody has now."""
    opened = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [str(each.getsockname()[1]) for each in opened]
    finally:
        for each in opened:
            each.close()


def _files(folder: Path) -> None:
    """What a page's reader has beside the bridge."""
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / r"C:\HIS").mkdir()
    (folder / "records.xml").write_text("<RECS></RECS>\n")
    shutil.copyfile(SCENARIOS / "expired-card.yaml", folder / "mine.yaml")


def _day(stage: Stage) -> None:
    """A recorded day: unmasked in ``traces``, masked in ``masked`` and ``masked.jsonl``."""
    traces = stage.folder / "traces"
    traces.mkdir()
    stage.start("--record", str(traces / "day.jsonl"))
    for call in (("csOpenCom", "pComNum=0"), ("hisGetBasicData",), ("csCloseCom",)):
        stage.run("call", *call)
    stage.stop()
    stage.run("trace", "mask", "traces", ".masked")
    (part,) = (stage.folder / ".masked").iterdir()
    shutil.copyfile(part, stage.folder / "masked.jsonl")
