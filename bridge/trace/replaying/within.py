"""A time limit that costs nothing where nothing has to be waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

FoundT = TypeVar("FoundT")


async def within(seconds: float, work: Coroutine[Any, Any, FoundT]) -> FoundT:
    """What a coroutine gives. Raises TimeoutError where it has not ended in so many seconds.

    It runs in the task that asks. The time counts from where it first waits for something.
    """
    try:
        first = work.send(None)
    except StopIteration as done:
        found: FoundT = done.value
        return found
    async with asyncio.timeout(seconds):
        return await _rest(work, first)


@coroutine
def _rest(work: Coroutine[Any, Any, FoundT], first: Any) -> Generator[Any, Any, FoundT]:
    """Goes on with a coroutine that has begun. ``first``: what it waits for."""
    waits_for = first
    try:
        while True:
            try:
                sent = yield waits_for
            except BaseException as error:
                waits_for = work.throw(error)
            else:
                waits_for = work.send(sent)
    except StopIteration as done:
        found: FoundT = done.value
        return found
