"""A patient's visit as a hospital program makes it, call by call; and the data blocks that it writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.bridge_process import Bridge
from tests.support.legacy_routes import Result, Route

DEMO_CARD = "000073898381"
NO_VISIT_YET = b"1150101120000"
SAME_DAY = 5010


@dataclass
class Visit:
    """For whom the program writes, and the time of the visit (13 digits) that names it."""

    id_no: bytes
    birthday: bytes
    time: bytes = NO_VISIT_YET


def demo_patient() -> Visit:
    """The holder of the demo card, before any visit."""
    return Visit(b"Z299999929", b"0920315")


def diagnoses(*codes: str, after_check: str = "1") -> bytes:
    """Six codes of seven bytes without brackets behind the mark, 43 bytes."""
    padded = [*codes, *[""] * (6 - len(codes))]
    return (after_check + "".join(code.ljust(7) for code in padded)).encode("ascii")


def fees(outpatient: int, copay: int) -> bytes:
    """Five fees, 38 bytes, left-aligned as typed."""
    return f"{outpatient:<8}{copay:<8}{0:<8}{0:<7}{0:<7}".encode("ascii")


def prescription(time: bytes, code: str, usage: str, days: int, hundredths: int) -> bytes:
    """One outpatient prescription, 61 bytes; the quantity in hundredths."""
    rest = f"1{code:<12}{'':6}{usage:<18}{days:02d}{hundredths:07d}01"
    return time + rest.encode("ascii")


def both_prescriptions(time: bytes) -> bytes:
    """The two prescriptions of the visit, 122 bytes."""
    return prescription(time, "AC44444100", "TIDPC", 3, 900) + prescription(time, "BC33333100", "HS", 7, 1750)


def take_number(route: Route, visit: Visit) -> Result:
    """Take a visit number and keep its time."""
    code, outputs = route.call(
        "hisGetSeqNumber256N1", cTreatItem=b"01", cBabyTreat=b" ", cTreatAfterCheck=b"1", pBuffer=316
    )
    record = outputs.get("pBuffer")
    if code in (0, SAME_DAY) and isinstance(record, bytes):
        visit.time = record[:13]
    return code, outputs


def write_diagnoses_and_fees(route: Route, visit: Visit) -> Result:
    """Write three diagnoses and two fees."""
    data = diagnoses("J029", "R509", "H401324") + fees(1250, 50)
    return route.call(
        "hisWriteTreatmentData",
        pDateTime=visit.time,
        pPatientID=visit.id_no,
        pPatientBirthDate=visit.birthday,
        pDataWrite=data,
    )


def write_prescriptions(route: Route, visit: Visit) -> Result:
    """Write two prescriptions and take their signatures."""
    return route.call(
        "hisWriteMultiPrescriptSign",
        pDateTime=visit.time,
        pPatientID=visit.id_no,
        pPatientBirthDate=visit.birthday,
        pDataWrite=both_prescriptions(visit.time),
        iWriteCount=2,
        pBuffer=80,
    )


def write_telephone(route: Route, visit: Visit) -> Result:
    """Write an emergency telephone number."""
    return route.call(
        "hisWriteEmergentTel",
        pPatientID=visit.id_no,
        pPatientBirthDate=visit.birthday,
        pEmergentTel=b"0912345678",
    )


def write_allergy(route: Route, visit: Visit) -> Result:
    """Write the second of the three allergic drugs."""
    return route.call(
        "hisWriteAllergicNum",
        pPatientID=visit.id_no,
        pPatientBirthDate=visit.birthday,
        pDataWrite=b"LATEX".ljust(40),
        iNum=2,
    )


def read_illnesses_of(route: Route, visit: Visit) -> Result:
    """Read the critical illnesses of the person named."""
    return route.call(
        "hisGetCriticalIllnessID", pPatientID=visit.id_no, pPatientBirthDate=visit.birthday, pBuffer=114
    )


def give_number_back(route: Route, visit: Visit) -> Result:
    """Give the visit's number back."""
    return route.call("csUnGetSeqNumber", pUnTreatDate=visit.time)


def read(function: str, **arguments: int) -> Callable[[Route, Visit], Result]:
    """A step that reads and knows nothing of the person."""

    def step(route: Route, visit: Visit) -> Result:
        return route.call(function, **arguments)

    return step


Step = Callable[[Route, Visit], Result]

# What the program does, in order. Steps for a named person are in FOR_ONE_PERSON too.
STEPS: dict[str, Step] = {
    "card number": read("csGetCardNo", CardType=2, pBuffer=12),
    "card status": read("hisGetCardStatus", CardType=2),
    "basic data": read("hisGetBasicData", pBuffer=72),
    "registration": read("hisGetRegisterBasic", pBuffer=78),
    "visits": read("hisGetTreatmentNoNeedHPC", pBuffer=498),
    "diagnoses": read("hisGetTreatmentNeedHPC", pBuffer=372),
    "number": take_number,
    "write diagnoses": write_diagnoses_and_fees,
    "write prescriptions": write_prescriptions,
    "read prescriptions": read("hisReadPrescriptMain", pOutpatientPrescription=183, iStartPos=1, iEndPos=3),
    "write telephone": write_telephone,
    "write allergy": write_allergy,
    "read illnesses": read_illnesses_of,
    "visits again": read("hisGetTreatmentNoNeedHPC", pBuffer=498),
    "give back": give_number_back,
    "close": read("csCloseCom"),
}
FOR_ONE_PERSON = frozenset(
    {"write diagnoses", "write prescriptions", "write telephone", "write allergy", "read illnesses"}
)


def open_with_doctor(bridge: Bridge, route: Route) -> None:
    """Open the port, verify the SAM and the doctor's PIN."""
    assert route.call("csOpenCom", pComNum=0) == (0, {})
    assert route.call("csVerifySAMDC") == (0, {})
    bridge.verify_doctor()


def read_basic(route: Route) -> Result:
    """Read the basic data into a buffer of exactly their size."""
    return route.call("hisGetBasicData", pBuffer=72)


def works(route: Route) -> bool:
    """Whether the demo card can be read."""
    code, outputs = read_basic(route)
    record = outputs.get("pBuffer")
    return code == 0 and isinstance(record, bytes) and record[:12] == DEMO_CARD.encode()
