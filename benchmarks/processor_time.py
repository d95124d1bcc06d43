"""Where the processor time of a card read goes when 32 callers read at once: layer upon layer."""

from __future__ import annotations

import asyncio
import logging
import os
import statistics
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import psutil
import uvloop

from benchmarks import bare_clients
from benchmarks.figures import Figure
from benchmarks.native_programs import shim_calls
from benchmarks.under_test import UnderTest
from bridge.calls.call import LegacyCall, OutBuffer
from bridge.config import CloudSettings, ConsoleSettings, ReaderSettings
from bridge.engine.engine import Engine
from bridge.reader.reader import Reader
from bridge.records.journal import Journal
from bridge.table.default import default_table
from bridge.upstream.client import HttpUpstream

CALLERS = 32
READS = 25  # of each caller
TURNS = 5
CARD_READ = "hisGetBasicData"

Read = Callable[[], Coroutine[Any, Any, None]]


def processor_time(bridge: UnderTest, directory: Path) -> list[Figure]:
    """Medians of several turns, in milliseconds of one processor for one read."""
    inside = uvloop.run(_inside(bridge, directory))
    whole = statistics.median(_whole(bridge) for _ in range(TURNS))
    names = {
        "bare": "processor time of a read, 32 callers: both requests by a bare aiohttp client (uvloop)",
        "own": "… as the bridge asks: checks, bounds in time",
        "engine": "… with reader, engine, journal and log",
        "whole": "… with the channel: the whole bridge",
    }
    return [Figure(names[key], value, "ms") for key, value in {**inside, "whole": whole}.items()]


async def _inside(bridge: UnderTest, directory: Path) -> dict[str, float]:
    """The layers that can be measured in this process."""
    where = bridge.upstreams.settings
    console = HttpUpstream("console", ConsoleSettings.model_validate(where["console"]))
    cloud = HttpUpstream("cloud", CloudSettings.model_validate(where["cloud"]))
    handler = logging.FileHandler(directory / "layers.log")
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    table = default_table()
    reader = Reader(console, table.console, ReaderSettings())
    engine = Engine(table, reader, cloud, Journal(directory / "layers.sqlite3"))
    call = LegacyCall(CARD_READ, {"pBuffer": OutBuffer(72)})

    async def own() -> None:
        signed = await console.request("POST", bare_clients.SIGN, bare_clients.SIGN_BODY)
        await cloud.request("POST", bare_clients.QUERY, signed)

    async def read() -> None:
        assert (await engine.call(call)).code == 0

    async with bare_clients.session(bridge.upstreams) as session, engine.calls.batching():
        layers: dict[str, Read] = {
            "bare": bare_clients.aiohttp_pair(session, bridge.upstreams.url),
            "own": own,
            "engine": read,
        }
        taken: dict[str, list[float]] = {name: [] for name in layers}
        for _ in range(TURNS):
            for name, layer in layers.items():
                taken[name].append(await _milliseconds(layer))
    await console.aclose()
    await cloud.aclose()
    logging.getLogger().removeHandler(handler)
    handler.close()
    return {name: statistics.median(values) for name, values in taken.items()}


async def _milliseconds(read: Read) -> float:
    """Processor time of this process for one read."""

    async def caller(reads: int) -> None:
        for _ in range(reads):
            await read()

    await asyncio.gather(*(caller(3) for _ in range(CALLERS)))
    before = time.process_time()
    await asyncio.gather(*(caller(READS) for _ in range(CALLERS)))
    return (time.process_time() - before) * 1000 / (CALLERS * READS)


def _whole(bridge: UnderTest) -> float:
    """Processor time of the bridge's process for one read through the library."""
    process = next(p for p in psutil.Process(os.getpid()).children() if "serve" in p.cmdline())
    before = process.cpu_times()
    calls = READS * 4
    shim_calls(bridge.library, CARD_READ, bridge.native, calls=calls, warm_up=0, threads=CALLERS)
    after = process.cpu_times()
    spent = after.user + after.system - before.user - before.system
    return spent * 1000 / (CALLERS * calls)
