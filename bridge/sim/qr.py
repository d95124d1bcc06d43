"""Virtual health cards (虛擬健保卡): QR codes a phone shows, and transfer codes from one reader to another.

A QR code is three base64 parts, ``id.times.signature``, as the slides show (seed 002); the simulator
knows whose it is. A transfer code is two parts, ``id.check``, as in seed 001.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.sim.clock import Clock
from bridge.sim.codes import Console
from bridge.sim.errors import StatusError
from bridge.sim.signatures import Keys

TRANSFER_LIFETIME = timedelta(minutes=10)


@dataclass
class QrCode:
    """A QR code given out: whose card it opens, until when, and how often it may still be verified.

    ``pin_open``: no PIN is set, or its holder has agreed in the app; else the card's records stay closed.
    """

    id: str
    card_number: str
    expires_at: datetime
    uses_left: int
    pin_open: bool = True


@dataclass
class Transfer:
    """A virtual card session on its way to another reader of the same hospital."""

    qr_id: str
    card_number: str
    hospital_id: str
    expires_at: datetime
    taken: bool = False


class QrCodes:
    """All QR codes given out since the last reset."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._codes: dict[str, QrCode] = {}
        self._reported: dict[str, QrCode] = {}

    def issue(
        self, card_number: str, minutes: float = 10.0, uses: int = 3, *, pin_open: bool = True
    ) -> str:  # fmt: skip
        """Make a fresh QR string for a card; it can be verified ``uses`` times within ``minutes``."""
        code_id = _base64(secrets.token_bytes(16))
        expires_at = self._clock.now() + timedelta(minutes=minutes)
        signed = f"{code_id}.{_base64(expires_at.isoformat().encode())}"
        self._codes[code_id] = QrCode(code_id, card_number, expires_at, uses, pin_open)
        return f"{signed}.{_base64(self._keys.console.sign(signed))}"

    def remember(self, token: str, card_number: str, uses: int, until: datetime | None) -> None:
        """Take a QR string that was given out before the start, whatever it looks like; without ``until`` it
        is good for a day.
        """
        expires_at = until or self._clock.now() + timedelta(days=1)
        self._reported[token] = QrCode(_base64(secrets.token_bytes(16)), card_number, expires_at, uses)

    def pin_open(self, code_id: str) -> bool:
        """Whether no PIN closes the records of the card that this code opened."""
        code = self._codes.get(code_id)
        return code is None or code.pin_open

    def read(self, token: str) -> QrCode:
        """Return what the QR string stands for.

        Raises StatusError 1520 (not three parts), 1522 (a part is not base64), 1523 (signature), 1524
        (expired).
        """
        code = self._reported.get(token) or self._signed(token)
        if self._clock.now() >= code.expires_at:
            raise StatusError(Console.QR_EXPIRED)
        return code

    def _signed(self, token: str) -> QrCode:
        """The code of a QR string of our own."""
        parts = token.split(".")
        if len(parts) != 3 or not all(parts):
            raise StatusError(Console.QR_BAD_SHAPE)
        decoded = [_decode(part) for part in parts]
        code = self._codes.get(parts[0])
        signed = f"{parts[0]}.{parts[1]}"
        if code is None or not self._keys.console.is_signed(decoded[2], signed):
            raise StatusError(Console.QR_BAD_SIGNATURE)
        return code

    def use(self, token: str) -> QrCode:
        """As ``read``, and count one verification; StatusError 1525 when none is left."""
        code = self.read(token)
        if code.uses_left < 1:
            raise StatusError(Console.QR_USED_UP)
        code.uses_left -= 1
        return code


class Transfers:
    """Transfer codes (轉移碼) given out by Export and taken by Import."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._transfers: dict[str, Transfer] = {}

    def export(self, qr_id: str, card_number: str, hospital_id: str) -> str:
        """Give out a transfer code for a virtual card session."""
        token = f"{_base64(secrets.token_bytes(16))}.{_base64(secrets.token_bytes(16))}"
        self._transfers[token] = Transfer(
            qr_id, card_number, hospital_id, self._clock.now() + TRANSFER_LIFETIME
        )
        return token

    def take(self, token: str, hospital_id: str) -> Transfer:
        """Take a transfer once.

        Raises StatusError 1520 (not two parts), 1522 (not base64), 1528 (unknown), 1529 (taken), 1530
        (other hospital), 1531 (expired).
        """
        parts = token.split(".")
        if len(parts) != 2 or not all(parts):
            raise StatusError(Console.QR_BAD_SHAPE)
        for part in parts:
            _decode(part)
        transfer = self._transfers.get(token)
        if transfer is None:
            raise StatusError(Console.TRANSFER_UNKNOWN)
        if transfer.taken:
            raise StatusError(Console.TRANSFER_TAKEN)
        if transfer.hospital_id != hospital_id:
            raise StatusError(Console.TRANSFER_OTHER_HOSPITAL)
        if self._clock.now() >= transfer.expires_at:
            raise StatusError(Console.TRANSFER_EXPIRED)
        transfer.taken = True
        return transfer


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(part: str) -> bytes:
    try:
        return base64.b64decode(part, validate=True)
    except ValueError:
        raise StatusError(Console.QR_BAD_CONTENT) from None
