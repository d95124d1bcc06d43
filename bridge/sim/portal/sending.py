"""The simulated guiHoSoGiamDinh4210: it takes a file of records (hồ sơ XML), as a JSON array of bytes or in
base64.

The number of the transaction (maGiaoDich) tells what has arrived: its second half is the file's md5.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

from bridge.sim.portal.books import PortalAccount, PortalBooks

PARAMETERS = ("loaiHoSo", "maTinh", "maCSKCB")
MEANINGS = {"123": "Sai định dạng file", "205": "Lỗi sai định dạng tham số", "401": "Lỗi xác thực tài khoản"}
BEGINNING = b"<"


def send(
    books: PortalBooks, account: PortalAccount, query: Mapping[str, Any], body: object
) -> dict[str, Any]:
    """Take a file from a holder of a valid token: the body is the file, or an object with it as fileHS."""
    file = _file(body["fileHS"] if isinstance(body, dict) and "fileHS" in body else body)
    if file is None or any(not query.get(name) for name in PARAMETERS):
        return not_taken("205")
    if not file.lstrip(b"\xef\xbb\xbf \r\n").startswith(BEGINNING):
        return not_taken("123")
    number = f"{account.username}_{hashlib.md5(file, usedforsecurity=False).hexdigest()}"
    return {"maKetQua": "200", "maGiaoDich": number, "thoiGianTiepNhan": f"{books.now():%Y%m%d%H%M%S}"}


def not_taken(code: str) -> dict[str, Any]:
    """A reply to what was not taken."""
    return {"maKetQua": code, "ghiChu": MEANINGS[code], "maGiaoDich": None, "thoiGianTiepNhan": None}


def _file(value: object) -> bytes | None:
    """The file; None where it is neither numbers of bytes nor base64."""
    try:
        if isinstance(value, list):
            return bytes(value)
        if isinstance(value, str):
            return base64.b64decode(value, validate=True)
    except (ValueError, TypeError, binascii.Error):
        return None
    return None
