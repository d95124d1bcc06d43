"""Cards of the simulated world: the security module (SAM), practitioners' cards, health cards and the
slots they are put in.
"""

from __future__ import annotations

from dataclasses import dataclass

# Three wrong PINs in a row lock a card, as on real ones.
MOST_WRONG_PINS = 3
TEST_NUMBERS = "9"  # how the numbers of SAMs and health cards of the test environment begin (seed 001)


@dataclass(frozen=True)
class Sam:
    """A security module (安全模組): its 12-digit id and its hospital.

    ``physical``: it lies in a reader of the insurance (健保讀卡機), which has keys and hangs on ``comport``.
    A cloud SAM's ``comport`` is a virtual one: compatible programs know it, the console does not.
    """

    id: str
    hospital_id: str
    hospital_name: str
    hospital_short_name: str
    comport: str
    physical: bool = False

    @property
    def device(self) -> str:
        """What opens it: the id of a cloud SAM, the port of a physical one (seed 001, Initial)."""
        return self.comport if self.physical else self.id

    @property
    def for_tests(self) -> bool:
        """Whether it is one of the test environment: its number begins with 9, as in seed 001."""
        return self.id.startswith(TEST_NUMBERS)


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
    def for_tests(self) -> bool:
        """Whether it is a test card, which a SAM of the real environment does not take (1003)."""
        return self.number.startswith(TEST_NUMBERS)

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
