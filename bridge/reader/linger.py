"""The end of a console session that nobody uses any more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from bridge.errors import CallError
from bridge.reader.session import Session
from bridge.reader.turns import Turns

log = logging.getLogger(__name__)
LEAST_SECONDS = 1.0  # until it is looked again whether the session is in use


class Linger:
    """Ends the session ``seconds`` after a program has closed its port, unless another one has the port open
    and has called within that time, or a card is presented in it. A session that another program began is
    left alone.
    """

    def __init__(
        self, session: Session, turns: Turns, seconds: float, presented: Callable[[], bool] = lambda: False
    ) -> None:
        self._session = session
        self._turns = turns
        self._seconds = seconds
        self._presented = presented
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """A program has closed its port: the time begins."""
        self.stop()
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._begin)

    def stop(self) -> None:
        """The session is used again, or is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _begin(self) -> None:
        self._timer, self._task = None, asyncio.create_task(self._end_when_unused())

    async def _end_when_unused(self) -> None:
        while True:
            async with self._turns.alone():
                if not self._turns.in_use() and not self._presented():
                    self._task = None
                    if self._session.state.owned:
                        await self._end()
                    return
            await asyncio.sleep(max(self._seconds, LEAST_SECONDS))

    async def _end(self) -> None:
        try:
            await self._session.finalise()
        except CallError as error:
            log.warning("could not end the idle console session: %s", error)
