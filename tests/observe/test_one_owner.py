"""Two bridges on one machine: the second is told so, and takes nothing from the first."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bridge.records.journal import Journal
from tests.support.bridge_process import FREE_PORTS, ROOT, Bridge, clean_environment, running_bridge

SERVE = [sys.executable, "-m", "bridge", "serve", *FREE_PORTS]
UPSTREAMS = """
[console]
url = "{console}"
ca_file = "{ca}"
{more}
[cloud]
url = "{cloud}"
ca_file = "{ca}"
"""


@pytest.fixture
def first(tmp_path: Path) -> Iterator[Bridge]:
    """A bridge of its own: its files are looked at."""
    (tmp_path / "data").mkdir()
    with running_bridge(tmp_path / "data") as running:
        yield running


def serve(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """A bridge that is not going to start."""
    return subprocess.run(
        [*SERVE, *map(str, arguments)],
        cwd=ROOT, env=clean_environment(**environment), capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@contextmanager
def started(*arguments: object, **environment: str) -> Iterator[tuple[dict[str, Any], int]]:
    """Ready line and process of a bridge that starts."""
    with subprocess.Popen(
        [*SERVE, *map(str, arguments)],
        cwd=ROOT, env=clean_environment(**environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        assert line, process.stderr.read()
        yield json.loads(line), process.pid
        process.terminate()


def beside(first: Bridge, folder: Path, more: str = "") -> tuple[str, str, str, str]:
    """Options of a bridge with a data directory of its own, at the console and cloud of the first."""
    folder.mkdir()
    ca_file = first.config.parent / "sim" / "ca.pem"
    file = folder / "given.toml"
    file.write_text(
        UPSTREAMS.format(console=first.ready["console"], cloud=first.ready["cloud"], ca=ca_file, more=more)
    )
    return "--data-dir", str(folder), "--config", str(file)


def holder(first: Bridge) -> int:
    return int(json.loads((first.config.parent / "owner.lock").read_text())["pid"])


def test_a_second_serve_touches_nothing(first: Bridge) -> None:
    data_dir = first.config.parent
    kept = {
        file: file.read_bytes() for file in data_dir.rglob("*") if file.suffix in (".toml", ".json", ".pem")
    }
    assert {"running.toml", "sim.json"} <= {file.name for file in kept}
    done = serve("--simulate", "--data-dir", data_dir)
    assert done.returncode == 3
    said = [line for line in done.stderr.splitlines() if line]
    assert len(said) == 1
    assert f"another bridge (process {holder(first)}, since " in said[0]
    assert "--data-dir" in said[0]
    assert done.stdout == ""
    assert kept == {file: file.read_bytes() for file in kept}
    assert first.sim.state()["slots"]["hc"]  # the simulator can still be steered


def test_doctor_knows_the_bridge_whatever_its_ports(first: Bridge) -> None:
    serve("--simulate", "--data-dir", first.config.parent)
    looked = subprocess.run(
        [sys.executable, "-m", "bridge", "doctor", "--json", "--data-dir", str(first.config.parent)],
        cwd=ROOT, env=clean_environment(), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    found = {
        each["check"]: each
        for section in json.loads(looked.stdout)["sections"]
        for each in section["findings"]
    }
    assert found["bridge"]["status"] == "ok", found["bridge"]
    assert f"process {holder(first)}" in found["bridge"]["what"]
    assert f"process {holder(first)}" in found["settings.running"]["what"]
    broken = {check for check, each in found.items() if each["status"] == "broken"}
    assert broken == set()  # its simulators and ports are the ones looked at


def test_a_change_of_another_process_under_way_is_not_called_unclear(tmp_path: Path) -> None:
    """A program with the bridge inside works with the same journal."""
    journal = Journal(tmp_path / "journal.sqlite3")
    journal.begin("hisGetSeqNumber256", "/x", "random")  # this process lives
    journal.close()
    with running_bridge(tmp_path) as bridge:
        assert "did not end clearly" not in bridge.log.read_text(encoding="utf-8")


def test_one_that_was_killed_holds_nothing_any_more(tmp_path: Path) -> None:
    command = [*SERVE, "--simulate", "--data-dir", str(tmp_path)]
    with subprocess.Popen(
        command, cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    with running_bridge(tmp_path) as again:
        assert holder(again) != process.pid


def test_two_bridges_at_one_console(first: Bridge, tmp_path: Path) -> None:
    own = {"XDG_RUNTIME_DIR": str(tmp_path)}
    with started(*beside(first, tmp_path / "one"), **own) as (_, pid):
        done = serve(*beside(first, tmp_path / "two"), **own)
        assert done.returncode == 3
        assert f"another bridge (process {pid}, since " in done.stderr
        assert "works with the console" in done.stderr
        assert not (tmp_path / "two" / "running.toml").exists()
        meant = beside(first, tmp_path / "three", "several_bridges = true")
        with started(*meant, **own) as (ready, other):
            assert ready["ready"]
            assert other != pid


def test_a_taken_ipv6_address_is_an_error(tmp_path: Path) -> None:
    try:
        taken = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with taken:
        port = taken.getsockname()[1]
        done = serve("--simulate", "--data-dir", tmp_path, f"--legacy-http-port={port}")
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert f"port {port} of ::1 cannot be listened on" in line
    assert f"(process {os.getpid()})" in line
    assert "Traceback" not in done.stderr
