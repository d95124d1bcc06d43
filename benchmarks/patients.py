"""The people of a generated hospital, with the cards that they bring. Nobody of them lives.

Ids are of a county whose numbers never came as far; telephone numbers are of the same county, where none
begins with 0; names begin as no family is called. Card numbers are 12 digits by chance, the first of them 0.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks.records import visits

ROC = 1911
TAIWAN = timedelta(hours=8)
HOSPITALS = tuple(f"99999999{number:02d}" for number in range(1, 41))  # other ones, which none is called
FAMILIES, GIVEN = (
    "測試虛假擬樣範",
    "美玲淑芬雅婷志明家豪俊傑怡君欣宜建宏冠宇佳穎雄麗華秀英榮春梅惠珍慧雯哲瑋柏翰詩涵",
)
TREATMENT, SHARE = "01", "50"  # western medicine, and what the patient pays
FULL_COUNTER = 6  # visits left on a card that was updated just now
MOST_A_DAY, REST = 2, timedelta(hours=1)  # visits of one patient, and what lies between them at least
SERIALS = 100_000  # of each second character of an id
SEXES = {"1": "M", "2": "F", "8": "M", "9": "F"}  # by the second character: citizens, residents
MOST = SERIALS * len(SEXES)
STRIDE = 61_803  # has no factor in common with SERIALS, so that each number comes once


@dataclass(slots=True)
class Patient:
    """``fields``: of the card, as its records name them, which never change. ``visits``: on the card, packed,
    newest first. ``left``: visits that it has left. ``year``, ``number``: of the last visit number. ``went``:
    when the last visit here ended (UTC), the ``today``-th of its day.
    """

    fields: dict[str, str]
    left: int
    year: int = 0
    number: int = 0
    visits: list[bytes] = field(default_factory=list)
    went: datetime | None = None
    today: int = 0

    def can_come(self, now: datetime) -> bool:
        """Whether a visit may begin: not while another one lasts, and not too often in one day (Taiwan)."""
        if self.went is None:
            return True
        if now - self.went < REST:
            return False
        return not self.here_today(now) or self.today < MOST_A_DAY

    def here_today(self, now: datetime) -> bool:
        """Whether there was a visit at this hospital on the same day."""
        return self.went is not None and (self.went + TAIWAN).date() == (now + TAIWAN).date()

    def goes(self, now: datetime, row: bytes) -> None:
        """A visit ends, which stands on the card now."""
        self.visits.insert(0, row)
        del self.visits[visits().most :]
        self.today = self.today + 1 if self.here_today(now) else 1
        self.went = now

    def next_number(self, year: int) -> str:
        """The number of a visit in this year: each card counts, at all hospitals together."""
        self.number = self.number + 1 if self.year == year else 1
        self.year = year
        return f"{self.number:04d}"


class People:
    """Invents one after the other."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(f"people {seed}")
        self._count = 0
        self._cards: set[str] = set()

    def next(self, now: datetime) -> Patient:
        """Somebody who has not been to this hospital, and up to six times to others."""
        chance, today = self._chance, (now + TAIWAN).date()
        id_no, sex = self._identity()
        born, issued = chance.randrange(20, 110), chance.randrange(105, 115)
        patient = Patient(
            {
                "card_no": self._card(), "name": self._name(), "id_no": id_no,
                "birthday": f"{born:03d}{self._day()}", "sex": sex,
                "issue_date": f"{issued:03d}{self._day()}", "cancel_mark": "1", "insurer_code": "01",
                "insured_identity": chance.choice("1233333"),
                "emergency_tel": f"08360{chance.randrange(10**5):05d}" if chance.random() < 0.4 else "",
                "card_valid_until": f"{chance.randrange(121, 126):03d}{self._day()}",
            },
            left=chance.randrange(FULL_COUNTER + 1),
        )  # fmt: skip
        for ago in sorted(chance.sample(range(1, 150), chance.randrange(visits().most + 1)), reverse=True):
            day = today - timedelta(days=ago)
            clock = f"{chance.randrange(8, 21):02d}{chance.randrange(60):02d}{chance.randrange(60):02d}"
            at, number = f"{day.year - ROC:03d}{day:%m%d}{clock}", patient.next_number(day.year)
            fee = chance.randrange(200, 3000)
            patient.visits.insert(0, packed_visit(at, number, chance.choice(HOSPITALS), fee))
        return patient

    def _identity(self) -> tuple[str, str]:
        if self._count >= MOST:
            raise ValueError(f"at most {MOST:,} people can be invented")
        second = "2189"[self._count % 2 + 2 * (self._count // (2 * SERIALS))]
        number = self._count // 2 * STRIDE % SERIALS
        self._count += 1
        return checked_id(f"Z{second}9{number:06d}"), SEXES[second]

    def _card(self) -> str:
        while (number := f"0{self._chance.randrange(10**10, 10**11)}") in self._cards:
            pass
        self._cards.add(number)
        return number

    def _name(self) -> str:
        return self._chance.choice(FAMILIES) + "".join(self._chance.choices(GIVEN, k=2))

    def _day(self) -> str:
        return f"{self._chance.randrange(1, 13):02d}{self._chance.randrange(1, 29):02d}"


def packed_visit(at: str, sequence: str, hospital: str, fee: int) -> bytes:
    """A visit as it stands on a card. ``at``: 13 ROC digits, Taiwan."""
    return visits().row({
        "treatment_item": TREATMENT, "visit_datetime": at, "after_check": "1", "visit_sequence": sequence,
        "hospital_id": hospital, "outpatient_fee": str(fee), "outpatient_copay": SHARE,
    })  # fmt: skip


def checked_id(first: str) -> str:
    """An id with its check digit: Z and eight digits in."""
    weighted = 3 + 3 * 9  # what the letter Z counts
    weighted += sum(int(digit) * weight for digit, weight in zip(first[1:], range(8, 0, -1), strict=True))
    return f"{first}{-weighted % 10}"
