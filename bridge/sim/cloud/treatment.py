"""Cloud paths about visits' contents: diagnoses, fees, totals, prescriptions."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from bridge.sim.cloud.call import READ, WRITE, CloudCall, CloudRoute
from bridge.sim.cloud.fields import CODES, FEES, PRESCRIPTION, VISIT_KEY, check_rows, matching
from bridge.sim.codes import Cloud
from bridge.sim.errors import StatusError
from bridge.sim.records import CODE_NAMES, FEE_NAMES, CardRecord, Visit, year_sums

MOST_VISITS = 6
MOST_ILLNESSES = 6
MOST_PRESCRIPTIONS = 60
YEARS = 2
FORMAT = {"format": matching("0", '"0"')}


def no_need_hpc(call: CloudCall) -> dict[str, Any]:
    """Visits and fees, for which no practitioner's card is needed; illnesses without their codes."""
    illnesses = [
        {"validityStart": row["validityStart"], "validityEnd": row["validityEnd"]} for row in _illnesses(call)
    ]
    return {
        "criticalIllnesses": illnesses,
        "treatments": [_visit_with_fees(visit) for visit in _visits(call)],
    }


def need_hpc(call: CloudCall) -> dict[str, Any]:
    """Visits and diagnoses, for which a practitioner's card is needed."""
    return {
        "criticalIllnesses": _illnesses(call),
        "treatments": [{"treatDateTime": visit.key, **visit.codes} for visit in _visits(call)],
    }


def critical_illness(call: CloudCall) -> dict[str, Any]:
    """Critical illnesses (重大傷病) with code and validity."""
    return {"criticalIllnesses": _illnesses(call)}


def _visits(call: CloudCall) -> list[Visit]:
    return call.record.current_visits()[:MOST_VISITS]


def _illnesses(call: CloudCall) -> list[dict[str, str]]:
    return call.record.critical_illnesses[:MOST_ILLNESSES]


def _visit_with_fees(visit: Visit) -> dict[str, str]:
    return {
        "treatmentItem": visit.item,
        "babyTreatment": visit.baby,
        "treatDateTime": visit.key,
        "afterCheck": visit.after_check,
        "hospitalVisit": visit.sequence,
        "hospitalId": visit.hospital_id,
        **visit.fees,
    }


def write_code_fee(call: CloudCall) -> dict[str, Any]:
    """Store diagnoses and fees of a visit; 3208, 3211, and 3209 when exactly this is stored already."""
    return _write(call, {**_codes(call), **_fees(call)})


def write_code(call: CloudCall) -> dict[str, Any]:
    """Store diagnoses of a visit; as ``write_code_fee``."""
    return _write(call, _codes(call))


def write_fee(call: CloudCall) -> dict[str, Any]:
    """Store fees of a visit; as ``write_code_fee``."""
    return _write(call, _fees(call))


def _codes(call: CloudCall) -> dict[str, str]:
    return {name: call.body[name] for name in ("afterCheck", *CODE_NAMES)}


def _fees(call: CloudCall) -> dict[str, str]:
    return {name: str(int(call.body[name])) for name in FEE_NAMES}


def _write(call: CloudCall, values: dict[str, str]) -> dict[str, Any]:
    visit = _own_visit(call)
    stored = {"afterCheck": visit.after_check, **visit.codes, **visit.fees}
    if all(stored[name] == value for name, value in values.items()):
        raise StatusError(Cloud.ALREADY_WRITTEN)
    for name, value in values.items():
        if name == "afterCheck":
            visit.after_check = value
        elif name in CODE_NAMES:
            visit.codes[name] = value
        else:
            visit.fees[name] = value
    return {}


def _own_visit(call: CloudCall) -> Visit:
    """Return the visit the request names; 3208 unknown or rolled back, 3211 of another hospital."""
    visit = call.record.find_visit(call.body["treatmentDateTime"])
    if visit is None or visit.rolled_back:
        raise StatusError(Cloud.NO_SUCH_VISIT)
    if visit.hospital_id != call.hospital_id:
        raise StatusError(Cloud.OTHER_HOSPITAL)
    return visit


def write_prescriptions(call: CloudCall) -> dict[str, Any]:
    """Store orders of a visit and sign each: 20 bytes, as base64 and as 40 hexadecimal characters, in
    order; 3208, 3211.
    """
    rows = check_rows(call.body, "prescriptions", PRESCRIPTION, MOST_PRESCRIPTIONS)
    _own_visit(call)
    signatures = [_order_signature(call, row) for row in rows]
    call.record.prescriptions[:0] = rows
    call.record.prescriptions.sort(key=lambda row: row["treatmentDateTime"], reverse=True)
    return {
        "signatureItems": [base64.b64encode(signature).decode() for signature in signatures],
        "hexSignatureItems": [signature.hex().upper() for signature in signatures],
    }


def _order_signature(call: CloudCall, row: dict[str, str]) -> bytes:
    signed = "|".join((call.issued.card_number, call.issued.client_random, *row.values()))
    return hashlib.sha256(signed.encode()).digest()[:20]


def prescriptions(call: CloudCall) -> dict[str, Any]:
    """Outpatient orders (門診處方箋), at most 60."""
    return {"outpatientPrescriptions": call.record.prescriptions[:MOST_PRESCRIPTIONS]}


def long_term_prescriptions(call: CloudCall) -> dict[str, Any]:
    """Long-term prescriptions (長期處方箋)."""
    return {"longTermPrescriptions": call.record.long_term_prescriptions}


def important_treatments(call: CloudCall) -> dict[str, Any]:
    """Important orders (重要醫令)."""
    return {"importantTreatments": call.record.important_treatments}


def cumulative_data(call: CloudCall) -> dict[str, Any]:
    """Totals of the newest two years with a visit (就醫累計資料); money in dollars."""
    record = call.record
    years = sorted(
        {visit.roc_year for visit in record.current_visits()} | set(record.reported_years), reverse=True
    )
    totals = {year: _totals(record, year) for year in years}
    shown = [year for year in years if year in record.reported_years or any(totals[year].values())]
    return {
        "cumulativeDatas": [
            {"year": year, **{name: str(value) for name, value in totals[year].items()}}
            for year in shown[:YEARS]
        ]
    }


def _totals(record: CardRecord, year: str) -> dict[str, int]:
    sums = year_sums(visit for visit in record.current_visits() if visit.roc_year == year)
    earlier = record.earlier_totals.get(year, {})
    return {name: value + earlier.get(name, 0) for name, value in sums.items()}


def cumulative_fee(call: CloudCall) -> dict[str, Any]:
    """Totals of outpatient and inpatient fees over all visits (醫療費用總累計), in dollars."""
    sums, earlier = year_sums(call.record.current_visits()), call.record.earlier_fees
    return {name: str(sums[name] + earlier.get(name, 0)) for name in ("outpatientFee", "inpatientFee")}


ROUTES = [
    CloudRoute("/api/v1/Treatment/NoNeedHPC", "hc", READ, no_need_hpc),
    CloudRoute("/api/v1/Treatment/NeedHPC", "hpchc", READ, need_hpc, FORMAT),
    CloudRoute("/api/v1/CriticalIllness/Query", "hpchc", READ, critical_illness, FORMAT),
    CloudRoute("/api/v1/Treatment/WriteCodeFee", "hc", WRITE, write_code_fee, {**VISIT_KEY, **CODES, **FEES}),
    CloudRoute("/api/v1/Treatment/WriteCode", "hc", WRITE, write_code, {**VISIT_KEY, **CODES}),
    CloudRoute("/api/v1/Treatment/WriteFee", "hc", WRITE, write_fee, {**VISIT_KEY, **FEES}),
    CloudRoute("/api/v1/Prescription/Write", "hc", WRITE, write_prescriptions, VISIT_KEY),
    CloudRoute("/api/v1/Prescription/Query", "hpchc", READ, prescriptions),
    CloudRoute("/api/v1/Prescription/LongQuery", "hpchc", READ, long_term_prescriptions),
    CloudRoute("/api/v1/Prescription/HveQuery", "hpchc", READ, important_treatments),
    CloudRoute("/api/v1/CumulativeData/Query", "hc", READ, cumulative_data),
    CloudRoute("/api/v1/CumulativeFee/Query", "hc", READ, cumulative_fee),
]
