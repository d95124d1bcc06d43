"""Places for requests: never more than there are, in order, and none is lost."""

from __future__ import annotations

import asyncio
import random

import pytest

from bridge.upstream.places import Places


async def test_no_more_than_there_are() -> None:
    places = Places(2)
    assert [places.take_now() for _ in range(3)] == [True, True, False]
    places.give_back()
    assert [places.take_now() for _ in range(2)] == [True, False]


async def test_whoever_has_waited_longest_is_next() -> None:
    places, order = Places(1), []
    await places.take()

    async def waits(name: int) -> None:
        await places.take()
        order.append(name)
        places.give_back()

    waiting = [asyncio.create_task(waits(name)) for name in range(3)]
    await asyncio.sleep(0)
    places.give_back()
    assert not places.take_now()  # it belongs to the one that waits
    await asyncio.gather(*waiting)
    assert order == [0, 1, 2]
    assert places.take_now()


@pytest.mark.parametrize("given_first", [False, True])
async def test_a_place_that_nobody_wants_any_more_is_not_lost(given_first: bool) -> None:
    places = Places(1)
    await places.take()
    leaving, staying = (asyncio.create_task(places.take()) for _ in range(2))
    await asyncio.sleep(0)
    if given_first:
        places.give_back()
    leaving.cancel()
    if not given_first:
        places.give_back()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    async with asyncio.timeout(5):
        await staying
    assert not places.take_now()
    places.give_back()
    assert places.take_now()


async def test_none_is_lost_and_none_is_doubled_whoever_leaves() -> None:
    most, seed = 3, random.Random(7)
    places, taken, highest = Places(most), 0, 0

    async def call() -> None:
        nonlocal taken, highest
        await places.take()
        taken += 1
        highest = max(highest, taken)
        try:
            await asyncio.sleep(seed.random() / 1000)
        finally:
            taken -= 1
            places.give_back()

    calls = [asyncio.create_task(call()) for _ in range(300)]
    for each in seed.sample(calls, 150):
        await asyncio.sleep(seed.random() / 2000)
        each.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert (taken, highest) == (0, most)
    assert [places.take_now() for _ in range(most + 1)] == [True] * most + [False]
