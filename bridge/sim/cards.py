"""Cards of the simulated world: the security module (SAM), practitioners' cards, health cards and the
slots they are put in.
"""

from __future__ import annotations

from dataclasses import dataclass

# Three wrong PINs in a row lock a card, as on real ones.
MOST_WRONG_PINS = 3


@dataclass(frozen=True)
class Sam:
    """A security module (安全模組): its 12-digit id, its hospital, and the virtual COM port that
    compatible programs open.
    """

    id: str
    hospital_id: str
    hospital_name: str
    hospital_short_name: str
    comport: str


@dataclass
class PractitionerCard:
    """A practitioner's card (醫事人員卡); ``birthday`` is yyyy-MM-dd, ``role`` is doctor, pharmacist or
    nurse.
    """

    number: str
    id_no: str
    name: str
    english_name: str
    birthday: str
    role: str
    pin: str
    puk: str
    wrong_pins: int = 0

    @property
    def locked(self) -> bool:
        """Whether too many wrong PINs were given in a row."""
        return self.wrong_pins >= MOST_WRONG_PINS


@dataclass
class HealthCard:
    """A health card (健保卡) and its holder; dates are ROC yyyMMdd. The holder's virtual card has the
    same number.
    """

    number: str
    name: str
    id_no: str
    birthday: str
    sex: str
    issued: str
    identity_status: str = "3"
    cancel_mark: str = "1"
    pin: str | None = None
    wrong_pins: int = 0

    @property
    def locked(self) -> bool:
        """Whether too many wrong PINs were given in a row."""
        return self.wrong_pins >= MOST_WRONG_PINS


@dataclass
class Slot:
    """A card slot. ``insertion`` grows with every insertion and removal, so that a card put back counts
    as a new one.
    """

    card_number: str | None = None
    insertion: int = 0

    def insert(self, card_number: str) -> None:
        """Put a card in, in place of the one there."""
        self.card_number = card_number
        self.insertion += 1

    def remove(self) -> None:
        """Take the card out; an empty slot stays empty."""
        self.card_number = None
        self.insertion += 1
