"""The console's session state: device, SAM, practitioner's card and health card, with the preconditions
of seed 001 ("呼叫狀態").

States are the seed's numbers. Practitioner's card: 0 none, 1 in the slot, 2 verified with the SAM, 3 PIN
verified. Health card: 0 none, 1 in the slot, 2 verified with the SAM, 3 with the practitioner's card.
Every refusal is a StatusError.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bridge.sim.card_sessions import HcSession, HpcSession
from bridge.sim.cards import HealthCard, PractitionerCard, Sam, Slot
from bridge.sim.clock import Clock
from bridge.sim.codes import Console
from bridge.sim.console.settings import ConsoleSettings
from bridge.sim.errors import StatusError
from bridge.sim.switches import Switches

VIRTUAL_SESSION = timedelta(minutes=30)
SAM_SESSION, PIN_SESSION = (
    timedelta(hours=12),
    timedelta(hours=8),
)  # the seed tells no length
DOCTOR, PRACTITIONER, MOBILE = 1, 2, 3
PHYSICAL, VIRTUAL = 1, 2


class ConsoleSession:
    """State and preconditions. The cards, slots, clock, settings and switches belong to the world and are
    shared. ``slots``: "hc", "hpc", and "hc@COM2", "hpc@COM2" where that port has a reader of its own.
    """

    def __init__(
        self,
        cards: Mapping[str, HealthCard],
        practitioners: Mapping[str, PractitionerCard],
        slots: Mapping[str, Slot],
        clock: Clock,
        settings: ConsoleSettings,
        switches: Switches,
    ) -> None:
        self._cards = cards
        self._practitioners = practitioners
        self._slots = slots
        self._clock = clock
        self._settings = settings
        self._switches = switches
        self.device: Sam | None = None
        self.sam_verified = False
        self.sam_until: datetime | None = None
        self.hc: HcSession | None = None
        self.hpc: HpcSession | None = None
        # The insertion that was logged out: its card shows state 0 until a call needs it again.
        self._hc_logged_out = -1
        self._hpc_logged_out = -1

    @property
    def _hc_slot(self) -> Slot:
        return self._slot("hc")

    @property
    def _hpc_slot(self) -> Slot:
        return self._slot("hpc")

    def _slot(self, name: str) -> Slot:
        """The slot of the open device's own reader, where it has one, else the usual one."""
        port = "" if self.device is None else self.device.comport
        return self._slots.get(f"{name}@{port}", self._slots[name])

    @property
    def initialised(self) -> bool:
        """Whether Initial succeeded and Finalize has not been called."""
        return self.device is not None

    def initialise(self, name: str) -> None:
        """Open a device, the console's own choice for an empty name; 1001, 1002. See ConsoleSettings."""
        if self.initialised:
            raise StatusError(Console.ALREADY_INITIALISED)
        self.device = self._settings.device(name, self._switches.virtual_ports)
        if self.device is None:
            raise StatusError(Console.NO_SUCH_DEVICE)

    def finalise(self) -> None:
        """Release everything: SAM, practitioner's card and health card are logged out."""
        self.require_initialised()
        self.device = None
        self.sam_verified = False
        self.hc = self.hpc = None
        self._hc_logged_out = self._hpc_logged_out = -1

    def require_initialised(self) -> Sam:
        """Return the open device's SAM; 1000."""
        self.end_expired()
        if self.device is None:
            raise StatusError(Console.NOT_INITIALISED)
        return self.device

    def verify_sam(self) -> None:
        """Verify the SAM with the centre (1 -> 2)."""
        self.require_initialised()
        self.sam_verified = True
        self.sam_until = self._clock.now() + SAM_SESSION

    def end_expired(self) -> None:
        """End the sessions whose time is over: that of the SAM, with both cards, and a practitioner's PIN."""
        now = self._clock.now()
        if self.sam_verified and self.sam_until is not None and now >= self.sam_until:
            self.sam_verified = False
            self.hc = self.hpc = None
        until = None if self.hpc is None else self.hpc.expires_at
        if until is not None and now >= until:
            self.hpc = None

    def require_sam(self) -> Sam:
        """Return the verified SAM; 1000, 1301."""
        sam = self.require_initialised()
        if not self.sam_verified and self._switches.auto_verify_sam and not sam.physical:
            self.verify_sam()
        if not self.sam_verified:
            raise StatusError(Console.SAM_NOT_VERIFIED)
        return sam

    def log_out_sam(self) -> None:
        """Log everything out: SAM 2 -> 1, both cards -> 0."""
        self.require_sam()
        self.sam_verified = False
        self._drop_hc()
        self._drop_hpc()

    # Practitioner's card

    def require_hpc(self) -> HpcSession:
        """Return the session of the practitioner's card, powering the card in the slot where needed; 1102."""
        self.require_sam()
        self._forget_moved_hpc()
        if self.hpc is None:
            self._require_reader()
            number = self._hpc_slot.card_number
            if number is None:
                raise StatusError(Console.NO_CARD)
            self.hpc = HpcSession(self._practitioners[number], self._hpc_slot.insertion)
        return self.hpc

    def require_verified_hpc(self) -> HpcSession:
        """Return the session of a practitioner's card whose PIN was verified; 1102, 1402."""
        session = self.require_hpc()
        if not session.pin_verified:
            raise StatusError(Console.HPC_NOT_VERIFIED)
        return session

    def start_mobile_hpc(self, card: PractitionerCard) -> None:
        """Log a practitioner in by mobile certificate (0 -> 3); 1403 while another one is verified."""
        self.require_sam()
        self._forget_moved_hpc()
        if self.hpc is not None and self.hpc.pin_verified:
            raise StatusError(Console.HPC_NOT_SUPPORTED)
        until = self._clock.now() + PIN_SESSION
        self.hpc = HpcSession(card, pin_verified=True, mobile=True, expires_at=until)

    def hpc_pin_verified(self, session: HpcSession) -> None:
        """Its PIN was verified: for a time on a PC/SC reader, as long as it lies there in one of its own."""
        session.pin_verified = True
        physical = self.device is not None and self.device.physical
        session.expires_at = None if physical else self._clock.now() + PIN_SESSION

    def log_out_hpc(self) -> None:
        """Log the practitioner's card out (3 -> 0)."""
        self.require_verified_hpc()
        self._drop_hpc()

    # Health card

    def require_hc(self) -> HcSession:
        """Return the health card's session, powering the card in the slot where needed.

        An expired virtual session ends with 1521 first, so that the card in the slot is never taken for
        it unnoticed; 1102 without a card, 1003 for one of another environment than the SAM's.
        """
        self.require_sam()
        if self._end_expired_virtual():
            raise StatusError(Console.VIRTUAL_SESSION_EXPIRED)
        self._forget_moved_hc()
        if self.hc is None:
            self._require_reader()
            number = self._hc_slot.card_number
            if number is None:
                raise StatusError(Console.NO_CARD)
            self._require_unmixed(self._cards[number])
            self.hc = HcSession(self._cards[number], self._hc_slot.insertion)
        return self.hc

    def require_physical_hc(self) -> HcSession:
        """As ``require_hc`` for a card in the slot; 1515 for a virtual one."""
        session = self.require_hc()
        if session.virtual:
            raise StatusError(Console.PHYSICAL_CARD_ONLY)
        return session

    def require_virtual_hc(self) -> HcSession:
        """Return the virtual card's session; 1527 while a physical card is in use, 1102 without a session."""
        self.require_no_physical_hc()
        if self._end_expired_virtual():
            raise StatusError(Console.VIRTUAL_SESSION_EXPIRED)
        if self.hc is None:
            raise StatusError(Console.NO_CARD)
        return self.hc

    def require_no_physical_hc(self) -> None:
        """Refuse with 1527 while the session of a physical card is active."""
        self.require_sam()
        self._forget_moved_hc()
        if self.hc is not None and not self.hc.virtual:
            raise StatusError(Console.VIRTUAL_CARD_ONLY)

    def require_no_hc(self) -> None:
        """Refuse with 1527 while any health card's session is active (the seed's state 0)."""
        self.require_sam()
        self._end_expired_virtual()
        self._forget_moved_hc()
        if self.hc is not None:
            raise StatusError(Console.VIRTUAL_CARD_ONLY)

    def start_virtual_hc(self, card: HealthCard, qr_id: str, *, pin_open: bool = True) -> None:
        """Begin a virtual card's session (0 -> 2); 1003."""
        self._require_unmixed(card)
        until = self._clock.now() + VIRTUAL_SESSION
        self.hc = HcSession(card, qr_id=qr_id, expires_at=until, pin_refused=not pin_open)

    def log_out_hc(self) -> None:
        """Log the health card out (N -> 0)."""
        self.require_sam()
        self._drop_hc()

    @property
    def hpc_until(self) -> datetime | None:
        """Until when the practitioner's PIN counts as verified; None where there is no end or no PIN."""
        return self.hpc.expires_at if self.hpc is not None and self.hpc.pin_verified else None

    # What GET Status shows; looking powers nothing

    def hc_state(self) -> tuple[int, int]:
        """Return (state, type) of the health card; type 0 none, 1 physical, 2 virtual."""
        self._forget_moved_hc()
        if self._virtual_expired():
            # The session stays until a call needs the card, so that 1521 is answered.
            return 0, 0
        if self.hc is not None:
            joined = self.hc.with_hpc and self.hpc_state()[0] == 3
            return (3 if joined else 2), (VIRTUAL if self.hc.virtual else PHYSICAL)
        slot = self._hc_slot
        if not self.initialised or slot.card_number is None or slot.insertion == self._hc_logged_out:
            return 0, 0
        return 1, PHYSICAL

    def hpc_state(self) -> tuple[int, int]:
        """Return (state, type) of the practitioner's card; type 0 none, 1 doctor, 2 other practitioner, 3
        mobile.
        """
        self._forget_moved_hpc()
        if self.hpc is not None:
            kind = MOBILE if self.hpc.mobile else _role_type(self.hpc.card)
            return (3 if self.hpc.pin_verified else 2), kind
        slot = self._hpc_slot
        if not self.initialised or slot.card_number is None or slot.insertion == self._hpc_logged_out:
            return 0, 0
        return 1, _role_type(self._practitioners[slot.card_number])

    def _require_unmixed(self, card: HealthCard) -> None:
        """Refuse a test card with a real SAM, and a real one with a test SAM."""
        if self.device is None or self._switches.mixed_cards:
            return
        if self.device.for_tests != card.for_tests:
            raise StatusError(Console.CARDS_MIXED)

    def _require_reader(self) -> None:
        """A PC/SC reader is needed, except for a SAM that has a reader of its own."""
        if self.device is not None and self.device.physical:
            return
        if self._settings.default_reader is None:
            raise StatusError(Console.NO_DEFAULT_READER)
        if not self._switches.readers_plugged:
            raise StatusError(Console.NO_SUCH_READER)

    def _forget_moved_hc(self) -> None:
        session = self.hc
        if session is None or session.virtual or self._switches.sticky_card:
            return
        if session.insertion != self._hc_slot.insertion:
            self.hc = None

    def _forget_moved_hpc(self) -> None:
        session = self.hpc
        if session is not None and not session.mobile and session.insertion != self._hpc_slot.insertion:
            self.hpc = None
        if self.hpc is None and self.hc is not None:
            self.hc.with_hpc = False

    def _virtual_expired(self) -> bool:
        expires_at = None if self.hc is None else self.hc.expires_at
        return expires_at is not None and self._clock.now() >= expires_at

    def _end_expired_virtual(self) -> bool:
        expired = self._virtual_expired()
        if expired:
            self.hc = None
        return expired

    def _drop_hc(self) -> None:
        self.hc = None
        self._hc_logged_out = self._hc_slot.insertion

    def _drop_hpc(self) -> None:
        self.hpc = None
        self._hpc_logged_out = self._hpc_slot.insertion
        if self.hc is not None:
            self.hc.with_hpc = False


def _role_type(card: PractitionerCard) -> int:
    return DOCTOR if card.role == "doctor" else PRACTITIONER
