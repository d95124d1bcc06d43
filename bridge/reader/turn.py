"""A reader that is held for one operation of several requests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from bridge.reader.console_client import ConsoleClient
from bridge.reader.proof import Proof
from bridge.reader.session import Session
from bridge.reader.use import Use
from bridge.table.model.console import Need


class ReaderTurn:
    """The console for as long as the turn lasts: nothing is mended and nothing repeated in it."""

    def __init__(self, session: Session, proof: Proof, use: Use) -> None:
        self.session = session
        self._proof = proof
        self.use = use

    @property
    def console(self) -> ConsoleClient:
        """Who sends the requests of the turn."""
        return self.session.console

    async def check_card(self) -> None:
        """Read which health card is there. Raises CardChanged where it is not the one that the call began
        with.
        """
        self._proof.check_card(self.use, (await self.console.read_health_card()).card_id)


TakeTurn = Callable[[Use, tuple[Need, ...]], AbstractAsyncContextManager[ReaderTurn]]
