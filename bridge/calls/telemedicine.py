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

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

ID_NO = re.compile(r"[A-Z][A-Z0-9]\d{8}", re.ASCII)
HOSPITAL = re.compile(r"[0-9A-Z]{10}", re.ASCII)
BLOCK_BYTES = 16


def telemedicine_person(text: str, hospital: str, now: datetime) -> str:
    """The id number (10 characters).

    In: the id, plain or encrypted today or, around midnight, yesterday; the hospital's code (10 characters),
    needed only where it is encrypted; the time in Taiwan. Raises ValueError for anything else.
    """
    if ID_NO.fullmatch(text):
        return text
    if not HOSPITAL.fullmatch(hospital):
        raise ValueError("an encrypted id needs the hospital's code of 10 characters")
    for day in (now, now - timedelta(days=1)):
        found = _decrypted(_bytes(text), hospital, day)
        if found is not None and ID_NO.fullmatch(found):
            return found
    raise ValueError("no id number, neither plain nor encrypted with this hospital's code of today")


def _bytes(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("neither an id number nor base64") from error
    if not data or len(data) % BLOCK_BYTES:
        raise ValueError(f"{len(data)} bytes are no whole blocks")
    return data


def _decrypted(data: bytes, hospital: str, day: datetime) -> str | None:
    """The text; None where the key of this day does not fit."""
    key = f"{hospital}{day:%Y%m%d}{'0' * 14}".encode("ascii")
    vector = f"{hospital}{day:%y%m%d}".encode("ascii")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    unpadder = PKCS7(algorithms.AES.block_size).unpadder()
    padded = decryptor.update(data) + decryptor.finalize()
    try:
        return (unpadder.update(padded) + unpadder.finalize()).decode("ascii")
    except ValueError:  # wrong padding, or bytes that are no text
        return None
