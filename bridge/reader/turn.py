"""A reader that is held for one operation of several requests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from bridge.reader.console_client import ConsoleClient
from bridge.reader.session import Session
from bridge.table.model.console import Need


class ReaderTurn:
    """The console for as long as the turn lasts: nothing is mended and nothing repeated in it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def console(self) -> ConsoleClient:
        """Who sends the requests of the turn."""
        return self._session.console

    async def card_id(self) -> str:
        """Number of the health card in the reader; looked at anew where the settings ask for that."""
        await self._session.before_read(("hc",), "physical")
        return (await self.console.read_health_card()).card_id


TakeTurn = Callable[[tuple[Need, ...]], AbstractAsyncContextManager[ReaderTurn]]
