"""Forms of the cloud's request fields, checked before anything else; a fault becomes HTTP 400 that names
the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bridge.sim.clock import parse_roc_date, parse_roc_datetime
from bridge.sim.errors import FieldError

# Returns what is wrong with a value, or None.
Check = Callable[[Any], str | None]
Fields = Mapping[str, Check]


def matching(pattern: str, form: str) -> Check:
    """Accept a string that matches ``pattern`` whole; ``form`` describes it in the error."""
    compiled = re.compile(pattern, re.DOTALL | re.ASCII)

    def check(value: Any) -> str | None:
        return None if isinstance(value, str) and compiled.fullmatch(value) else f"must be {form}"

    return check


def roc_date_time(value: Any) -> str | None:
    """Accept ROC yyyMMddHHmmss."""
    return _parsed(value, parse_roc_datetime)


def roc_day(value: Any) -> str | None:
    """Accept ROC yyyMMdd."""
    return _parsed(value, parse_roc_date)


def _parsed(value: Any, parse: Callable[[str], object]) -> str | None:
    if not isinstance(value, str):
        return "must be a string"
    try:
        parse(value)
    except ValueError as problem:
        return str(problem)
    return None


def text(shortest: int, longest: int) -> Check:
    """Accept a string of so many characters."""
    return matching(f".{{{shortest},{longest}}}", f"a string of {shortest} to {longest} characters")


def check_fields(body: Mapping[str, Any], fields: Fields, prefix: str = "") -> None:
    """Check every field; raise FieldError for the first that is missing or malformed. Other fields are
    ignored.
    """
    for name, check in fields.items():
        if name not in body:
            raise FieldError(prefix + name, "is missing")
        problem = check(body[name])
        if problem is not None:
            raise FieldError(prefix + name, problem)


def check_rows(body: Mapping[str, Any], name: str, fields: Fields, most: int) -> list[dict[str, str]]:
    """Check an array of 1 to ``most`` objects and return it with only the known fields."""
    rows = body.get(name)
    if not isinstance(rows, list) or not 1 <= len(rows) <= most:
        raise FieldError(name, f"must be an array of 1 to {most} objects")
    for number, row in enumerate(rows):
        prefix = f"{name}[{number}]"
        if not isinstance(row, dict):
            raise FieldError(prefix, "must be an object")
        check_fields(row, fields, prefix + ".")
    return [{field: row[field] for field in fields} for row in rows]


BASE64 = matching(r"[0-9A-Za-z+/]+={0,2}", "base64")
DIGITS_12 = matching(r"\d{12}", "12 digits")
ID_NO = matching(r"[0-9A-Z]{10}", "10 capitals or digits")
HOSPITAL_ID = matching(r"[0-9A-Z]{10}", "10 characters")
CODE = matching(r"[0-9A-Za-z.]{3,7}", "an ICD code of 3 to 7 letters or digits")
CODE_OR_EMPTY = matching(r"([0-9A-Za-z.]{3,7})?", "empty or an ICD code of 3 to 7 letters or digits")
FEE_8 = matching(r"\d{1,8}", "1 to 8 digits")
FEE_7 = matching(r"\d{1,7}", "1 to 7 digits")
MARK = matching(r"[0-9A-Z ]?", "empty or one character")
TREATMENT_ITEM = matching(r"0[1-9]|[A-Z][0-9A-Z]", "01 to 09, or a letter and a letter or digit")

SAM_FIELDS: Fields = {
    "signature": BASE64,
    "clientRandom": BASE64,
    "samId": DIGITS_12,
    "hospitalId": HOSPITAL_ID,
}
HC_FIELDS: Fields = {**SAM_FIELDS, "hcId": DIGITS_12, "hcIdNo": ID_NO}
HPC_HC_FIELDS: Fields = {**HC_FIELDS, "hpcId": text(12, 20), "hpcIdNo": ID_NO}
SIGNATURE_FIELDS: Mapping[str, Fields] = {"sam": SAM_FIELDS, "hc": HC_FIELDS, "hpchc": HPC_HC_FIELDS}

VISIT_KEY: Fields = {"treatmentDateTime": roc_date_time}
CODES: Fields = {
    "afterCheck": MARK,
    "mainCode": CODE,
    **{f"subCode{number}": CODE_OR_EMPTY for number in range(1, 6)},
}
FEES: Fields = {
    "outpatientFee": FEE_8,
    "costFee": FEE_8,
    "inpatientFee": FEE_8,
    "inpatient30Fee": FEE_7,
    "inpatient180Fee": FEE_7,
}
PRESCRIPTION: Fields = {
    "treatmentDateTime": roc_date_time,
    "treatmentItem": matching(r"[0-9A-Z]", "one digit or capital"),
    "treatmentItemCode": text(1, 12),
    "treatmentPosition": text(0, 6),
    "usage": text(0, 18),
    "days": matching(r"\d{0,2}", "at most two digits"),
    "totalQuantity": matching(r"\d{1,5}\.\d\d", 'digits with two decimals, such as "12.00"'),
    "deliveryNotes": text(0, 2),
}
