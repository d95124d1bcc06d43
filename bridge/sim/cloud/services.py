"""Cloud paths that need no health card: ICD squeezing, uploads, telemedicine. SAM signatures."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any

from bridge.sim.cloud.call import READ, UPLOAD, CloudCall, CloudRoute
from bridge.sim.cloud.fields import ID_NO, matching, text
from bridge.sim.codes import Cloud
from bridge.sim.errors import FieldError, StatusError

# The examples of the insurer's own test cases; the full table has 69,188 entries.
SQUEEZED = {
    "G44201": '"M7WK',
    "G44209": '"M830',
    "G44211": '"M86W',
    "G44219": '"M8FC',
    "G44221": '"M8JG',
    "G44229": '"M8YG',
    "H401324": "#:5BK",
    "O320xx0": "%}3RK",
    "O320xx1": "%}3RO",
    "O320xx5": "%}3S4",
}
SPREAD = {squeezed: code for code, squeezed in SQUEEZED.items()}
WESTERN = "%Y%m%d%H%M%S"
MOST_UPLOAD = 10 * 1024 * 1024


def encode_icd(call: CloudCall) -> dict[str, Any]:
    """Squeeze an ICD-10 code into 5 characters (押碼); 3501 for a code outside the table."""
    return {"icd": _looked_up({**SQUEEZED, **call.world.icd}, call.body["icd"])}


def decode_icd(call: CloudCall) -> dict[str, Any]:
    """Spread a squeezed code again (解押碼); 3501 for one outside the table."""
    more = {squeezed: code for code, squeezed in call.world.icd.items()}
    return {"icd": _looked_up({**SPREAD, **more}, call.body["icd"])}


def _looked_up(table: dict[str, str], code: str) -> str:
    if code not in table:
        raise StatusError(Cloud.ICD_NOT_IN_RANGE)
    return table[code]


def upload(call: CloudCall) -> dict[str, Any]:
    """Take a file (資料上傳); times are western yyyyMMddHHmmss. 3236 for the same content again."""
    content = _content(call)
    digest = hashlib.sha256(content).hexdigest()
    if digest in call.world.uploads:
        raise StatusError(Cloud.UPLOADED_ALREADY)
    call.world.uploads[digest] = call.now
    return {
        "samId": call.issued.ids["samId"],
        "hospitalId": call.hospital_id,
        "uploadDateTime": call.now.strftime(WESTERN),
        "receiveDateTime": (call.now + timedelta(seconds=1)).strftime(WESTERN),
    }


def _content(call: CloudCall) -> bytes:
    try:
        content = base64.b64decode(call.body["content"], validate=True)
    except ValueError:
        raise FieldError("content", "is not base64") from None
    if len(content) > MOST_UPLOAD:
        raise FieldError("content", f"is larger than {MOST_UPLOAD} bytes")
    if len(content) != int(call.body["fileSize"]):
        raise FieldError("fileSize", f"is not the size of the content, {len(content)} bytes")
    return content


def request_token(call: CloudCall) -> dict[str, Any]:
    """Ask a patient's consent to telemedicine (視訊診療); 3241 when the person has no card."""
    card = call.world.find_person(call.body["patientId"])
    if card is None:
        raise StatusError(Cloud.NO_VIRTUAL_CARD)
    return {"accessToken": call.world.consents.request(card.number)}


def response_token(call: CloudCall) -> dict[str, Any]:
    """Fetch the QR string after the patient's consent; 3237 to 3240."""
    world = call.world
    consent = world.switches.telemedicine_consent
    card_number = world.consents.card_number(call.body["accessToken"], consent)
    return {"virtualCardToken": world.qr(card_number)}


COUNT = matching(r"\d{1,9}", "digits")
ROUTES = [
    CloudRoute("/api/v1/Icd/Encode", "sam", READ, encode_icd, {"icd": text(1, 7)}),
    CloudRoute("/api/v1/Icd/Decode", "sam", READ, decode_icd, {"icd": text(1, 5)}),
    CloudRoute(
        "/api/v1/UploadData/Upload",
        "sam",
        UPLOAD,
        upload,
        {"fileName": text(1, 260), "fileSize": COUNT, "count": COUNT, "content": text(0, 15_000_000)},
    ),
    CloudRoute("/api/v1/TeleMedicine/RequestToken", "sam", READ, request_token, {"patientId": ID_NO}),
    CloudRoute(
        "/api/v1/TeleMedicine/ResponseToken", "sam", READ, response_token, {"accessToken": text(1, 200)}
    ),
]
