"""What a day in the clinic should leave in the cloud: plain Python that knows nothing of the bridge."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

FULL = 6
Codes = tuple[str, ...]
Fees = tuple[int, ...]


@dataclass
class ModelVisit:
    """One visit as the clinic wrote it down."""

    key: str
    item: str
    codes: Codes = ("",) * 6
    fees: Fees = (0,) * 5
    after_check: str = "1"
    given_back: bool = False


@dataclass
class ModelOrder:
    """One order: code, days, and the quantity in hundredths."""

    visit: str
    code: str
    days: int
    hundredths: int

    @property
    def quantity(self) -> str:
        return f"{self.hundredths // 100}.{self.hundredths % 100:02d}"


@dataclass
class ModelPatient:
    """A patient of the day. ``number`` (1 to 40) stands in everything written for him or her."""

    number: int
    left: int = FULL
    tel: str = ""
    visits: list[ModelVisit] = field(default_factory=list)
    orders: list[ModelOrder] = field(default_factory=list)

    @property
    def card(self) -> str:
        return f"0000888800{self.number:02d}"

    @property
    def id_no(self) -> str:
        return f"Z19998{self.number:04d}"

    @property
    def birthday(self) -> str:
        return f"0{60 + self.number % 30}01{self.number % 28 + 1:02d}"

    @property
    def name(self) -> str:
        return f"測{self.number:02d}" + "甲乙丙丁戊己庚"[: self.number % 8]

    def open_visits(self) -> list[ModelVisit]:
        """Visits that were not given back, newest first."""
        kept = [visit for visit in self.visits if not visit.given_back]
        return sorted(kept, key=lambda visit: visit.key, reverse=True)

    def expected_number(self, item: str) -> int:
        """The code that taking a number must give."""
        numeric = item.isdigit()
        if numeric and self.left == 0:
            return 5001
        same_day = any(visit.item.isdigit() for visit in self.open_visits())
        return 5010 if same_day else 0

    def take_number(self, key: str, item: str) -> None:
        self.visits.append(ModelVisit(key, item))
        self.left -= 1 if item.isdigit() else 0

    def give_back(self, visit: ModelVisit) -> int:
        """The code that giving back must give; the visit is marked where it is 0."""
        if not visit.item.isdigit():
            return 5151
        visit.given_back = True
        self.left += 1
        return 0

    def newest_orders(self) -> list[ModelOrder]:
        """Orders newest visit first; of one visit the block written last comes first."""
        return sorted(self.orders, key=lambda order: order.visit, reverse=True)

    def add_orders(self, orders: list[ModelOrder]) -> None:
        self.orders[:0] = orders

    def marks(self) -> Iterator[bytes]:
        """Bytes by which this patient's data can be recognised in a buffer."""
        yield from (self.card.encode(), self.id_no.encode(), f"P{self.number:02d}X".encode())
        yield self.name.encode("cp950")


def digest(content: bytes) -> str:
    """How the cloud remembers an uploaded file."""
    return hashlib.sha256(content).hexdigest()
