"""What the cloud stores for one card: visits (就醫資料登錄), orders and notes. Newest first everywhere."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime

from bridge.sim.clock import roc_datetime

Row = dict[str, str]
FEE_NAMES = ("outpatientFee", "costFee", "inpatientFee", "inpatient30Fee", "inpatient180Fee")
CODE_NAMES = ("mainCode", "subCode1", "subCode2", "subCode3", "subCode4", "subCode5")
ALLERGY_SLOTS = 3


@dataclass
class Visit:
    """One visit; ``codes`` and ``fees`` hold the JSON names of Treatment/WriteCodeFee, fees as plain
    digits (dollars).
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

    @property
    def key(self) -> str:
        """The visit's time, ROC yyyMMddHHmmss, by which later requests name it."""
        return roc_datetime(self.at)

    @property
    def numeric(self) -> bool:
        """Whether the item (就醫類別) is a number, which uses up one visit."""
        return self.item.isdigit()


@dataclass
class CardRecord:
    """Everything stored for one card. Lists of rows use the JSON names of the cloud's replies."""

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
        return plain
