"""The caller leaves a real bridge, which records all its calls: an old program that is killed or that has
waited long enough; a client over HTTP that closes or resets its connection, or only ends its sending.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bridge.table.loader import default_table
from native.build import CLIENT, build, library_folder
from tests.faults.laws import carried_out
from tests.faults.processes import BridgeProcess, Intent, good_call, running
from tests.faults.proxy import FaultProxy, Point, Trouble
from tests.faults.rig import Upstreams, open_upstreams, quick_worlds
from tests.faults.web_caller import WebCaller, json_of
from tests.support.bridge_process import clean_environment
from tests.support.hosts.driver import DriverFailed
from tests.support.legacy_routes import HttpRoute, NativeRoute
from tests.support.stage import DEMO

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOTICED = 0.05  # seconds until the bridge must have seen what became of a caller
ENDED, PAUSE = 20.0, 0.02
IDLE = "cshis_bridge_calls_in_flight 0.0"
LIBRARY_SECONDS = 1
BRIDGE_GONE = 4000
# Where a call stands when its caller leaves: at which upstream, before or after that has worked.
STANDS: dict[str, tuple[str, Point]] = {
    "console": ("console", "reply"), "on its way": ("cloud", "request"), "carried out": ("cloud", "reply"),
}  # fmt: skip
BY_LIBRARY = ["hisGetSeqNumber256N1", "hisWriteEmergentTel", "csUploadData"]
CHANGING = ("write", "allocates")
ROUTES = {
    route.path: route.function
    for route in default_table().routes
    if default_table().functions[route.function].effect in CHANGING
}
UPLOADS = [
    path
    for service in default_table().services.values()
    for path in service.served_at
    if service.effect in CHANGING
]


@dataclass
class House:
    upstreams: Upstreams
    bridge: BridgeProcess
    library: Path
    folder: Path
    web: HttpRoute
    seen: int = 0
    noted: int = 0

    @property
    def ready(self) -> dict[str, Any]:
        assert self.bridge.ready is not None
        return self.bridge.ready

    def program(self) -> NativeRoute:
        """An old program, not yet started."""
        env = clean_environment(CSHIS_BRIDGE=self.bridge.address, CSHIS_BRIDGE_TIMEOUT=str(LIBRARY_SECONDS))
        return NativeRoute("client", self.library, self.folder, env)

    def web_caller(self, door: str, path: str, body: Mapping[str, Any]) -> WebCaller:
        return WebCaller(self.ready[door], path, body, self.ready["ca_file"])

    async def fresh(self) -> None:
        """No fault, the start state; a virtual card is shown, and the doctor's PIN verified."""
        for proxy in self.upstreams.proxies.values():
            await proxy.clear()
        self.upstreams.world.reset()
        assert await asyncio.to_thread(self.web.upload, self.upstreams.world.qr(DEMO)) == 0
        self.upstreams.world.session.require_hpc().pin_verified = True

    def mark(self) -> None:
        """What comes from now on counts."""
        self.seen = sum(len(self.upstreams.proxies[name].seen) for name in ("cloud", "centre"))
        self.noted = len(self.bridge.intents())

    def done(self) -> int:
        """How many changes were carried out."""
        seen = [each for name in ("cloud", "centre") for each in self.upstreams.proxies[name].seen]
        return sum(carried_out(seen[self.seen :]).values())

    def ended(self) -> list[Intent]:
        """The changes that were begun, when no call is under way any more."""
        for _ in range(int(ENDED / PAUSE)):
            if IDLE in self.web.client.get("/metrics").text:
                self.web.client.get("/metrics")  # writes what waits first
                return self.bridge.intents()[self.noted :]
            time.sleep(PAUSE)
        raise AssertionError("a call does not end")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("doors")
    await asyncio.to_thread(build, "client", folder / "native", default_table())
    record = ("--record", str(folder / "calls.trace"))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_worlds())
        upstreams = await stack.enter_async_context(open_upstreams(folder / "sim"))
        bridge = await stack.enter_async_context(running(folder, upstreams, options=record))
        assert bridge.ready is not None
        web = stack.enter_context(HttpRoute("3033", bridge.ready["legacy_http"], None))
        yield House(upstreams, bridge, library_folder(folder / "native") / CLIENT, folder, web)


async def held(house: House, stands: str, at: str = "") -> FaultProxy:
    """From now on a call stops there."""
    service, point = STANDS[stands]
    proxy = house.upstreams.proxies[at or service]
    proxy.trouble = Trouble(point, "hold", times=1)
    return proxy


async def go_on(house: House, proxy: FaultProxy) -> list[Intent]:
    """The caller has left: what was held goes on. Out: what the journal says when it has ended."""
    await asyncio.sleep(NOTICED)
    proxy.gate.opened.set()
    found = await asyncio.to_thread(house.ended)
    await proxy.clear()
    return found


def complaints(house: House, stands: str, gone: bool, intents: list[Intent]) -> list[str]:
    """What is wrong with a change whose caller left, or did not, where it stood."""
    left = STANDS[stands][0] != "console"
    wanted = (left or not gone, ["ambiguous" if gone else "done"] if left or not gone else [])
    found = (house.done() == 1, [intent.state for intent in intents if intent.state != "failed"])
    if found != wanted:
        return [f"done {found[0]}, journal {found[1]}; wanted {wanted}"]
    if gone and left and "its caller had left" not in intents[-1].advice:
        return [f"advice: {intents[-1].advice}"]
    return []


# --- old programs -------------------------------------------------------------------------------------------


async def killed(house: House, name: str, stands: str) -> list[Intent]:
    with house.program() as program:
        assert await asyncio.to_thread(program.call, "csVerifySAMDC") == (0, {})
        proxy = await held(house, stands)
        call = asyncio.create_task(asyncio.to_thread(a_call, program, name, house))
        async with asyncio.timeout(ENDED):
            await proxy.gate.everybody(1)
        assert program.driver.process is not None
        program.driver.process.kill()
        assert await call is None
        return await go_on(house, proxy)


async def timed_out(house: House, name: str, stands: str) -> list[Intent]:
    with house.program() as program:
        assert await asyncio.to_thread(program.call, "csVerifySAMDC") == (0, {})
        proxy = await held(house, stands)
        assert await asyncio.to_thread(a_call, program, name, house) == BRIDGE_GONE
        return await go_on(house, proxy)


def a_call(program: NativeRoute, name: str, house: House) -> int | None:
    try:
        return program.call(name, **good_call(name, house.upstreams.world, house.folder))[0]
    except DriverFailed:
        return None


@pytest.mark.parametrize("stands", STANDS)
@pytest.mark.parametrize("leaves", [killed, timed_out])
async def test_an_old_program_that_is(leaves: Callable[..., Any], stands: str, house: House) -> None:
    found = []
    for name in BY_LIBRARY:
        await house.fresh()
        house.mark()
        found += [
            f"{name}: {each}" for each in complaints(house, stands, True, await leaves(house, name, stands))
        ]
        with house.program() as other:
            assert await asyncio.to_thread(a_call, other, "hisGetBasicData", house) == 0
    assert found == []


# --- clients over HTTP --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Manner:
    """How a client leaves. ``door``: by which it came."""

    leave: Callable[[WebCaller], None]
    gone: bool
    door: str = "legacy_http"

    def __str__(self) -> str:
        return f"{self.leave.__name__} at {self.door}"


MANNERS = [
    Manner(WebCaller.half_close, False),
    Manner(WebCaller.close, True),
    Manner(WebCaller.reset, True),
    Manner(WebCaller.close, True, "facade"),
]
STAYING = [Manner(WebCaller.stay, False, door) for door in ("legacy_http", "facade")]


async def one_client(
    house: House, manner: Manner, stands: str, path: str, body: Mapping[str, Any], at: str = ""
) -> list[str]:
    """Out: what is wrong. ``at``: the upstream that changes something, where that is not the cloud."""
    proxy = await held(house, stands, at)
    house.mark()
    client = await asyncio.to_thread(house.web_caller, manner.door, path, body)
    async with asyncio.timeout(ENDED):
        await proxy.gate.everybody(1)
    manner.leave(client)
    answer = None if manner.gone else asyncio.create_task(asyncio.to_thread(client.answer))
    found = complaints(house, stands, manner.gone, await go_on(house, proxy))
    if answer is not None:
        content = await answer
        code = None if content is None else content.get("ERRORCODE") or content.get("RtnCode")
        if code not in ("0", "0000"):
            found.append(f"the answer was {content}")
    return found


@pytest.mark.parametrize(
    ("manner", "stands"),
    [
        *((manner, stands) for manner in MANNERS for stands in STANDS),
        *((each, "console") for each in STAYING),
    ],
    ids=str,
)
async def test_a_client_of_the_virtual_cards_paths(manner: Manner, stands: str, house: House) -> None:
    found = []
    for path, name in ROUTES.items():
        await house.fresh()
        body = json_of(good_call(name, house.upstreams.world, house.folder))
        found += [f"{path}: {each}" for each in await one_client(house, manner, stands, path, body)]
    assert found == []


@pytest.mark.parametrize("stands", ["on its way", "carried out"])
@pytest.mark.parametrize("manner", MANNERS, ids=str)
async def test_a_client_that_uploads_a_file(manner: Manner, stands: str, house: House) -> None:
    found = []
    for path in UPLOADS:
        await house.fresh()
        found += [
            f"{path}: {each}"
            for each in await one_client(house, manner, stands, path, a_file(house), at="centre")
        ]
    assert found == []


def a_file(house: House) -> dict[str, str]:
    """A file that its sender has signed for."""
    world = house.upstreams.world
    sam = world.session.require_sam()
    issued = world.signatures.issue("sam", "30", {"samId": sam.id, "hospitalId": sam.hospital_id})
    return {
        "sSamid": sam.id, "sHospid": sam.hospital_id, "sClientrandom": issued.client_random,
        "sSignature": issued.signature, "sType": "A2", "sPatData": "PFJFQ1MvPg==",
        "sUploadDT": "20231105093000123",
    }  # fmt: skip


async def test_all_of_it_was_recorded(house: House) -> None:
    assert (house.folder / "calls.trace").stat().st_size > 10_000
