"""One console session: what it takes to bring about the state that a request needs.

Whoever calls these methods holds the reader; what happens is written down in ``state``, event by event.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from bridge.config import ReaderSettings
from bridge.errors import CallError, NoVirtualCard, PortNotOpen, StatusError, VirtualCardMoved
from bridge.reader import state as events
from bridge.reader.console_client import SOURCE, ConsoleClient
from bridge.reader.state import PresentCard, SessionState
from bridge.table.model.console import CardKind, ConsoleProtocol, Need
from bridge.upstream.client import Json, Upstream

log = logging.getLogger(__name__)

MOST_FAILED_VERIFICATIONS = 3  # a physical SAM locks itself after too many; csVerifySAMDC still tries


class Session:
    """One console session. ``console`` sends its requests, ``state`` is what is known of it."""

    def __init__(self, console: Upstream, protocol: ConsoleProtocol, settings: ReaderSettings) -> None:
        self.console = ConsoleClient(console, protocol, self._refused)
        self.state = SessionState()
        self._settings = settings
        self._statuses = protocol.statuses
        self._states = protocol.states

    def _refused(self, number: int | None) -> None:
        if number in self._statuses.virtual_card_gone:
            self.state = events.virtual_card_gone(self.state)

    # --- what a request needs -------------------------------------------------------------------------------

    async def ensure(self, needs: tuple[Need, ...], card: CardKind) -> None:
        """Bring about what a request needs, in this order: console, SAM, the kind of health card.

        Raises NoVirtualCard and VirtualCardMoved before anything is asked; PortNotOpen where the settings
        want an open port; what the console answers.
        """
        if "hc" in needs and card == "virtual":
            self._require_virtual_card()
        if "console" in needs and not self.state.initialised:
            if not self.state.port_open and self._settings.unopened == "refuse":
                raise PortNotOpen("a card call without an open port, and the settings refuse that")
            await self.initialise(self._settings.default_device)
        if "sam" in needs and not self.state.sam_verified:
            await self._verify_on_demand()
        if "hc" in needs and card == "physical":
            await self._ensure_physical_card()

    async def before_read(self, needs: tuple[Need, ...], card: CardKind) -> None:
        """Where the settings ask for it: make the console look anew which card lies in the slot."""
        if self._settings.logout_before_read and "hc" in needs and card == "physical":
            await self.log_out_card()

    def end_if_lost(self, error: StatusError) -> bool:
        """Whether a status says that the session, or its SAM's, had ended before anything was done.

        That is then what is known: the request can be made once more.
        """
        if error.source != SOURCE:
            return False
        if error.number in self._statuses.not_initialised and self.state.initialised:
            self.state = events.ended(self.state)
            return True
        if error.number in self._statuses.sam_not_verified and self.state.sam_verified:
            self.state = events.sam_lost(self.state)
            return True
        return False

    # --- begin and end --------------------------------------------------------------------------------------

    async def initialise(self, device: str) -> None:
        """Begin the session, or join the one that the console has already."""
        try:
            begun = await self.console.initialise(device)
        except CallError:
            self.state = events.ended(self.state)
            raise
        self.state = (events.begun if begun else events.joined)(self.state, device)

    async def finalise(self) -> None:
        """End the session at the console."""
        await self.console.finalise()
        self.state = events.ended(self.state)

    # --- the SAM --------------------------------------------------------------------------------------------

    async def _verify_on_demand(self) -> None:
        if self.state.failures >= MOST_FAILED_VERIFICATIONS:
            log.error(
                "the SAM failed %d verifications in a row: not tried again until a program asks for it",
                self.state.failures,
            )
            raise StatusError(SOURCE, self._statuses.sam_verification_withheld.number)
        await self._verify_sam()

    async def verify_sam(self) -> None:
        """Have the SAM verified; one that the console already counts as verified is left so."""
        await self.ensure(("console",), "physical")
        verified = await self.sam_is_verified()
        self.state = events.sam_reported(self.state, verified)
        if not verified:
            await self._verify_sam()

    async def sam_is_verified(self) -> bool:
        """Whether the console counts the SAM as verified; it is asked."""
        return (await self.console.status()).sam_state == self._states.sam_verified

    async def _verify_sam(self) -> None:
        try:
            await self.console.verify_sam()
        except StatusError as error:
            if error.number in self._statuses.sam_not_verified:
                self.state = events.sam_refused(self.state)
            raise
        self.state = events.sam_verified(self.state)

    async def log_out_sam(self) -> None:
        """End the verification of the SAM and of both cards."""
        await self.console.log_out_sam()
        self.state = events.sam_logged_out(self.state)

    async def look_at_sam(self) -> None:
        """Ask whether the SAM is still verified, and know it."""
        verified = await self.sam_is_verified()
        if self.state.sam_verified and not verified:
            self.state = events.sam_lost(self.state)
        self.state = events.sam_reported(self.state, verified)

    # --- the health card ------------------------------------------------------------------------------------

    def _require_virtual_card(self) -> None:
        if self.state.card is PresentCard.EXPORTED:
            raise VirtualCardMoved("the virtual card was exported to another device")
        if self.state.card is not PresentCard.VIRTUAL:
            raise NoVirtualCard("no QR code has been uploaded, or its card is gone")

    async def _ensure_physical_card(self) -> None:
        """Log a virtual card out, also one that another program may have left in this console session."""
        if await self._is_virtual():
            log.info("a call for the physical card: the virtual card is logged out")
            await self.log_out_card()

    async def _is_virtual(self) -> bool:
        """Whether the console takes a virtual card as present; asked where that is not known for sure."""
        if self.state.card is PresentCard.UNKNOWN or self._settings.shared:
            kind = (await self.console.status()).health_card_kind
            self.state = events.card_reported(self.state, virtual=kind == self._states.virtual_card)
        return self.state.card is PresentCard.VIRTUAL

    async def log_out_card(self) -> None:
        """End the health card's session, whichever kind it is."""
        self.state = events.card_in_doubt(self.state)
        await self.console.log_out_health_card()
        self.state = events.card_logged_out(self.state)

    async def forget_virtual_card(self) -> None:
        """Log a virtual card out; a physical one is left as it is."""
        if await self._is_virtual():
            await self.log_out_card()

    async def present(self, ask: Callable[[], Awaitable[None]]) -> None:
        """Make a virtual card the present one by a request, in place of any other card."""
        await self.ensure(("console", "sam"), "virtual")
        await self.log_out_card()
        self.state = events.card_in_doubt(self.state)
        await ask()
        self.state = events.virtual_card_presented(self.state)

    async def export(self) -> Json:
        """Give the virtual card away. Where the answer gets lost it may be logged out, and the next card in
        the slot is somebody else's.
        """
        await self.ensure(("console", "sam", "hc"), "virtual")
        self.state = events.card_in_doubt(self.state)
        try:
            reply = await self.console.export_virtual_card()
        except StatusError as error:
            if error.number not in self._statuses.virtual_card_gone:
                self.state = events.virtual_card_presented(self.state)  # refused: nothing was done
            raise
        self.state = events.virtual_card_exported(self.state)
        return reply
