"""What is done with virtual health cards (虛擬健保卡): clients of the SDK upload, import, export and log out;
the desk presents a QR code to all programs and takes it back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from bridge.errors import NotSupported, StatusError
from bridge.reader import state as events
from bridge.reader.ports import Ports
from bridge.reader.presented import PresentedCards
from bridge.reader.session import Session
from bridge.reader.stand_ins import StandIns
from bridge.reader.turns import Turns
from bridge.reader.use import Use
from bridge.upstream.client import Json
from bridge.words import said

Done = TypeVar("Done")
TurnOf = Callable[[Use], AbstractAsyncContextManager[None]]


class Mending(Protocol):
    """Does something, and once more where the console has lost its session."""

    async def __call__(self, action: Callable[[], Awaitable[Done]]) -> Done:
        """Out: what it gives."""
        ...


class VirtualCards:
    """The virtual cards of one reader. ``cards``: those presented to all programs, None where the settings
    let programs use physical cards alone. ``turn_of`` and ``mending`` are the reader's own.
    """

    def __init__(
        self,
        session: Session,
        cards: PresentedCards | None,
        ports: Ports,
        turns: Turns,
        stand_ins: StandIns,
        turn_of: TurnOf,
        mending: Mending,
    ) -> None:
        self._session = session
        self._cards = cards
        self._ports = ports
        self._turns = turns
        self._stand_ins = stand_ins
        self._turn_of = turn_of
        self._mending = mending

    # --- as clients of the SDK do it ------------------------------------------------------------------------

    async def upload(self, use: Use, token: str) -> Json:
        """Make the virtual health card of a QR code the present card, in place of any other."""
        cards = self._cards
        if cards is not None:
            async with self._turn_of(use):
                await self._mending(lambda: cards.present(use, token))
            return {}
        console = self._session.console

        async def ask() -> str:
            await console.present_virtual_card(token)
            try:
                return await console.virtual_card_id(token)
            except StatusError as error:
                if error.number not in console.protocol.statuses.virtual_card_gone:
                    raise
            return (await console.read_health_card()).card_id  # the code has served its times

        return await self._taken(use, ask)

    async def take_over(self, use: Use, transfer_code: str) -> Json:
        """Make the virtual card of a transfer code (轉移碼) the present card, in place of any other."""
        console = self._session.console

        async def ask() -> str:
            await console.import_virtual_card(transfer_code)
            return (await console.read_health_card()).card_id

        return await self._taken(use, ask)

    async def _taken(self, use: Use, ask: Callable[[], Awaitable[str]]) -> Json:
        async with self._turn_of(use):
            await self._mending(lambda: self._session.present(use, ask))
        return {}

    async def export(self, use: Use) -> Json:
        """Give out a transfer code for the virtual health card, which the console then logs out at once.

        Out: the code under the console's name for it. Raises NoVirtualCard, VirtualCardMoved where there is
        no card to export.
        """
        async with self._turn_of(use):
            return await self._mending(lambda: self._session.export(use))

    async def log_out(self, use: Use) -> Json:
        """Forget the virtual health card. A physical card is left as it is; that there is none is success."""
        session = self._session
        async with self._turn_of(use):
            if session.state.initialised:
                await self._mending(session.forget_virtual_card)
            session.state = events.card_logged_out(session.state)
        return {}

    # --- for all programs -----------------------------------------------------------------------------------

    async def present(self, use: Use, token: str, reader: str) -> Json:
        """Present the virtual card of a QR code to the programs at a reader: ``COM1``, or a device of the
        console; "" means the only one that is in use. It lasts as :mod:`bridge.reader.presented` says.

        Raises BadArgument where it is not clear which reader is meant, NotSupported where the settings do not
        let programs use virtual cards, what the console says of the code.
        """
        cards = self._required()
        try:
            await self._present_at(cards, use, self._ports.device_named(reader), token)
        except StatusError as error:
            async with self._turns.alone():
                device = await self._stand_ins.after(error, use.program, self._ports.port_named(reader))
            await self._present_at(cards, use, device, token)
        return {}

    async def _present_at(self, cards: PresentedCards, use: Use, device: str, token: str) -> None:
        async with self._turns.held(use.program, device):
            await self._mending(lambda: cards.present(use, token))

    async def withdraw(self, reader: str) -> Json:
        """Take the presented virtual card out; that there is none is success. Raises as :meth:`present`."""
        cards = self._required()
        async with self._turns.alone():
            await cards.withdraw(self._ports.device_named(reader) if reader else "")
        return {}

    def presented(self) -> list[dict[str, Any]]:
        """What is presented now; see :meth:`PresentedCards.told`. Nobody is asked."""
        return [] if self._cards is None else self._cards.told()

    def _required(self) -> PresentedCards:
        if self._cards is None:
            raise NotSupported(said('the setting reader.cards is "physical": programs use no virtual cards'))
        return self._cards
