"""Parts on a Dask cluster: a scheduler and two workers on loopback, as one would start them."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import distributed
import pytest
from click.testing import CliRunner

from benchmarks.hospital import write_hospital
from bridge.cli.main import main
from bridge.errors import PartsError
from bridge.parts import cluster
from bridge.parts.cluster import DaskCluster
from bridge.parts.kept import Kept
from bridge.parts.progress import Progress
from bridge.parts.run import run
from bridge.trace.reading import read_trace
from tests.unit.parts.jobs import attempts, measured, part

ROOT = Path(__file__).parents[3]


@dataclass
class Cluster:
    """Processes of a cluster."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


@contextmanager
def started(folder: Path, workers: int) -> Iterator[Cluster]:
    file = folder / "scheduler.json"
    processes: list[subprocess.Popen[bytes]] = []

    def start(name: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{name}", "--scheduler-file", str(file)]
        with (folder / f"{name}-{len(processes)}.log").open("wb") as log:
            process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=log, stderr=log)
        processes.append(process)
        return process

    try:
        scheduler = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        until(lambda: address_in(file))
        address = address_in(file)
        options = ("--no-nanny", "--no-dashboard", "--nthreads", "1", "--local-directory", str(folder))
        made = [start("worker", *options) for _ in range(workers)]
        logs = sorted(folder.glob("worker-*.log"))
        until(lambda: all("Registered to" in log.read_text(encoding="utf-8") for log in logs))
        yield Cluster(address, scheduler, made)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def address_in(file: Path) -> str:
    """Empty where the scheduler has not written its file, or not all of it."""
    try:
        address: str = json.loads(file.read_bytes())["address"]
    except (FileNotFoundError, ValueError):
        return ""
    return address


def until(reached: object) -> None:
    begun = time.monotonic()
    while not reached():  # type: ignore[operator]
        assert time.monotonic() - begun < 60
        time.sleep(0.05)


@pytest.fixture(name="two_workers")
def two_workers(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "cluster"
    folder.mkdir()
    with started(folder, 2) as made:
        yield made


def test_the_same_report_as_by_processes_of_this_machine(tmp_path: Path, two_workers: Cluster) -> None:
    write_hospital(tmp_path / "hospital", calls=600, places=4)
    command = ["readiness", str(tmp_path / "hospital"), "--state"]
    here = CliRunner().invoke(main, [*command, str(tmp_path / "here")])
    there = CliRunner().invoke(main, [*command, str(tmp_path / "there"), "--dask", two_workers.address])
    assert here.exit_code == there.exit_code == 0, there.output
    assert there.stdout == here.stdout
    assert "Work places 工作站: 4" in there.stdout
    assert len(list((tmp_path / "there" / "readiness").iterdir())) == 4


def test_a_cluster_masks_as_this_machine_does(tmp_path: Path, two_workers: Cluster) -> None:
    write_hospital(tmp_path / "hospital", calls=120, places=3)
    key = ["--key-file", str(tmp_path / "key")]
    for name, where in (("here", []), ("there", ["--dask", two_workers.address])):
        command = ["trace", "mask", str(tmp_path / "hospital"), str(tmp_path / name), *key, *where]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
    here, there = (
        {file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("here", "there")
    )
    assert len(here) == 3
    assert there == here


def test_a_replay_on_a_cluster(tmp_path: Path, two_workers: Cluster) -> None:
    write_hospital(tmp_path / "hospital", calls=27, places=3)
    out = tmp_path / "report.json"
    command = ["replay", str(tmp_path / "hospital"), "--simulate", "--json", str(out), "--dask"]
    done = CliRunner().invoke(main, [*command, two_workers.address])
    assert done.exit_code == 0, done.output
    report = json.loads(out.read_text(encoding="utf-8"))
    calls = [len(read_trace(file).calls) for file in sorted((tmp_path / "hospital").glob("*.jsonl"))]
    assert [place["calls"] for place in report["places"]] == calls
    assert report["counts"]["compared"] == sum(calls) >= 27


def test_a_worker_that_dies_costs_nothing_but_time(tmp_path: Path, two_workers: Cluster) -> None:
    parts = [part(f"p{number}", tmp_path) for number in range(4)]
    parts.append(part("dying", tmp_path, "die-once and so on"))
    parts.append(part("refused", tmp_path, "refuse"))
    workers = DaskCluster(two_workers.address)
    try:
        finished = run(parts, measured, workers, Kept(tmp_path / "kept", ["1"]), Progress("", None))
    finally:
        workers.close()
    assert len(finished.results) == 5
    assert finished.failed == {"refused": "refused.txt: not wanted"}
    assert attempts(parts[4]) == 2
    assert sum(worker.poll() is None for worker in two_workers.workers) == 1


def test_a_scheduler_that_goes_away_is_a_clear_end_and_the_rest_can_be_done_here(
    tmp_path: Path, two_workers: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "LOST_SECONDS", 2)
    write_hospital(tmp_path / "hospital", calls=300, places=3)
    parts = [part("a", tmp_path, "a longer one"), part("waiting", tmp_path, "wait")]
    workers = DaskCluster(two_workers.address)
    outcomes = workers.outcomes(measured, parts)
    assert next(outcomes)[0].name == "a"
    until(lambda: attempts(parts[1]) == 1)
    os.kill(two_workers.scheduler.pid, signal.SIGKILL)
    begun = time.monotonic()
    with pytest.raises(PartsError, match="does not answer any more; what is finished is kept"):
        next(outcomes)
    workers.close()
    assert time.monotonic() - begun < 30
    told = CliRunner().invoke(main, ["readiness", str(tmp_path / "hospital"), "--dask", two_workers.address])
    assert told.exit_code == 3
    assert f"{two_workers.address}: no Dask scheduler answers there" in told.stderr
    assert "Traceback" not in told.output
    assert CliRunner().invoke(main, ["readiness", str(tmp_path / "hospital")]).exit_code == 0


def test_a_cluster_without_workers_or_with_others_versions_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with started(tmp_path, 0) as made, pytest.raises(PartsError, match="has no worker"):
        DaskCluster(made.address)
    (tmp_path / "scheduler.json").unlink()
    with started(tmp_path, 1) as made:
        monkeypatch.setattr(cluster, "__version__", "9.9")
        with pytest.raises(PartsError, match=r"runs cshis-bridge 0\.1\.0 .*, and here is 9\.9"):
            DaskCluster(made.address)


@pytest.mark.parametrize("address", ["nonsense://x", "tcp://127.0.0.1:1", "127.0.0.1:notaport"])
def test_an_address_where_nobody_answers(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with pytest.raises(PartsError, match="no Dask scheduler answers there"):
        DaskCluster(address)
    # No thread waits for it any more, and the garbage collector has nothing to close.
    assert [thread.name for thread in threading.enumerate() if thread.name == "IO loop"] == []
    with monkeypatch.context() as patch:
        patch.setattr(distributed.Client, "close", lambda client, *_: pytest.fail("closed by the collector"))
        gc.collect()


def test_workers_or_a_cluster(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["readiness", str(tmp_path), "--workers", "2", "--dask", "tcp://x:1"])
    assert told.exit_code == 2
    assert "exclude each other" in told.stderr
