"""How long calls may take, and their end before that when the bridge stops."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from weakref import WeakSet


class Limits:
    """The time limits of the calls under way; each has ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._running: WeakSet[asyncio.Timeout] = WeakSet()

    def new(self) -> asyncio.Timeout:
        """The limit of a call that begins now, for ``async with``. Raises TimeoutError at its end."""
        limit = asyncio.timeout(self.seconds)
        self._running.add(limit)
        return limit

    def cut_short(self) -> None:
        """End the calls under way as if their time were over: they answer with a code as long as somebody can
        hear it.
        """
        now = asyncio.get_running_loop().time()
        for limit in tuple(self._running):
            with suppress(RuntimeError):  # it has ended already
                limit.reschedule(now)
