"""The official facts that the table must agree with, copied from their sources and never from the table."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent

# Widths in bytes as the API manual 3.3 prints them; of 1.53, 1.54, 1.56 and seven-byte codes as real
# clients have them.
RECORD_WIDTHS_OUT = {
    "basic_data": 72,
    "register_basic": 78,
    "register_basic_2": 9,
    "preventive_care": 126,
    "prenatal_checkups": 209,
    "treatment_no_need_hpc": 498,
    "cumulative_data": 134,
    "cumulative_fee": 20,
    "treatment_need_hpc": 372,
    "treatment_need_hpc_icd10": 540,
    "critical_illness": 114,
    "critical_illness_icd10": 138,
    "seq_number": 167,
    "seq_number_256": 296,
    "seq_number_256_n1": 316,
    "treatment_number_no_card": 43,
    "treatment_number_card": 20,
    "outpatient_prescription": 3660,
    "long_term_prescription": 1320,
    "important_orders": 360,
    "allergic_drugs": 120,
    "vaccinations": 1400,
    "organ_donation": 1,
    "emergency_tel": 14,
    "last_visit_sequence": 7,
    "reader_datetime": 13,
    "card_no": 12,
    "hospital_id": 10,
    "prescription_signatures": 40,
    "upload_receipt": 50,
}
RECORD_WIDTHS_IN = {
    "treatment_code": 31,
    "treatment_code_7": 43,
    "treatment_code_icd10": 55,
    "treatment_fee": 38,
    "treatment_data": 69,
    "treatment_data_7": 81,
    "treatment_data_icd10": 93,
    "prescription": 61,
    "allergic_drugs": 120,
    "allergic_drug": 40,
}
# Where the caller gives the number of repetitions: the most bytes that can make.
MOST_BYTES = {"prescription_signatures": 40 * 60, "prescription": 61 * 60}

# Single-string arguments, bytes without the NUL.
TEXT_WIDTHS = {
    "pDateTime": 13,
    "pPatientID": 10,
    "pPatientBirthDate": 7,
    "pNewBornDate": 7,
    "pNoOfDelivered": 1,
    "pOrganDonate": 1,
    "pServiceItem": 2,
    "pServiceItemCode": 2,
    "pEmergentTel": 14,
    "pCheckupCode": 2,
    "pItem": 6,
    "pPackageNumber": 12,
    "cTreatItem": 2,
    "cBabyTreat": 1,
    "cTreatAfterCheck": 1,
    "pUnTreatDate": 13,
    "pHospID": 10,
}


@dataclass(frozen=True, slots=True)
class OfficialFunction:
    """A function of the official library; None where nobody has published the number."""

    name: str
    ordinal: int | None
    stack_bytes: int | None
    signature: str
    service_type: str
    requests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfficialStatus:
    """A status of an upstream and its legacy codes."""

    source: str
    status: str
    legacy: int
    contexts: dict[str, int]


def _rows(file: str) -> list[dict[str, str]]:
    text = (HERE / file).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def _number(text: str) -> int | None:
    return int(text) if text else None


FUNCTIONS = {
    row["name"]: OfficialFunction(
        row["name"],
        _number(row["ordinal"]),
        _number(row["stack_bytes"]),
        row["signature"],
        row["service_type"],
        tuple(part.strip() for part in row["requests"].split("|") if part.strip()),
    )
    for row in _rows("functions.csv")
}
STATUSES = [
    OfficialStatus(
        row["source"],
        row["status"],
        int(row["legacy"]),
        {name: int(code) for name, _, code in (pair.partition("=") for pair in row["contexts"].split())},
    )
    for row in _rows("statuses.csv")
]
LEGACY_CODES = {int(row["code"]) for row in _rows("legacy_codes.csv")}
