"""The one World that console, cloud, centre, portal and control API share: people, cards, slots, session,
records, clock, faults, journal.
"""

from __future__ import annotations

from collections import deque
from dataclasses import asdict
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from bridge.sim.cards import HealthCard, Slot
from bridge.sim.centre.uploads import Upload
from bridge.sim.clock import Clock, parse_roc_datetime
from bridge.sim.console.noted import Noted
from bridge.sim.console.session import ConsoleSession
from bridge.sim.console.settings import ConsoleSettings
from bridge.sim.elsewhere import bring
from bridge.sim.errors import ControlError
from bridge.sim.faults import FaultBoard
from bridge.sim.people import build_cast
from bridge.sim.portal.books import PortalBooks
from bridge.sim.qr import QrCodes, Transfers
from bridge.sim.records import CardRecord
from bridge.sim.request_log import RequestLog
from bridge.sim.scenario.file import ready_scenario
from bridge.sim.scenario.model import DEFAULT, Scenario
from bridge.sim.signatures import Keys, Signatures
from bridge.sim.switches import Switches, checked_switches
from bridge.sim.telemedicine import Consents

if TYPE_CHECKING:
    from bridge.sim.mobile_hca import MobileAuthority  # loaded where somebody logs in by it

API_RECORD_CAPACITY = 1000
LONGEST_QR_MINUTES = 1440.0
# Ten years: ROC dates keep their three digits, and card validities their order.
LONGEST_SHIFT = 10 * 366 * 86400.0


class World:
    """Everything the simulators know. ``load`` begins with the start state of a scenario, ``reset`` with that
    of ``home``, the scenario that the simulators were started with (None: the usual one); keys, certificates
    and the journal of requests stay.
    """

    def __init__(
        self, keys: Keys | None = None, clock: Clock | None = None, home: Scenario | None = None
    ) -> None:
        self.keys = keys or Keys()
        self.clock = clock or Clock()
        self.requests = RequestLog()
        self.faults = FaultBoard()
        self.home = home or ready_scenario(DEFAULT)
        self.reset()

    @cached_property
    def mobile_authority(self) -> MobileAuthority:
        """Who issues practitioners' mobile certificates."""
        from bridge.sim.mobile_hca import MobileAuthority

        return MobileAuthority()

    def reset(self) -> None:
        """Go back to the start state of ``home``: with the usual people that is real time, SAM and first
        cards in place, console not initialised, no faults.
        """
        self.load(self.home)

    def load(self, scenario: Scenario) -> None:
        """Begin with the start state of a scenario. Raises ControlError, and then nothing has changed.

        A fault "down" is noted; closing the listener is the business of whoever loads.
        """
        clock = self._clock_of(scenario)
        cast = build_cast(scenario, clock.now())
        self.clock.offset = clock.offset
        self.faults.clear()
        for fault in scenario.faults:
            self.faults.arm(fault.made())
        self.switches = Switches()
        self.change_switches(dict(scenario.settings))
        self.scenario = scenario
        self.icd = dict(scenario.icd)
        self.cards = cast.cards
        self.practitioners = cast.practitioners
        self.records = cast.records
        self.slots = {"hc": Slot(cast.start_hc), "hpc": Slot(cast.start_hpc)}
        for reader in scenario.readers:
            self.slots[f"hc@{reader.comport}"] = Slot(reader.hc)
            self.slots[f"hpc@{reader.comport}"] = Slot(reader.hpc)
        self.settings = ConsoleSettings(cast.sams)
        self.signatures = Signatures(self.keys, self.clock)
        self.qr_codes = QrCodes(self.keys, self.clock)
        for code in scenario.qr_codes:
            until = None if code.until is None else parse_roc_datetime(code.until)
            self.qr_codes.remember(code.token, code.card, code.uses, until)
        self.transfers = Transfers(self.clock)
        self.consents = Consents(self.clock)
        # The console's own record of calls (API 執行記錄), newest first.
        self.api_record: deque[Noted] = deque(maxlen=API_RECORD_CAPACITY)
        self.uploads: dict[str, datetime] = {}
        # What the upload centre got, by execution number, oldest first.
        self.centre_uploads: dict[str, Upload] = {}
        # Viet Nam's portal: the only thing the simulators of two countries share is the clock.
        self.portal = PortalBooks(self.clock)
        self.session = ConsoleSession(
            cards=self.cards,
            practitioners=self.practitioners,
            slots=self.slots,
            clock=self.clock,
            settings=self.settings,
            switches=self.switches,
        )

    def _clock_of(self, scenario: Scenario) -> Clock:
        """A clock that shows the scenario's time, else the real one."""
        clock = self.clock.copy()
        clock.reset()
        if scenario.clock is not None:
            clock.set(parse_roc_datetime(scenario.clock))
            if abs(clock.offset.total_seconds()) > LONGEST_SHIFT:
                raise ControlError("clock: at most ten years from the real time")
        return clock

    def record(self, card_number: str) -> CardRecord:
        """What the cloud stores for a card by now."""
        record = self.records[card_number]
        if record.elsewhere:
            bring(record, self.clock.now())
        return record

    def find_person(self, id_no: str) -> HealthCard | None:
        """The health card of the person with this identity number."""
        return next((card for card in self.cards.values() if card.id_no == id_no), None)

    def insert(self, slot: str, card_number: str) -> None:
        """Put a card into a slot (``hc``, ``hpc``, ``hc@COM2`` ...); ControlError for an unknown slot or
        card.
        """
        known = self.cards if slot.partition("@")[0] == "hc" else self.practitioners
        target = self._slot(slot)
        if card_number not in known:
            raise ControlError(f"no card {card_number!r} for slot {slot!r}; one of {', '.join(known)}")
        target.insert(card_number)

    def remove(self, slot: str) -> None:
        """Take the card out of a slot; see ``insert``."""
        self._slot(slot).remove()

    def qr(self, card_number: str, minutes: float = 10.0, uses: int = 3, *, pin_refused: bool = False) -> str:
        """Make a fresh QR string of a card; ControlError for an unknown card. ``pin_refused``: its holder has
        set a PIN and does not type it in the app, so that the card's records stay closed (3200).
        """
        self._known_card(card_number)
        if not 0 < minutes <= LONGEST_QR_MINUTES or uses < 1:
            raise ControlError(
                f"a QR code needs minutes above 0, at most {LONGEST_QR_MINUTES:g}, and 1 use or more"
            )
        return self.qr_codes.issue(card_number, minutes, uses, pin_open=not pin_refused)

    def shift_clock(self, seconds: float) -> None:
        """Move the clock; ControlError when it would end up more than ten years off the real time."""
        if not abs(self.clock.offset.total_seconds() + seconds) <= LONGEST_SHIFT:
            raise ControlError("the clock moves at most ten years from the real time")
        self.clock.shift(seconds)

    def stored(self, card_number: str) -> dict[str, object]:
        """Everything the cloud has stored for a card, as JSON values; ControlError for an unknown card."""
        self._known_card(card_number)
        return self.record(card_number).as_json()

    def change_switches(self, changes: dict[str, object]) -> None:
        """Set behaviour switches by name; ControlError for an unknown name or a value of another type."""
        checked_switches(changes)
        for name, value in changes.items():
            setattr(self.switches, name, value)

    def as_json(self) -> dict[str, object]:
        """The state for people: scenario, clock, slots, session, switches, faults. No keys, no PINs."""
        session = self.session
        session.end_expired()
        hc_state, hc_type = session.hc_state()
        hpc_state, hpc_type = session.hpc_state()
        return {
            "scenario": self.scenario.title.model_dump(),
            "now": self.clock.now().isoformat(timespec="seconds"),
            "shiftSeconds": self.clock.offset.total_seconds(),
            "slots": {name: slot.card_number for name, slot in self.slots.items()},
            "console": {
                "initialized": session.initialised,
                "device": session.device.id if session.device else None,
                "samVerified": session.sam_verified,
                "hc": {
                    "status": hc_state,
                    "type": hc_type,
                    "card": session.hc.card.number if session.hc else None,
                },
                "hpc": {
                    "status": hpc_state,
                    "type": hpc_type,
                    "card": session.hpc.card.number if session.hpc else None,
                },
            },
            "settings": asdict(self.switches),
            "faults": self.faults.as_json(),
        }

    def people_json(self) -> dict[str, list[dict[str, object]]]:
        """The invented people: health cards, practitioners, and cards of Viet Nam's portal. No PINs."""
        return {
            "cards": [self._card_json(card) for card in self.cards.values()],
            "practitioners": [
                {
                    "number": card.number,
                    "name": card.name,
                    "idNo": card.id_no,
                    "role": card.role,
                    "locked": card.locked,
                }
                for card in self.practitioners.values()
            ],
            "portal": [asdict(card) for card in self.portal.cards],
        }

    def _card_json(self, card: HealthCard) -> dict[str, object]:
        record = self.record(card.number)
        return {
            "number": card.number,
            "name": card.name,
            "idNo": card.id_no,
            "birthday": card.birthday,
            "sex": card.sex,
            "validUntil": record.valid_until,
            "counter": record.counter,
            "cancelled": record.cancelled,
            "hasPin": card.pin is not None,
            "locked": card.locked,
        }

    def _slot(self, name: str) -> Slot:
        if name not in self.slots:
            raise ControlError(f"unknown slot {name!r}; one of {', '.join(self.slots)}")
        return self.slots[name]

    def _known_card(self, card_number: str) -> None:
        if card_number not in self.cards:
            raise ControlError(f"no health card {card_number!r}; one of {', '.join(self.cards)}")
