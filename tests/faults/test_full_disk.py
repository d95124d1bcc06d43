"""The disk under the journal is full: calls go on, nothing is done twice, the log says what is not noted."""

from __future__ import annotations

import asyncio
import errno
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from tests.faults.laws import carried_out
from tests.faults.processes import BridgeProcess, ask, good_call, write_settings
from tests.faults.proxy import Trouble
from tests.faults.rig import Upstreams, assert_nothing, open_upstreams, quick_worlds
from tests.support.bridge_process import FREE_PORTS, ROOT, clean_environment
from tests.support.full_disk import SmallDisk, on_a_small_disk, with_small_files
from tests.support.stage import DEMO

CHANGES = ["hisWriteEmergentTel", "hisGetSeqNumber256N1", "hisGetTreatNumNoICCard"]
CLOUD_TIMEOUT, SECOND_OF_THE_DAY = 9003, 5010
NOT_WRITTEN, AGAIN = "the journal cannot be written", "the journal can be written again"


@asynccontextmanager
async def started(
    folder: Path, upstreams: Upstreams, prefix: list[str], data: Path
) -> AsyncIterator[BridgeProcess]:
    bridge = BridgeProcess(data, write_settings(folder, upstreams), prefix, log_file=folder / "bridge.log")
    await asyncio.to_thread(bridge.start)
    try:
        yield bridge
    finally:
        await asyncio.to_thread(bridge.kill)


@pytest.fixture
async def upstreams(tmp_path: Path) -> AsyncIterator[Upstreams]:
    with quick_worlds():
        async with open_upstreams(tmp_path / "sim") as made:
            made.world.record(DEMO).counter = 1000  # visits that are left
            yield made


async def calls(bridge: BridgeProcess, upstreams: Upstreams, folder: Path, rounds: int) -> list[str]:
    """Changes and reads. Out: what went wrong."""
    found = []
    for number in range(rounds):
        for name in (*CHANGES, "hisGetBasicData"):
            before = len(upstreams.proxies["cloud"].seen)
            given = good_call(name, upstreams.world, folder)
            code = await asyncio.to_thread(ask, bridge.address, name, given)
            done = carried_out(upstreams.proxies["cloud"].seen[before:])
            if code not in (0, SECOND_OF_THE_DAY if "Seq" in name else 0) or sum(done.values()) != 1:
                found.append(f"round {number}, {name}: code {code}, carried out {sum(done.values())} times")
    return found


async def lost(bridge: BridgeProcess, upstreams: Upstreams, folder: Path) -> int | None:
    """A change whose answer is lost for good."""
    upstreams.proxies["cloud"].trouble = Trouble("reply", "reset", path="/EmergentTel/Write")
    given = good_call("hisWriteEmergentTel", upstreams.world, folder)
    code = await asyncio.to_thread(ask, bridge.address, "hisWriteEmergentTel", given)
    await upstreams.proxies["cloud"].clear()
    return code


async def test_a_disk_that_fills_up_and_is_cleared_again(tmp_path: Path, upstreams: Upstreams) -> None:
    data = tmp_path / "bridge"
    data.mkdir()
    prefix = on_a_small_disk(data, "1m")
    async with started(tmp_path, upstreams, prefix, data) as bridge:
        assert bridge.process is not None
        disk = SmallDisk(bridge.process.pid, data)
        assert_nothing(await calls(bridge, upstreams, tmp_path, 1))
        disk.fill()
        assert_nothing(await calls(bridge, upstreams, tmp_path, 12))
        said = bridge.log.read_text(encoding="utf-8")
        assert NOT_WRITTEN in said
        assert await lost(bridge, upstreams, tmp_path) == CLOUD_TIMEOUT
        said = bridge.log.read_text(encoding="utf-8")
        assert "look in the cloud" in said
        assert "It is NOT in the journal" in said
        disk.clear()
        assert_nothing(await calls(bridge, upstreams, tmp_path, 1))
        assert AGAIN in bridge.log.read_text(encoding="utf-8")
        assert await lost(bridge, upstreams, tmp_path) == CLOUD_TIMEOUT
        copy = tmp_path / "copy"
        shutil.copytree(disk.path, copy)
        with closing(sqlite3.connect(copy / "journal.sqlite3")) as database:
            last = database.execute("SELECT function, state FROM intents ORDER BY id DESC LIMIT 1").fetchone()
            whole = database.execute("PRAGMA integrity_check").fetchone()
        assert (last, whole) == (("hisWriteEmergentTel", "ambiguous"), ("ok",))


async def test_files_that_may_not_grow(tmp_path: Path, upstreams: Upstreams) -> None:
    """Needs no rights: every file of the bridge is limited to 96 KB, which the journal soon reaches."""
    data = tmp_path / "bridge"
    data.mkdir()
    async with started(tmp_path, upstreams, with_small_files(98_304), data) as bridge:
        assert_nothing(await calls(bridge, upstreams, tmp_path, 12))
        assert NOT_WRITTEN in bridge.log.read_text(encoding="utf-8")
        assert bridge.process is not None
        assert bridge.process.poll() is None
        assert await lost(bridge, upstreams, tmp_path) == CLOUD_TIMEOUT
        assert_nothing(await calls(bridge, upstreams, tmp_path, 1))


def test_a_disk_that_is_full_from_the_start(tmp_path: Path) -> None:
    """The bridge says what is the matter, in one line for a person."""
    data = tmp_path / "bridge"
    data.mkdir()
    prefix = on_a_small_disk(data, "4k")
    command = [*prefix, sys.executable, "-m", "bridge", "serve", "--data-dir", str(data), *FREE_PORTS]
    ended = subprocess.run(
        command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "No space left on device" in ended.stderr.splitlines()[-1]


@pytest.fixture
def own_disk(tmp_path: Path) -> Iterator[Path]:
    """A data directory on a small disk of its own, as a bridge of before has left it."""
    data = tmp_path / "bridge"
    data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(data)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here, which root may do")
    try:
        assert serve(data, until_ready=True)[0]
        assert {"journal.sqlite3", "running.toml", "owner.lock"} <= {each.name for each in data.iterdir()}
        yield data
    finally:
        subprocess.run(["umount", "--lazy", str(data)], check=True)


def serve(data: Path, *options: str, until_ready: bool = False) -> tuple[str, list[str], int]:
    """Start a bridge; one that is ready is ended. Out: its ready line, what it said, its exit code."""
    command = [sys.executable, "-m", "bridge", "serve", "--data-dir", str(data), *FREE_PORTS, *options]
    with subprocess.Popen(
        command, cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if until_ready:
            process.terminate()
        _, said = process.communicate(timeout=60)
    assert "Traceback" not in said, said
    assert "Logging error" not in said, said
    return line, said.splitlines(), process.returncode


def fill(disk: Path) -> None:
    with (disk / "filling").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


def test_a_start_on_a_full_disk_with_an_old_directory(own_disk: Path) -> None:
    """The bridge serves, and says loudly what it cannot note; nothing leads other commands astray."""
    fill(own_disk)
    line, said, code = serve(own_disk, until_ready=True)
    assert (json.loads(line)["ready"], code) == (True, 0)
    errors = [each for each in said if "ERROR" in each]
    assert len(errors) == 2
    assert NOT_WRITTEN in errors[0]
    assert "other commands do not find this bridge" in errors[1]
    assert not (own_disk / "running.toml").exists()
    fill(own_disk)
    line, said, code = serve(own_disk, "--simulate")
    assert (line, code, len(said)) == ("", 1, 1)
    assert "simulators' files cannot be written" in said[0]
    assert "No space left on device" in said[0]


def test_a_log_file_on_a_full_disk(own_disk: Path) -> None:
    """What it has no room for goes to standard error, after one line that says why."""
    fill(own_disk)
    file = own_disk / "bridge.log"
    line, said, code = serve(own_disk, "--log-file", str(file), until_ready=True)
    assert (json.loads(line)["ready"], code) == (True, 0)
    assert said[0] == f"the log file {file} cannot be written: No space left on device"
    assert NOT_WRITTEN in said[1]
    assert sum("cannot be written: No space" in each for each in said) == 1


def test_a_data_directory_that_may_only_be_read(own_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(own_disk)], check=True)
    for options in ((), ("--simulate",)):
        line, said, code = serve(own_disk, *options)
        assert (line, code, len(said)) == ("", 1, 1)
        assert said[0].startswith("Error: ")
        assert f"{own_disk} cannot be written" in said[0]
