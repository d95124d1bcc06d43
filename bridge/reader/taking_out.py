"""The end of a presentation that nobody asks about: its card must not stay in use at the console."""

from __future__ import annotations

import asyncio

from bridge.reader.presented import PresentedCards
from bridge.reader.turns import Turns

MARGIN = 0.1  # seconds by which clocks may differ


class TakingOut:
    """Has the presented card taken out when its time is over. Each use puts that off."""

    def __init__(self, cards: PresentedCards, turns: Turns) -> None:
        self._cards = cards
        self._turns = turns
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def watch(self) -> None:
        """A card is presented: the time begins."""
        self.stop()
        left = self._cards.seconds_left()
        if left is not None:
            self._timer = asyncio.get_running_loop().call_later(left + MARGIN, self._begin)

    def stop(self) -> None:
        """The bridge stops, which ends the console's session."""
        for waiting in (self._timer, self._task):
            if waiting is not None:
                waiting.cancel()
        self._timer = self._task = None

    def _begin(self) -> None:
        self._timer, self._task = None, asyncio.create_task(self._settle())

    async def _settle(self) -> None:
        async with self._turns.alone():
            await self._cards.settle()
        self._task = None
        self.watch()
