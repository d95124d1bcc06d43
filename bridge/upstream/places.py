"""How many requests may be under way at once; those that are too many wait, in their order."""

from __future__ import annotations

import asyncio
from collections import deque


class Places:
    """So many places as are ``free`` at the beginning. Nobody gets one before those who wait already."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._waiting: deque[asyncio.Future[None]] = deque()  # also those that have given up

    def take_now(self) -> bool:
        """Take a place if one is free. Out: whether it was."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def take(self) -> None:
        """Take a place; wait for one where none is free."""
        if self.take_now():
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.give_back()  # it came at the moment at which nobody wanted it any more
            raise

    def give_back(self) -> None:
        """Give a place back: whoever has waited longest gets it."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
