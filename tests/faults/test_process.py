"""A smaller part of the matrix from end to end: an old program with libcshis.so in a process of its own,
clients of the HTTP doors, a real bridge process, and the proxies between it and the simulators.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest
import pytest_asyncio

from bridge.table.loader import default_table
from native.build import CLIENT, build, library_folder
from tests.faults.laws import carried_out
from tests.faults.oracle import EVERY_FAULT, Fault, expected_code
from tests.faults.processes import BridgeProcess, good_call, running
from tests.faults.proxy import FaultProxy, Trouble
from tests.faults.rig import Upstreams, open_upstreams, quick_worlds
from tests.support.bridge_process import clean_environment
from tests.support.legacy_routes import HttpRoute, NativeRoute
from tests.support.stage import DEMO

pytestmark = pytest.mark.asyncio(loop_scope="module")

T = TypeVar("T")
TIMES = {"connect_timeout": 2.5, "read_timeout": 2.0}
MOST_SECONDS = 2 * sum(TIMES.values()) + 8  # twice a whole request, on a busy machine
BY_LIBRARY = [
    "csOpenCom", "csGetHospID", "hisGetBasicData", "hisGetSeqNumber256N1", "hisWriteEmergentTel",
    "csUploadData",
]  # fmt: skip
WAITING = ["hisGetBasicData", "hisGetSeqNumber256N1"]  # where each call takes seconds
BY_HTTP = ["hisGetBasicData", "hisGetSeqNumber256N1"]
CHOSEN = [
    "refused", "reset before the request was passed on",
    "reset after the request was worked on, once", "half a reply, then closed", "reply withheld",
    "reply by the byte", "HTTP 500", "HTTP 429", "HTTP 502 after the work", "HTML in place of JSON",
    "half a gigabyte",
]  # fmt: skip
FAULTS = [fault for fault in EVERY_FAULT if fault.name in CHOSEN]
BRIDGE_GONE = 4000


@dataclass
class House:
    upstreams: Upstreams
    bridge: BridgeProcess
    library: NativeRoute
    http: HttpRoute
    folder: Path

    @property
    def cloud(self) -> FaultProxy:
        return self.upstreams.proxies["cloud"]

    async def by_library(self, name: str) -> int:
        given = good_call(name, self.upstreams.world, self.folder)
        return (await asyncio.to_thread(self.library.call, name, **given))[0]

    async def by_http(self, name: str) -> int:
        """A path of the virtual card's SDK; its QR code is uploaded first, while all is well."""
        given = good_call(name, self.upstreams.world, self.folder)
        return (await asyncio.to_thread(self.http.call, name, **given))[0]

    async def fresh(self, virtual: bool) -> None:
        for proxy in self.upstreams.proxies.values():
            await proxy.clear()
        self.upstreams.world.reset()
        if virtual:
            assert await asyncio.to_thread(self.http.upload, self.upstreams.world.qr(DEMO)) == 0
        else:
            assert await self.by_library("csVerifySAMDC") == 0


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    await asyncio.to_thread(build, "client", folder / "native", default_table())
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_worlds())
        upstreams = await stack.enter_async_context(open_upstreams(folder / "sim"))
        bridge = await stack.enter_async_context(running(folder, upstreams, TIMES))
        assert bridge.ready is not None
        env = clean_environment(CSHIS_BRIDGE=bridge.address)
        library = NativeRoute("client", library_folder(folder / "native") / CLIENT, folder, env)
        stack.enter_context(library)
        http = HttpRoute("5067", bridge.ready["facade"], bridge.ready["ca_file"])
        stack.enter_context(http)
        yield House(upstreams, bridge, library, http, folder)


@pytest.mark.parametrize("service", ["console", "cloud"])
@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_a_fault(fault: Fault, service: str, house: House) -> None:
    slow = fault.kind == "timeout" or fault.way == "mute"
    for name in WAITING if slow else BY_LIBRARY:
        await house.fresh(virtual=False)
        await one(house, fault, service, name, virtual=False)
    for name in BY_HTTP:
        await house.fresh(virtual=True)
        await one(house, fault, service, name, virtual=True)
    assert house.bridge.process is not None
    assert house.bridge.process.poll() is None


async def one(house: House, fault: Fault, service: str, name: str, virtual: bool) -> None:
    call = house.by_http if virtual else house.by_library
    proxy = house.upstreams.proxies[service]
    before, pending = len(house.cloud.seen), unclear(house)
    if fault.way is not None:
        await proxy.go(fault.way)
    if fault.trouble is not None:
        proxy.trouble = replace(fault.trouble)
    started = time.monotonic()
    code = await call(name)
    seconds = time.monotonic() - started
    for each in house.upstreams.proxies.values():
        await each.clear()
    what = f"{name} {'by HTTP' if virtual else 'by the library'}"
    wanted = expected_code(fault, service, name)  # type: ignore[arg-type]
    if virtual and wanted == USED:
        wanted = USED_BY_HTTP
    assert code == wanted, what
    assert seconds < MOST_SECONDS, what
    done = carried_out(house.cloud.seen[before:])
    if name in ("hisGetSeqNumber256N1", "hisWriteEmergentTel", "csUploadData"):
        assert max(done.values(), default=0) <= 1, what
        assert code != 0 or done, what
        assert code == 0 or not done or unclear(house) == pending + 1, what
    assert await call("hisGetBasicData") == 0, what


USED = USED_BY_HTTP = 5007


def unclear(house: House) -> int:
    return sum(intent.state in ("begun", "ambiguous") for intent in house.bridge.intents())


async def test_nothing_leaks(house: House) -> None:
    """After all that: as many open files and threads as before, when the same is repeated."""
    fault = Trouble("request", "reset")

    async def rounds(count: int) -> tuple[int, int]:
        for _ in range(count):
            for service in ("console", "cloud"):
                await house.fresh(virtual=False)
                house.upstreams.proxies[service].trouble = replace(fault)
                assert await house.by_library("hisGetBasicData") != 0
                await house.fresh(virtual=False)
                await house.upstreams.proxies[service].go("refuse")
                assert await house.by_library("hisGetBasicData") != 0
        await house.fresh(virtual=False)
        assert await house.by_library("hisGetBasicData") == 0
        await asyncio.sleep(0.5)
        return house.bridge.open_files, house.bridge.threads

    files, threads = await rounds(3)
    assert await rounds(15) <= (files + 3, threads + 2)


@pytest.mark.parametrize("point", ["request", "reply"])
async def test_the_library_when_the_bridge_is_killed(point: str, house: House) -> None:
    """The program gets a failure at once, goes on running, and works with the bridge that comes back."""
    await house.fresh(virtual=False)
    before = len(house.cloud.seen)
    house.cloud.trouble = Trouble("request" if point == "request" else "reply", "hold", path="/Next")
    call = asyncio.create_task(house.by_library("hisGetSeqNumber256N1"))
    async with asyncio.timeout(30):
        await house.cloud.gate.everybody(1)
    await asyncio.to_thread(house.bridge.kill)
    started = time.monotonic()
    await house.cloud.forget()
    assert await call == BRIDGE_GONE
    assert time.monotonic() - started < 10
    assert await house.by_library("hisGetBasicData") == BRIDGE_GONE
    await asyncio.to_thread(house.bridge.start)
    assert await house.by_library("hisGetBasicData") == 0
    done = carried_out([seen for seen in house.cloud.seen[before:] if seen.path.endswith("/Next")])
    assert sum(done.values()) == (1 if point == "reply" else 0)
    last = house.bridge.intents()[-1]
    assert (last.function, last.state) == ("hisGetSeqNumber256N1", "begun")
