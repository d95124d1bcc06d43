"""The time limits of calls: each ends by itself, and all of them when the bridge stops."""

from __future__ import annotations

import asyncio
import gc

import pytest

from bridge.engine.limits import Limits

LONG = 60.0


async def _call(limits: Limits, seconds: float) -> str:
    try:
        async with limits.new():
            await asyncio.sleep(seconds)
    except TimeoutError:
        return "too late"
    return "done"


async def test_a_call_within_its_time_and_one_beyond_it() -> None:
    limits = Limits(0.05)
    assert await asyncio.gather(_call(limits, 0), _call(limits, LONG)) == ["done", "too late"]


async def test_all_calls_under_way_are_cut_short() -> None:
    limits = Limits(LONG)
    calls = [asyncio.create_task(_call(limits, LONG)) for _ in range(3)]
    await asyncio.sleep(0)
    limits.cut_short()
    async with asyncio.timeout(5):
        assert await asyncio.gather(*calls) == ["too late"] * 3


async def test_what_has_ended_is_left_alone_and_forgotten() -> None:
    limits = Limits(LONG)
    kept = limits.new()
    async with kept:
        pass
    with pytest.raises(RuntimeError):
        kept.reschedule(0.0)
    limits.cut_short()
    del kept
    assert await _call(limits, 0) == "done"
    gc.collect()
    assert len(limits._running) == 0
