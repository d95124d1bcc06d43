"""A result is given again only where it is made of one kept answer of the console, and only while that is the
same.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.calls.call import NATIVE, VHC, Answered, LegacyCall, LegacyResult, OutBuffer
from bridge.calls.plan import prepared_row
from bridge.reader.use import Use
from bridge.sim.console import common_v1
from bridge.sim.simulator import Simulator
from bridge.table.default import default_table
from tests.support.simulated import Bench, open_bench

VERSION = "GET /api/common/v1/Version"
PATH = b"ciet6001s01.exe\0"


@pytest.fixture
async def bench(simulator: Simulator) -> AsyncIterator[Bench]:
    async with open_bench(simulator) as made:
        yield made


async def _version(bench: Bench, capacity: int = 24) -> LegacyResult:
    return await bench.call("csGetVersionEx", sPath=OutBuffer(capacity))


def _new_version(monkeypatch: pytest.MonkeyPatch, **values: Any) -> None:
    monkeypatch.setattr(common_v1, "VERSION", {**common_v1.VERSION, **values})


async def test_the_same_answer_gives_the_same_result(bench: Bench) -> None:
    first, second = await _version(bench), await _version(bench)
    assert (first.code, first.outputs) == (6000, {"sPath": PATH})
    assert second is not first  # for the first somebody was asked
    assert await _version(bench) is second
    assert bench.console.sent.count(VERSION) == 1


async def test_only_what_is_given_again_lasts(bench: Bench) -> None:
    for _ in range(2):
        await _version(bench)
        await bench.call("hisGetBasicData", pBuffer=OutBuffer(72))
    version = bench.engine.call(LegacyCall("csGetVersionEx", {"sPath": OutBuffer(24)}))
    assert isinstance(version, Answered)
    assert version.lasts
    refused = bench.engine.call(LegacyCall("hisGetBasicData", {"pBuffer": OutBuffer(0)}))
    assert isinstance(refused, Answered)  # for want of room nobody is asked
    assert not refused.lasts
    card = bench.engine.call(LegacyCall("hisGetBasicData", {"pBuffer": OutBuffer(72)}))
    assert not isinstance(card, Answered)
    assert (await card).code == 0


async def test_a_new_answer_gives_a_new_result(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [(await _version(bench)).code for _ in range(3)] == [6000] * 3
    _new_version(monkeypatch, longVersion="6001")
    assert (await _version(bench)).code == 6000  # the console cannot be another one within a session
    bench.simulator.world.session.finalise()
    await bench.call("hisGetBasicData", pBuffer=OutBuffer(72))  # finds out, and mends the session
    assert [(await _version(bench)).code for _ in range(3)] == [6001] * 3


async def test_without_what_it_needs_it_is_not_given(bench: Bench) -> None:
    await _version(bench)
    before = await _version(bench)
    await bench.reader.log_out_sam(Use())
    assert await _version(bench) is not before


async def test_what_deserves_a_warning_gets_one_each_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _new_version(monkeypatch, location="C:\\堃")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert (await _version(bench)).outputs == {"sPath": "□\0".encode("cp950")}
    assert caplog.text.count("sPath: changed to fit") == 3


async def test_every_call_is_counted_and_numbered(bench: Bench) -> None:
    for _ in range(4):
        await _version(bench)
    (total,) = bench.engine.calls.totals().values()
    assert total.count == 4


async def test_each_door_has_its_own(bench: Bench) -> None:
    await _version(bench)
    native = await _version(bench)
    assert await bench.engine.call(LegacyCall("csGetVersionEx", {"sPath": OutBuffer(24)}, VHC)) is not native
    assert await bench.engine.call(LegacyCall("csGetVersionEx", {"sPath": OutBuffer(24)}, NATIVE)) is native


def test_only_rows_that_read_nothing_from_their_caller() -> None:
    functions = default_table().functions.values()
    known = {function.name for function in functions if prepared_row(function).kept_step is not None}
    assert "csGetVersionEx" in known
    for function in functions:
        if function.name in known:
            assert all(argument.kind in ("text_out", "length") for argument in function.arguments)
            assert all(step.kept and not {"hc", "hpc"} & set(step.needs) for step in function.steps)
