"""The patient's id as old clients of telemedicine (視訊診療) send it: encrypted, with the hospital as key.

Known from a real client: AES-256 in CBC mode, PKCS 7 padding, base64. The key is the hospital's code (10
characters), the western date yyyyMMdd and 14 zeros; the initial vector is the hospital's code and yyMMdd.
Nothing of that is secret. It is undone here because the cloud of 6.0 takes the id as it is.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime, timedelta

from bridge.calls.context import CallContext, Decrypt
from bridge.words import said

ID_NO = re.compile(r"[A-Z][A-Z0-9]\d{8}", re.ASCII)
HOSPITAL = re.compile(r"[0-9A-Z]{10}", re.ASCII)
BLOCK_BYTES = 16


def telemedicine_person(text: str, hospital: str, context: CallContext) -> str:
    """The id number (10 characters).

    In: the id, plain or encrypted today or, around midnight, yesterday; the hospital's code (10 characters),
    needed only where it is encrypted; the time of the call and the cipher. Raises ValueError for anything
    else.
    """
    if ID_NO.fullmatch(text):
        return text
    if not HOSPITAL.fullmatch(hospital):
        raise ValueError(said("an encrypted id needs the hospital's code of 10 characters"))
    data, today = _bytes(text), context.taiwan_time
    for day in (today, today - timedelta(days=1)):
        found = _decrypted(data, hospital, day, context.decrypt)
        if found is not None and ID_NO.fullmatch(found):
            return found
    raise ValueError(said("no id number, neither plain nor encrypted with this hospital's code of today"))


def _bytes(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(said("neither an id number nor base64")) from error
    if not data or len(data) % BLOCK_BYTES:
        raise ValueError(said("{count} bytes are no whole blocks", count=len(data)))
    return data


def _decrypted(data: bytes, hospital: str, day: datetime, decrypt: Decrypt) -> str | None:
    """The text; None where the key of this day does not fit."""
    key = f"{hospital}{day:%Y%m%d}{'0' * 14}".encode("ascii")
    vector = f"{hospital}{day:%y%m%d}".encode("ascii")
    padded = decrypt(key, vector, data)
    count = padded[-1]  # the padding: as many bytes, each with their number
    if not 1 <= count <= BLOCK_BYTES or padded[-count:] != bytes([count]) * count:
        return None
    try:
        return padded[:-count].decode("ascii")
    except ValueError:
        return None
