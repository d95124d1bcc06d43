"""One console session: what it takes to bring about the state that a request needs.

Whoever calls these methods has the turn; what happens is written down in ``state``, event by event.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

from bridge.config import ReaderSettings
from bridge.errors import CallError, NoVirtualCard, PortBusy, PortNotOpen, StatusError, VirtualCardMoved
from bridge.reader import state as events
from bridge.reader.console_client import SOURCE, ConsoleClient, ConsoleStatus
from bridge.reader.other_programs import OtherPrograms
from bridge.reader.state import Hold, PresentCard, SessionState, Why
from bridge.reader.use import Use
from bridge.table.model.console import ConsoleProtocol, Need
from bridge.upstream.client import Json, Upstream
from bridge.words import said

log = logging.getLogger(__name__)

MOST_FAILED_VERIFICATIONS = 3  # a physical SAM locks itself after too many; csVerifySAMDC still tries


class Session:
    """The console's session. ``console`` sends its requests, ``state`` is what is known of it and of the
    device that it is of. ``last_device``: the one that was opened by name last, "" for none. ``others``:
    signs of another program at the console. ``begun``: how many sessions there have been. ``clock``:
    monotonic seconds.
    """

    def __init__(
        self,
        console: Upstream,
        protocol: ConsoleProtocol,
        settings: ReaderSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.console = ConsoleClient(console, protocol, self._refused)
        self.state = SessionState(device=settings.default_device)
        self.last_device = ""
        self.begun = 0
        self.others = OtherPrograms()
        self._clock = clock
        self._settings = settings
        self._statuses = protocol.statuses
        self._states = protocol.states

    def _refused(self, number: int | None) -> None:
        if number in self._statuses.virtual_card_gone:
            self.state = events.virtual_card_gone(self.state)

    # --- what a request needs -------------------------------------------------------------------------------

    async def ensure(self, needs: tuple[Need, ...], use: Use) -> None:
        """Bring about what a request needs, in this order: console, SAM, the kind of health card.

        Raises NoVirtualCard and VirtualCardMoved before anything is asked; PortNotOpen where the settings
        want an open port; what the console answers.
        """
        if "hc" in needs and use.card == "virtual":
            self._require_virtual_card()
        if "console" in needs and not self.state.initialised:
            if use.program not in self.state.open_for and self._settings.unopened == "refuse":
                raise PortNotOpen(said("a card call without an open port, and the settings refuse that"))
            await self.initialise()
        if "sam" in needs and not self.state.sam_verified:
            await self.verify_sam_on_demand()
        if "hc" in needs and use.card == "physical":
            await self._approach_physical_card(use)

    async def _approach_physical_card(self, use: Use) -> None:
        """See to it that the card in the slot is the one that the console takes as present: once in a call
        the console has to look anew, unless the card's PIN was typed a moment ago.
        """
        if self._settings.logout_before_read == "never" or use.looked or self._pin_tells_the_card():
            await self._ensure_physical_card()
        else:
            await self.look_anew()
            use.looked = True

    def _pin_tells_the_card(self) -> bool:
        """Whether the card's PIN was typed so short a while ago that no other card lies there."""
        return self._settings.logout_before_read != "always" and self._clock() < self.state.pin_until

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

    async def initialise(self) -> None:
        """Begin the session of the state's device, or join the one that the console has already.

        Raises PortBusy where another program has begun that one for another device and has a card in use.
        """
        try:
            begun = await self.console.initialise(self.state.device)
            if begun or not self.state.initialised:
                status = await self.console.status() if self._settings.shared else None
                await self._take_up(begun, status)
        except CallError:
            self.state = events.ended(self.state)
            raise
        self.last_device = self.state.device or self.last_device

    async def _take_up(self, begun: bool, status: ConsoleStatus | None) -> None:
        """Go on with a session that was begun now, or that another program has begun. ``status``: what the
        console said of it, None where nobody else works there.

        One of another device, in which no card is in use, is ended: it may be left over from a program that
        was killed. Raises PortBusy where a card is.
        """
        if not begun:
            log.info("another program has begun the console's session")
            if status is not None and not await self._is_own_device(status.device):
                self._require_idle(status)
                await self.console.finalise()
                begun = await self.console.initialise(self.state.device)
                if not begun:
                    raise self.moved()
                status = await self.console.status()
        if begun and status is not None and await self._is_of_another_device(status.device):
            raise self.moved()  # another program has begun that one since
        self.begun += 1
        self.state = (events.begun if begun else events.joined)(self.state)
        if status is not None:
            self.look_at(status)

    def _require_idle(self, status: ConsoleStatus) -> None:
        states = self._states
        for state, used in (
            (status.health_card_state, states.card_verified),
            (status.practitioner_state, states.practitioner_pin_verified),
        ):
            if not isinstance(state, int) or state >= used:
                raise self.moved()

    async def _is_own_device(self, name: object) -> bool:
        """Whether the device that the console names is the state's. It names a cloud SAM by its id, also
        where it was opened by its port; where it has one SAM, it is that.
        """
        device = self.state.device
        if not device or not isinstance(name, str) or name in ("", device):
            return True
        if self.state.device_name:
            return name == self.state.device_name
        of_one_kind = name.isdigit() == device.isdigit()
        return not of_one_kind and sum(each.isdigit() for each in await self.console.device_names()) < 2

    async def _is_of_another_device(self, name: object) -> bool:
        """Whether the session is surely not of the state's device: the console has both under these names."""
        device = self.state.device
        if not device or not isinstance(name, str) or name in ("", device, self.state.device_name):
            return False
        return {name, device} <= set(await self.console.device_names())

    def look_at(self, status: ConsoleStatus) -> None:
        """Compare the device that the console names with the one that this session is of, and learn which
        kind of card is present. Raises PortBusy.
        """
        if isinstance(status.device, str) and status.device:
            if self.state.device_name not in ("", status.device):
                raise self.moved()
            self.state = events.device_named(self.state, status.device)
        virtual = status.health_card_kind == self._states.virtual_card
        self.state = events.card_reported(self.state, virtual)
        self.state = events.sam_kind_told(self.state, status.sam_kind == self._states.cloud_sam)

    def moved(self) -> PortBusy:
        """The console has another device than the one that this session is of: the session is over."""
        port = self.state.device or "(default)"
        if self.state.initialised:
            self.others.note("it opened another device in the session")
        self.state = events.ended(self.state)
        return PortBusy(
            said(
                "another program works with another device at the console than that of port {port}", port=port
            )
        )

    async def finalise(self) -> None:
        """End the session at the console."""
        await self.console.finalise()
        self.state = events.ended(self.state)

    # --- the SAM --------------------------------------------------------------------------------------------

    def may_verify_sam(self) -> bool:
        """Whether the SAM has not failed too often in a row."""
        return self.state.failures < MOST_FAILED_VERIFICATIONS

    async def verify_sam_on_demand(self) -> None:
        """Have the SAM verified because a call needs it; not once more where it failed too often in a row."""
        if not self.may_verify_sam():
            raise self._withheld()
        await self._verify_sam()

    async def verify_sam(self, use: Use) -> None:
        """Have the SAM verified because a program asks for that, also one that counts as verified: it wants
        to know whether contract and network are in order. Not more often than the settings say.

        A SAM that failed too often in a row, and that the console counts as verified all the same, is left
        alone: it could lock itself, and works as long as nobody tries.
        """
        await self.ensure(("console",), use)
        lately = self._sam_checked_lately()
        if lately or not self.may_verify_sam():
            verified = await self.sam_is_verified()
            self.state = events.sam_reported(self.state, verified)
            if verified and lately:
                return
            if verified:
                raise self._withheld()
        await self._verify_sam()

    def _sam_checked_lately(self) -> bool:
        checked = self.state.sam_checked
        return checked is not None and self._clock() - checked < self._settings.sam_checked

    def _withheld(self) -> StatusError:
        log.error(
            "the SAM failed %d verifications in a row: not tried again until a program asks for it; where "
            "the console counts it as verified all the same, not until it is logged out",
            self.state.failures,
        )
        return StatusError(SOURCE, self.state.refusal)

    async def sam_is_verified(self) -> bool:
        """Whether the console counts the SAM as verified; it is asked."""
        return (await self.console.status()).sam_state == self._states.sam_verified

    async def _verify_sam(self) -> None:
        try:
            await self.console.verify_sam()
        except StatusError as error:
            if self._may_be_counted(error):
                self.state = events.sam_refused(self.state, error.status)
            raise
        self.state = events.sam_verified(self.state, self._clock())

    def _may_be_counted(self, error: StatusError) -> bool:
        """Whether the SAM may have counted a failure: of some statuses, only one that is not known to be in
        the cloud.
        """
        if error.number in self._statuses.sam_not_verified:
            return True
        return error.number in self._statuses.sam_failure_may_count and not self.state.cloud_sam

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
            raise VirtualCardMoved(said("the virtual card was exported to another device"))
        if self.state.card is not PresentCard.VIRTUAL or not self.state.virtual_id:
            raise NoVirtualCard(said("no QR code has been uploaded, or its card is gone"))

    async def _ensure_physical_card(self) -> None:
        """Log a virtual card out, also one that another program may have left in this console session."""
        if await self._is_virtual():
            log.info("a call for the physical card: the virtual card is logged out")
            await self.log_out_card()

    async def _is_virtual(self) -> bool:
        """Whether the console takes a virtual card as present; asked where that is not known for sure."""
        if self.state.card is PresentCard.UNKNOWN:
            kind = (await self.console.status()).health_card_kind
            self.state = events.card_reported(self.state, virtual=kind == self._states.virtual_card)
        return self.state.card is PresentCard.VIRTUAL

    async def log_out_card(self) -> None:
        """End the health card's session, whichever kind it is."""
        self.state = events.card_in_doubt(self.state)
        await self.console.log_out_health_card()
        self.state = events.card_logged_out(self.state)

    async def end_visit(self) -> None:
        """A program logs the health card out: its visit is over."""
        await self.log_out_card()
        self.state = events.let_go(self.state, Why.VISIT)

    async def look_anew(self) -> None:
        """Have the console look which card lies in the slot. A virtual card is gone with it."""
        exported = self.state.card is PresentCard.EXPORTED
        self.state = events.card_in_doubt(self.state)
        await self.console.log_out_health_card()
        self.state = events.looked_anew(self.state, exported)

    async def look_anew_where_due(self) -> None:
        """The same, for a card that may have been exchanged meanwhile."""
        if self._settings.logout_before_read != "never":
            await self.look_anew()

    async def forget_virtual_card(self) -> None:
        """Log a virtual card out that is known of; a physical one is left as it is."""
        if await self._is_virtual():
            await self.log_out_card()

    async def present(self, use: Use, ask: Callable[[], Awaitable[str]]) -> None:
        """Make a virtual card the present one, in place of any other card. ``ask`` does it and tells the
        number of the card. One that another program has begun to use since the log-out (the console says so
        and does nothing) is logged out once more; who steps in again is not outrun.
        """
        await self.ensure(("console", "sam"), use)
        await self.log_out_card()
        self.state = events.card_in_doubt(self.state)
        try:
            number = await ask()
        except StatusError as error:
            if error.number not in self._statuses.card_in_use:
                raise
            self.others.note("it used a card before a QR code was presented")
            log.warning("another program used a card before the virtual one was presented: tried once more")
            await self.log_out_card()
            self.state = events.card_in_doubt(self.state)
            number = await ask()
        self.state = events.virtual_card_presented(self.state, number)
        self.hold(use.program, Why.VIRTUAL, self._settings.visit_hold)

    async def export(self, use: Use) -> Json:
        """Give the virtual card away, if it is the one that was presented. Where the answer gets lost it may
        be logged out, and the next card in the slot is somebody else's.
        """
        await self.ensure(("console", "sam", "hc"), Use(use.program, "virtual"))
        number = self.state.virtual_id
        if (await self.console.read_health_card()).card_id != number:
            raise self.not_the_presented_card()
        self.state = events.card_in_doubt(self.state)
        try:
            reply = await self.console.export_virtual_card()
        except StatusError as error:
            if error.number not in self._statuses.virtual_card_gone:
                self.state = events.virtual_card_presented(self.state, number)  # refused: nothing was done
            raise
        self.state = events.virtual_card_exported(self.state)
        return reply

    def not_the_presented_card(self) -> NoVirtualCard:
        """Another card is present than the virtual one that was presented here: that one is gone."""
        self.state = events.card_in_doubt(self.state)
        self.others.note("it took the place of the virtual card that was presented")
        return NoVirtualCard(
            said("another program has taken the place of the card whose QR code was uploaded")
        )

    # --- who keeps it ---------------------------------------------------------------------------------------

    def hold(self, program: str, why: Why, seconds: float) -> None:
        """A program wants to keep the session so long after its last call."""
        self.state = events.held(self.state, Hold(program, why, seconds, self._clock() + seconds))

    def pin_was_typed(self, use: Use) -> None:
        """The PIN of the physical health card of this call was verified just now."""
        self.hold(use.program, Why.HC_PIN, self._settings.linger)
        self.state = events.pin_typed(self.state, use.card_id, self._clock() + self._settings.pin_kept)

    def practitioner_pin_is_verified(self, use: Use) -> None:
        """The practitioner's PIN is verified, by this call or before it."""
        self.hold(use.program, Why.HPC_PIN, self._settings.linger)

    async def log_out_practitioner(self) -> None:
        """End the practitioner card's verification."""
        await self.console.log_out_practitioner()
        self.state = events.let_go(self.state, Why.HPC_PIN)
