"""What the cloud stores for one card: visits (就醫資料登錄), orders and notes. Newest first everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property

from bridge.sim.clock import ROC_OFFSET, roc_datetime

Row = dict[str, str]
FEE_NAMES = ("outpatientFee", "costFee", "inpatientFee", "inpatient30Fee", "inpatient180Fee")
CODE_NAMES = ("mainCode", "subCode1", "subCode2", "subCode3", "subCode4", "subCode5")
ALLERGY_SLOTS = 3


@dataclass
class Visit:
    """One visit; ``codes`` and ``fees`` hold the JSON names of Treatment/WriteCodeFee, fees as plain
    digits (dollars). ``taken_here``: its number was taken since the start.
    """

    item: str
    at: datetime
    hospital_id: str
    sequence: str
    treatment_number: str
    baby: str = ""
    after_check: str = ""
    codes: Row = field(default_factory=lambda: dict.fromkeys(CODE_NAMES, ""))
    fees: Row = field(default_factory=lambda: dict.fromkeys(FEE_NAMES, "0"))
    rolled_back: bool = False
    taken_here: bool = False

    @cached_property
    def key(self) -> str:
        """The visit's time, ROC yyyMMddHHmmss, by which later requests name it."""
        return roc_datetime(self.at)

    @property
    def roc_year(self) -> str:
        """The year in three digits."""
        return f"{self.at.year - ROC_OFFSET:03d}"

    @property
    def numeric(self) -> bool:
        """Whether the item (就醫類別) is a number, which uses up one visit."""
        return self.item.isdigit()


def year_sums(visits: Iterable[Visit]) -> dict[str, int]:
    """The totals (就醫累計資料) of these visits: their number, fees, and the patient's shares."""
    listed = list(visits)
    sums = {name: sum(int(visit.fees[name]) for visit in listed) for name in FEE_NAMES}
    total_30 = sums["costFee"] + sums["inpatient30Fee"]
    return {
        "counter": sum(1 for visit in listed if visit.numeric),
        **sums,
        "totalFee": total_30 + sums["inpatient180Fee"],
        "total30Fee": total_30,
    }


@dataclass
class ComingVisit:
    """What is answered when the next visit number is taken. None: as the cloud finds it."""

    at: datetime
    sequence: str
    treatment_number: str | None = None
    same_day: bool | None = None


@dataclass
class Elsewhere:
    """What another work place or hospital does to a card: stored from this moment on. ``facts``, ``rows``: by
    the name of the record's field. ``visits``: each with the names of what is given of it, which alone is
    changed where there is a visit at that time. ``totals``: by ROC year, all told.
    """

    at: datetime
    facts: dict[str, object] = field(default_factory=dict)
    visits: list[tuple[Visit, tuple[str, ...]]] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    fee_totals: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """All of it as plain JSON values."""
        visits = [{**asdict(visit), "at": visit.key} for visit, _ in self.visits]
        return {**asdict(self), "at": roc_datetime(self.at), "visits": visits}


@dataclass
class CardRecord:
    """Everything stored for one card. Lists of rows use the JSON names of the cloud's replies.

    ``next_visits``, ``next_numbers`` (time and treatment number): what a scenario wants to be answered to the
    next numbers taken, oldest first. ``earlier_totals`` by ROC year, ``earlier_fees``: what the totals hold
    beyond the visits listed; ``reported_years``: those with totals of their own. ``last_number``: year and
    sequence of the latest visit as a scenario tells them, until a number is taken or given back.
    ``elsewhere``: what is still to come, the next first.
    """

    valid_until: str
    counter: int
    cancelled: bool = False
    insurance_status: int = 0
    insurer_code: str = "01"
    insurer_id: str = "3"
    emergency_tel: str = ""
    newborn_birthday: str = ""
    newborn_baby: str = ""
    organ_donation: str = ""
    visits_taken: int = 0
    visits: list[Visit] = field(default_factory=list)
    prescriptions: list[Row] = field(default_factory=list)
    long_term_prescriptions: list[Row] = field(default_factory=list)
    important_treatments: list[Row] = field(default_factory=list)
    critical_illnesses: list[Row] = field(default_factory=list)
    vaccinations: list[Row] = field(default_factory=list)
    preventive_care: list[Row] = field(default_factory=list)
    prenatal_checkups: list[Row] = field(default_factory=list)
    allergic_medicines: list[str] = field(default_factory=lambda: [""] * ALLERGY_SLOTS)
    treatment_numbers: dict[str, str] = field(default_factory=dict)
    qr_with_visit: list[str] = field(default_factory=list)
    next_visits: list[ComingVisit] = field(default_factory=list)
    next_numbers: list[tuple[str, str]] = field(default_factory=list)
    earlier_totals: dict[str, dict[str, int]] = field(default_factory=dict)
    reported_years: list[str] = field(default_factory=list)
    earlier_fees: dict[str, int] = field(default_factory=dict)
    last_number: tuple[str, str] | None = None
    elsewhere: list[Elsewhere] = field(default_factory=list)

    def current_visits(self) -> list[Visit]:
        """The visits that were not rolled back, newest first."""
        return [visit for visit in self.visits if not visit.rolled_back]

    def find_visit(self, key: str) -> Visit | None:
        """The visit at that time (ROC yyyMMddHHmmss), rolled back or not."""
        return next((visit for visit in self.visits if visit.key == key), None)

    def add_visit(self, visit: Visit) -> None:
        """Store a visit in its place, newest first."""
        self.visits.append(visit)
        self.visits.sort(key=lambda each: each.at, reverse=True)

    def as_json(self) -> dict[str, object]:
        """All of it as plain JSON values, for the control API."""
        plain = asdict(self)
        plain["visits"] = [{**asdict(visit), "at": visit.key} for visit in self.visits]
        plain["next_visits"] = [{**asdict(each), "at": roc_datetime(each.at)} for each in self.next_visits]
        plain["elsewhere"] = [each.as_json() for each in self.elsewhere]
        return plain
