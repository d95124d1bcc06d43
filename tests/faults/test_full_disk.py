"""The disk under the journal is full: calls go on, nothing is done twice, the log says what is not noted."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
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
