"""Files the upload centre got, each under its execution number (執行編號)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass
class Upload:
    """One file. ``records`` and ``orders`` are the counts as sent, empty where none were. ``uploaded_at`` is
    the sender's time, 17 digits. ``asked``: how often its result was asked for.
    """

    opcode: str
    sam_id: str
    hospital_id: str
    type: str
    records: str
    orders: str
    content: bytes
    uploaded_at: str
    received_at: datetime
    asked: int = 0

    def as_json(self) -> dict[str, object]:
        """All of it as plain JSON values, for the control API; of the content only size and hash."""
        return {
            "opcode": self.opcode,
            "samId": self.sam_id,
            "hospitalId": self.hospital_id,
            "type": self.type,
            "records": self.records,
            "orders": self.orders,
            "bytes": len(self.content),
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "uploadedAt": self.uploaded_at,
            "receivedAt": self.received_at.isoformat(timespec="seconds"),
            "asked": self.asked,
        }


def execution_number(received_at: datetime, serial: int, hospital_id: str, sam_id: str) -> str:
    """14 digits of time, 6 of a serial number, hospital (10), SAM (12): the places real clients rely on."""
    return f"{received_at:%Y%m%d%H%M%S}{serial:06d}{hospital_id}{sam_id}"
