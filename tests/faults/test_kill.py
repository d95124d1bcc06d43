"""The bridge is killed (SIGKILL) at each step of every function that changes something, and started again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.forwarder import Forwarder
from tests.faults.laws import carried_out
from tests.faults.oracle import CHANGING, UPLOADS
from tests.faults.processes import BridgeProcess, ask, good_call, running
from tests.faults.proxy import LOOPBACK, Trouble
from tests.faults.rig import Upstreams, open_upstreams, quick_worlds
from tests.support.legacy_routes import Value

WAIT_SECONDS = 30.0
NOTED = 0.5
TAKING_BACK = (
    "csUnGetSeqNumber"  # its arguments put one more visit into the record: the writes mean the one before
)
# These do what another one has just done, which the cloud would refuse: they are called apart.
TWINS = ["csUploadDataPrec", "hisWriteTreatmentData"]
GROUPS = [[name for name in CHANGING if name not in TWINS], TWINS]


@dataclass
class Scene:
    upstreams: Upstreams
    bridge: BridgeProcess
    folder: Path
    pool: ThreadPoolExecutor
    port: int = 0  # where callers go in place of the bridge's own port

    def call(self, name: str, arguments: Mapping[str, Value] | None = None) -> asyncio.Future[int | None]:
        given = arguments or good_call(name, self.upstreams.world, self.folder)
        loop = asyncio.get_running_loop()
        address = f"{LOOPBACK}:{self.port or self.bridge.channel_port}"
        return loop.run_in_executor(self.pool, ask, address, name, given)

    async def start_all(self, names: list[str]) -> list[asyncio.Future[int | None]]:
        """All functions are called, each by a caller of its own. The doctor's PIN is verified before."""
        assert await self.call("hpcVerifyHPCPIN") == 0
        return self.start(names)

    def start(self, names: list[str]) -> list[asyncio.Future[int | None]]:
        """All functions are called at once."""
        ordered = sorted(names, key=lambda name: name == TAKING_BACK)
        given = {name: good_call(name, self.upstreams.world, self.folder) for name in ordered}
        return [self.call(name, given[name]) for name in names]

    async def kill(self) -> None:
        """Killed; whatever the proxies hold never arrives."""
        await asyncio.to_thread(self.bridge.kill)
        for proxy in self.upstreams.proxies.values():
            await proxy.forget()

    async def works_again(self) -> bool:
        await asyncio.to_thread(self.bridge.start)
        return await self.call("hisGetBasicData") == 0


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    with quick_worlds(), ThreadPoolExecutor(max_workers=len(CHANGING) + 4) as pool:
        async with open_upstreams(tmp_path / "sim") as upstreams, running(tmp_path, upstreams) as bridge:
            yield Scene(upstreams, bridge, tmp_path, pool)


async def test_when_the_bridge_has_its_answer_and_the_program_has_not(scene: Scene) -> None:
    """The journal says that it was done: what the program got, nobody can know."""
    forwarder = Forwarder(scene.bridge.channel_port)
    await forwarder.start()
    scene.port = forwarder.port
    names = GROUPS[0]
    assert await scene.call("hpcVerifyHPCPIN") == 0
    forwarder.holding = True
    calls = scene.start(names)
    async with asyncio.timeout(WAIT_SECONDS):
        await forwarder.gate.everybody(len(names))
    await asyncio.sleep(NOTED)  # in that moment itself it is still begun: a person looks once too often
    await scene.kill()
    await forwarder.stop()
    scene.port = 0
    assert set(await asyncio.gather(*calls)) == {None}
    assert per_function(scene) == dict.fromkeys(names, ("done", 1))
    assert await scene.works_again()


async def arrivals(scene: Scene, service: str, wanted: int) -> None:
    gate = scene.upstreams.proxies[service].gate
    async with asyncio.timeout(WAIT_SECONDS):
        await gate.everybody(wanted)


def per_function(scene: Scene) -> dict[str, tuple[str, int]]:
    """For each function the state of its one intent, and how often the cloud carried it out."""
    done = carried_out(scene.upstreams.proxies["cloud"].seen)
    intents = scene.bridge.intents()
    assert max(Counter(intent.function for intent in intents).values(), default=0) <= 1, (
        "one signature for each"
    )
    return {intent.function: (intent.state, done[intent.random]) for intent in intents}


async def test_while_the_console_signs(scene: Scene) -> None:
    """Nothing has left: nothing is begun."""
    scene.upstreams.proxies["console"].trouble = Trouble("reply", "hold", path="/Signature/Hc")
    calls = await scene.start_all(CHANGING)
    await arrivals(scene, "console", 1)
    await scene.kill()
    assert set(await asyncio.gather(*calls)) == {None}
    at_the_cloud = carried_out(scene.upstreams.proxies["cloud"].seen)
    begun = per_function(scene)
    assert set(begun.values()) <= {("begun", 0), ("begun", 1), ("done", 1)}  # those that other cards sign
    assert sum(at_the_cloud.values()) == sum(count for _, count in begun.values())
    assert not {"hisWriteTreatmentFee", "hisGetSeqNumber256N1"} & set(begun)
    assert await scene.works_again()


async def test_before_the_cloud_has_the_request(scene: Scene) -> None:
    scene.upstreams.proxies["cloud"].trouble = Trouble("request", "hold")
    calls = await scene.start_all(CHANGING)
    await arrivals(scene, "cloud", len(CHANGING))
    await scene.kill()
    assert set(await asyncio.gather(*calls)) == {None}
    assert per_function(scene) == dict.fromkeys(CHANGING, ("begun", 0))
    assert await scene.works_again()
    assert per_function(scene) == dict.fromkeys(CHANGING, ("begun", 0)), "nothing is done again by itself"


@pytest.mark.parametrize("names", GROUPS, ids=["most", "twins"])
@pytest.mark.parametrize("act", ["hold", "half"])
async def test_when_the_cloud_has_carried_it_out(act: str, names: list[str], scene: Scene) -> None:
    """The reply is still at the cloud (hold), or half of it has left (half)."""
    scene.upstreams.proxies["cloud"].trouble = Trouble("reply", "hold" if act == "hold" else "half")
    calls = await scene.start_all(names)
    await arrivals(scene, "cloud", len(names))
    await scene.kill()
    assert set(await asyncio.gather(*calls)) == {None}
    assert per_function(scene) == dict.fromkeys(names, ("begun", 1))
    assert await scene.works_again()
    assert per_function(scene) == dict.fromkeys(names, ("begun", 1))
    told = await asyncio.to_thread(scene.bridge.told)
    assert sorted(change["function"] for change in told) == sorted(names)
    assert all("look in the cloud" in change["advice"] for change in told)


@pytest.mark.parametrize("names", GROUPS, ids=["most", "twins"])
async def test_while_it_is_repeated(names: list[str], scene: Scene) -> None:
    """The first answer was lost; the repeat is under way with the same signature."""
    again = Trouble("request", "hold")
    scene.upstreams.proxies["cloud"].trouble = Trouble("reply", "reset", repeat=again)
    calls = await scene.start_all(names)
    uploads = [name for name in names if name in UPLOADS]
    repeated = [name for name in names if name not in UPLOADS]
    await arrivals(scene, "cloud", len(repeated))
    await asyncio.gather(*(calls[names.index(name)] for name in uploads))
    await scene.kill()
    await asyncio.gather(*calls)
    found = per_function(scene)
    assert {name: found[name] for name in repeated} == dict.fromkeys(repeated, ("begun", 1))
    assert {name: found[name] for name in uploads} == dict.fromkeys(uploads, ("ambiguous", 1))
    assert await scene.works_again()
