"""A limit for what has to wait, and none for what is there at once."""

from __future__ import annotations

import asyncio

import pytest

from bridge.trace.replaying.within import within


async def at_once(found: str) -> str:
    return found


async def waiting(seconds: float) -> str:
    await asyncio.sleep(0)
    await asyncio.sleep(seconds)
    return "late"


async def failing(seconds: float | None) -> str:
    if seconds is not None:
        await asyncio.sleep(seconds)
    raise OSError("gone")


async def test_what_is_there_at_once_and_what_is_waited_for() -> None:
    assert await within(0.0, at_once("now")) == "now"
    assert await within(5.0, waiting(0.01)) == "late"


async def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(TimeoutError):
        await within(0.01, waiting(5.0))


@pytest.mark.parametrize("seconds", [None, 0.0])
async def test_a_failure_is_passed_on(seconds: float | None) -> None:
    with pytest.raises(OSError, match="gone"):
        await within(5.0, failing(seconds))


async def test_a_limit_inside_ends_what_is_inside() -> None:
    async def limited() -> str:
        try:
            async with asyncio.timeout(0.01):
                await asyncio.sleep(5.0)
        except TimeoutError:
            await asyncio.sleep(0)
            return "inside"
        return "never"

    assert await within(5.0, limited()) == "inside"


async def test_whoever_is_cancelled_cancels_the_work() -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(5.0)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    task = asyncio.create_task(within(5.0, work()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["cancelled"]
