"""The time limits of calls: each ends by itself, and all of them when the bridge stops."""

from __future__ import annotations

import asyncio

import pytest

from bridge.engine.limits import Limits

LONG = 60.0


async def _call(limits: Limits, seconds: float) -> str:
    try:
        with limits.new():
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
    assert await _call(limits, 0) == "done"
    assert len(limits.running) == 0
    limits.cut_short()
    assert await _call(limits, 0) == "done"


async def test_each_call_has_its_own_time_though_one_timer_watches_all() -> None:
    limits = Limits(0.2)
    loop = asyncio.get_running_loop()

    async def ended(after: float) -> float:
        await asyncio.sleep(after)
        began = loop.time()
        assert await _call(limits, LONG) == "too late"
        return loop.time() - began

    for taken in await asyncio.gather(ended(0), ended(0.05), ended(0.1)):
        assert 0.19 < taken < 2.0


async def test_a_call_that_others_end_is_not_said_to_be_late() -> None:
    limits = Limits(LONG)
    call = asyncio.create_task(_call(limits, LONG))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert len(limits.running) == 0


async def test_a_call_that_others_end_as_well_does_not_go_on() -> None:
    limits = Limits(LONG)
    call = asyncio.create_task(_call(limits, LONG))
    await asyncio.sleep(0)
    limits.cut_short()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_another_error_of_a_late_call_stays_what_it_is() -> None:
    limits = Limits(LONG)

    async def failing() -> None:
        with limits.new():
            try:
                await asyncio.sleep(LONG)
            finally:
                raise ValueError("of its own")

    call = asyncio.create_task(failing())
    await asyncio.sleep(0)
    limits.cut_short()
    with pytest.raises(ValueError, match="of its own"):
        await call
    assert call.cancelling() == 0


def test_limits_hold_in_each_event_loop() -> None:
    limits = Limits(0.05)
    for _ in range(2):
        assert asyncio.run(_call(limits, 0)) == "done"
        assert asyncio.run(_call(limits, LONG)) == "too late"
