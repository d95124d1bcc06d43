"""A health card in a scenario, with what the cloud has stored for it. Format: docs/migrate/scenarios.md."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from bridge.sim.scenario.values import (
    LONGEST_AGO,
    CardNumber,
    DaysAgo,
    Dollars,
    Entry,
    HcPin,
    HospitalId,
    IdNumber,
    RocDay,
    RocMoment,
    Sequence,
    Text,
    TimeOfDay,
    TreatmentNumber,
    shaped,
)

MOST_ROWS = 100_000
MOST_IN_SERIES = 1000


def one_of(entry: Entry, *names: str) -> None:
    """Raises ValueError unless exactly one of these keys is given."""
    given = [name for name in names if getattr(entry, name) is not None]
    if len(given) != 1:
        raise ValueError(f"needs exactly one of {', '.join(names)}; has {' and '.join(given) or 'none'}")


class DatedEntry(Entry):
    """Something of a day: ``date``, ROC yyyMMdd, or ``days_ago``, counted from the scenario's clock."""

    date: RocDay | None = None
    days_ago: DaysAgo | None = None

    @model_validator(mode="after")
    def _one_day(self) -> DatedEntry:
        one_of(self, "date", "days_ago")
        return self


class VaccinationEntry(DatedEntry):
    """A vaccination (預防接種)."""

    item: Text
    hospital_id: HospitalId | None = None
    packageNumber: Text = ""


class PreventiveEntry(DatedEntry):
    """Preventive care (預防保健)."""

    serviceItem: Text
    hospital_id: HospitalId | None = None
    itemCode: Text = ""


class CheckupEntry(DatedEntry):
    """A prenatal checkup (孕婦產前檢查)."""

    hospital_id: HospitalId | None = None
    itemCode: Text = ""


class LongTermEntry(DatedEntry):
    """A long-term prescription (長期處方箋)."""

    drugCode: Text
    usage: Text = ""
    days: Text = ""
    totalQuantity: Text = "0.00"


class ImportantEntry(DatedEntry):
    """An important order (重要醫令)."""

    hospital_id: HospitalId | None = None
    itemCode: Text
    position: Text = ""
    totalQuantity: Text = "0.00"


class IllnessEntry(Entry):
    """A critical illness (重大傷病): its code, empty where it is not known, and its validity."""

    ciCode: Text = ""
    validityStart: RocDay = ""
    validityEnd: RocDay = ""


class VisitContent(Entry):
    """What a visit holds beside its time. ``fees``: outpatient fee and share, inpatient fee and shares."""

    item: Annotated[str, shaped(r"[0-9A-Z]{0,2}", "a kind of visit, such as 01 or AC")] = ""
    hospital_id: Annotated[str, shaped(r"([0-9A-Z]{10})?", "10 capitals or digits, or nothing")] = ""
    codes: Annotated[tuple[Text, ...], Field(max_length=6)] = ()
    fees: Annotated[tuple[Dollars, ...], Field(min_length=5, max_length=5)] = ("0",) * 5


class VisitEntry(VisitContent):
    """A visit (就醫資料登錄) at a moment, or ``days_ago`` at a ``time`` of the day."""

    at: RocMoment | None = None
    days_ago: DaysAgo | None = None
    time: TimeOfDay | None = None
    baby: Annotated[str, Field(max_length=1)] = ""
    after_check: Annotated[str, Field(max_length=1)] = "1"
    sequence: Annotated[str, shaped(r"[0-9A-Z ]{0,4}", "at most 4 capitals or digits")] | None = None
    treatment_number: TreatmentNumber | None = None

    @model_validator(mode="after")
    def _one_moment(self) -> VisitEntry:
        one_of(self, "at", "days_ago")
        if (self.time is None) != (self.days_ago is None):
            raise ValueError("time goes with days_ago, and only with it")
        return self


class SeriesEntry(VisitContent):
    """Visits at regular intervals, with made-up orders at each."""

    count: Annotated[int, Field(ge=1, le=MOST_IN_SERIES)]
    every_days: Annotated[int, Field(ge=1, le=366)]
    first_days_ago: DaysAgo
    time: TimeOfDay
    orders_per_visit: Annotated[int, Field(ge=0, le=10)] = 0

    @property
    def rows(self) -> int:
        """How many visits and orders it makes."""
        return self.count * (1 + self.orders_per_visit)


class OrderEntry(Entry):
    """An order (處方箋) of the visit with this index in ``visits`` (from 0), or of that moment."""

    visit: Annotated[int, Field(ge=0)] | None = None
    at: RocMoment | None = None
    treatmentItem: Text
    treatmentItemCode: Text
    treatmentPosition: Text = ""
    usage: Text = ""
    days: Text = ""
    totalQuantity: Text = "0.00"
    deliveryNotes: Text = ""

    @model_validator(mode="after")
    def _one_visit(self) -> OrderEntry:
        one_of(self, "visit", "at")
        return self


class NextVisitEntry(Entry):
    """What the cloud answers to the next visit number taken on this card."""

    at: RocMoment
    sequence: Sequence
    treatment_number: TreatmentNumber | None = None
    same_day: bool | None = None


class NextNumberEntry(Entry):
    """What the cloud answers to the next treatment number asked for without a card (異常時取得就醫識別碼)."""

    at: RocMoment
    treatment_number: TreatmentNumber


class YearEntry(Entry):
    """Totals of a year (就醫累計資料) at the start, visits that the scenario does not list included."""

    year: Annotated[str, shaped(r"[0-9]{3}", "a ROC year of 3 digits")]
    counter: Dollars = "0"
    outpatientFee: Dollars = "0"
    costFee: Dollars = "0"
    inpatientFee: Dollars = "0"
    inpatient30Fee: Dollars = "0"
    inpatient180Fee: Dollars = "0"
    totalFee: Dollars = "0"
    total30Fee: Dollars = "0"


class FeeTotalsEntry(Entry):
    """Totals of all years (醫療費用總累計) at the start."""

    outpatientFee: Dollars = "0"
    inpatientFee: Dollars = "0"


class LastNumberEntry(Entry):
    """Year and number of the latest visit, where the visit itself is not listed."""

    year: Annotated[str, shaped(r"[0-9]{0,3}", "a ROC year of 3 digits, or nothing")]
    sequence: Annotated[str, shaped(r"[0-9A-Z]{0,4}", "at most 4 capitals or digits")]


def _check_visits(visits: tuple[VisitEntry, ...], orders: tuple[OrderEntry, ...]) -> None:
    """Raises ValueError for an order of a visit that is not there, or two visits at the same moment."""
    for index, order in enumerate(orders):
        if order.visit is not None and order.visit >= len(visits):
            raise ValueError(f"prescriptions[{index}]: there is no visit {order.visit}")
    moments = [visit.at for visit in visits if visit.at is not None]
    if len(set(moments)) != len(moments):
        raise ValueError("two visits at the same moment")


Rows = Field(max_length=MOST_ROWS)
Visits = Annotated[tuple[VisitEntry, ...], Rows]
Orders = Annotated[tuple[OrderEntry, ...], Rows]
Counter = Annotated[int, Field(ge=0, le=99)]
InsuranceStatus = Annotated[int, Field(ge=0, le=9999)]
EmergencyTel = Annotated[Text, Field(max_length=14)]
NewbornBaby = Annotated[str, shaped(r"[0-9]?", "one digit, or nothing")]
OneCharacter = Annotated[str, Field(max_length=1)]


class ElsewhereEntry(Entry):
    """What happens elsewhere to a card (another work place, another hospital): from a moment on the cloud has
    it. ``at``, or ``after_minutes`` from the scenario's clock. What is not given stays.

    A visit at the moment of one that is there changes what it gives of it; all other rows are added.
    ``allergic_medicines`` are all of them from then on.
    """

    at: RocMoment | None = None
    after_minutes: Annotated[float, Field(ge=0, le=LONGEST_AGO * 24 * 60)] | None = None
    valid_until: RocDay | None = None
    counter: Counter | None = None
    cancelled: bool | None = None
    insurance_status: InsuranceStatus | None = None
    emergency_tel: EmergencyTel | None = None
    newborn_birthday: RocDay | None = None
    newborn_baby: NewbornBaby | None = None
    organ_donation: OneCharacter | None = None
    visits: Visits = ()
    prescriptions: Orders = ()
    long_term_prescriptions: Annotated[tuple[LongTermEntry, ...], Rows] = ()
    important_treatments: Annotated[tuple[ImportantEntry, ...], Rows] = ()
    critical_illnesses: Annotated[tuple[IllnessEntry, ...], Rows] = ()
    vaccinations: Annotated[tuple[VaccinationEntry, ...], Rows] = ()
    preventive_care: Annotated[tuple[PreventiveEntry, ...], Rows] = ()
    prenatal_checkups: Annotated[tuple[CheckupEntry, ...], Rows] = ()
    allergic_medicines: Annotated[tuple[Text, ...], Field(max_length=3)] | None = None
    totals: Annotated[tuple[YearEntry, ...], Field(max_length=10)] = ()
    fee_totals: FeeTotalsEntry | None = None
    last_number: LastNumberEntry | None = None

    @model_validator(mode="after")
    def _sound(self) -> ElsewhereEntry:
        one_of(self, "at", "after_minutes")
        _check_visits(self.visits, self.prescriptions)
        return self


class CardEntry(Entry):
    """A person's health card and everything the cloud has stored for it. ``elsewhere``: in any order."""

    number: CardNumber
    name: Text
    id_no: IdNumber
    birthday: RocDay
    sex: Annotated[str, shaped(r"[MF]", "M or F")]
    issued: RocDay = ""
    identity_status: Annotated[str, Field(max_length=1)] = "3"
    insurer_code: Annotated[str, Field(max_length=2)] = "01"
    cancel_mark: Annotated[str, Field(max_length=1)] = "1"
    pin: HcPin | None = None
    valid_days: DaysAgo | None = None
    valid_until: RocDay | None = None
    counter: Counter
    cancelled: bool = False
    insurance_status: InsuranceStatus = 0
    emergency_tel: EmergencyTel = ""
    newborn_days_ago: DaysAgo | None = None
    newborn_birthday: RocDay | None = None
    newborn_baby: NewbornBaby = ""
    organ_donation: OneCharacter = ""
    visits_taken: Annotated[int, Field(ge=0, le=40000)] = 0
    visits: Visits = ()
    series: SeriesEntry | None = None
    prescriptions: Orders = ()
    long_term_prescriptions: Annotated[tuple[LongTermEntry, ...], Rows] = ()
    important_treatments: Annotated[tuple[ImportantEntry, ...], Rows] = ()
    critical_illnesses: Annotated[tuple[IllnessEntry, ...], Rows] = ()
    vaccinations: Annotated[tuple[VaccinationEntry, ...], Rows] = ()
    preventive_care: Annotated[tuple[PreventiveEntry, ...], Rows] = ()
    prenatal_checkups: Annotated[tuple[CheckupEntry, ...], Rows] = ()
    allergic_medicines: Annotated[tuple[Text, ...], Field(max_length=3)] = ()
    totals: Annotated[tuple[YearEntry, ...], Field(max_length=10)] = ()
    fee_totals: FeeTotalsEntry | None = None
    last_number: LastNumberEntry | None = None
    treatment_numbers: dict[RocMoment, TreatmentNumber] = Field(default_factory=dict, max_length=MOST_ROWS)
    next_visits: Annotated[tuple[NextVisitEntry, ...], Rows] = ()
    next_numbers: Annotated[tuple[NextNumberEntry, ...], Rows] = ()
    elsewhere: Annotated[tuple[ElsewhereEntry, ...], Rows] = ()

    @model_validator(mode="after")
    def _sound(self) -> CardEntry:
        one_of(self, "valid_days", "valid_until")
        if self.newborn_days_ago is not None and self.newborn_birthday is not None:
            raise ValueError("has both newborn_days_ago and newborn_birthday")
        _check_visits(self.visits, self.prescriptions)
        return self

    def plain(self, *names: str) -> dict[str, Any]:
        """These keys and their values."""
        return {name: getattr(self, name) for name in names}
