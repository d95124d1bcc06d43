"""Replies of console, cloud and upload centre, damaged on their way in whole calls: the program gets a code,
and never is it a fault of the bridge. What the reader remembers of one does not break the next call.
"""

from __future__ import annotations

import json
import logging
import os
import random
from typing import Any

import httpx
import pytest

from bridge.calls.call import OutBuffer
from bridge.sim.simulator import Simulator
from tests.hostile.doors.junk import WORDS, damaged
from tests.support.good_calls import GOOD
from tests.support.simulated import Bench, SimulatedNetwork
from tests.support.stage import open_stage, verify_practitioner

FACTOR = int(os.environ.get("FUZZ_FACTOR", "1"))
EACH = 4  # of each function; FUZZ_FACTOR=20 for a long night
JUNK: list[Any] = [
    *WORDS,
    None,
    True,
    0,
    -1,
    1,
    2,
    32768,
    10**20,
    0.5,
    float("nan"),
    [],
    {},
    [None],
    [[]],
    [{}],
    {"a": 1},
]
WHOLE: list[Any] = [
    None,
    [],
    "text",
    0,
    {"statusCode": 0},
    {"statusCode": "0"},
    {"statusCode": 0, "status": None},
]


class Damaging:
    """Damages the JSON of replies by chance, while it is on."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.on = False
        self.times = 0

    async def reply(self, response: httpx.Response) -> httpx.Response:
        content = json.loads(await response.aread())
        if not self.on or self.chance.random() > 0.5:
            return httpx.Response(response.status_code, json=content)
        self.times += 1
        broken = (
            self.chance.choice(WHOLE) if self.chance.random() < 0.1 else damaged(content, self.chance, JUNK)
        )
        return httpx.Response(200, content=json.dumps(broken).encode())


@pytest.fixture
def damaging(monkeypatch: pytest.MonkeyPatch) -> Damaging:
    made = Damaging(7)
    whole = SimulatedNetwork.handle_async_request

    async def handle(network: SimulatedNetwork, request: httpx.Request) -> httpx.Response:
        return await made.reply(await whole(network, request))

    monkeypatch.setattr(SimulatedNetwork, "handle_async_request", handle)
    return made


async def good_call(bench: Bench, simulator: Simulator, name: str) -> int:
    """A call as a program makes it, with arguments for the card that is there."""
    return (await bench.call(name, **GOOD[name](simulator.world))).code


@pytest.mark.parametrize("name", sorted(GOOD))
async def test_any_reply(
    name: str, simulator: Simulator, damaging: Damaging, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    damaging.chance = random.Random(name)
    for _ in range(EACH * FACTOR):
        simulator.world.reset()
        async with open_stage(simulator) as bench:
            await verify_practitioner(bench)
            damaging.on = True
            code = await good_call(bench, simulator, name)
            damaging.on = False
            assert -32768 <= code <= 32767
            faults = [
                record.getMessage()
                for record in caplog.records
                if "fault of the bridge" in record.getMessage()
            ]
            assert not faults, caplog.text
            simulator.world.reset()
            after = await bench.call("hisGetBasicData", pBuffer=OutBuffer(72))
            assert after.code in (0, 4000, 9001), "the next healthy call"
            again = await bench.call("hisGetBasicData", pBuffer=OutBuffer(72))
            assert again.code == 0
    assert damaging.times or name in ("csCloseCom", "csSoftwareReset")
