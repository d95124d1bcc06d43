"""Signatures: made by the console for one request each, verified and used up by the cloud.

The console signs a canonical text with RSA-2048 (256 bytes, base64); the cloud rebuilds that text from
the ids in the request and verifies it with the public key, so an altered id fails for the real reason.
The simulator's own text: ``clientRandom|serviceType|kind|samId|hospitalId|hcId|hcIdNo|hpcId|hpcIdNo``.
Visits are signed with a 1024-bit key, because their legacy record holds 256 hexadecimal characters.

Where no other program looks at them, signatures may be of a cheaper kind (:class:`Secret`): as wide, checked
as strictly, and a hundred times as fast.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, Self

from bridge.sim.clock import Clock
from bridge.sim.codes import Cloud
from bridge.sim.errors import StatusError

LIFETIME = timedelta(hours=1)
ID_FIELDS = ("samId", "hospitalId", "hcId", "hcIdNo", "hpcId", "hpcIdNo")


class Key(Protocol):
    """What signs texts and tells its own signatures from others."""

    def sign(self, text: str) -> bytes:
        """The signature of a text."""
        ...

    def is_signed(self, signature: bytes, text: str) -> bool:
        """Whether ``signature`` is that of the text."""
        ...


class Secret:
    """A secret that only the simulator has: SHAKE-256 of secret and text. ``width``: bytes of a signature."""

    def __init__(self, width: int) -> None:
        self._begun = hashlib.shake_256(secrets.token_bytes(136))  # a whole block of it
        self._width = width

    def sign(self, text: str) -> bytes:
        """The signature of a text."""
        hashed = self._begun.copy()
        hashed.update(text.encode())
        return hashed.digest(self._width)

    def is_signed(self, signature: bytes, text: str) -> bool:
        """Whether ``signature`` is that of the text."""
        return hmac.compare_digest(signature, self.sign(text))


class Keys:
    """The private keys of one simulator: ``console`` (256 bytes, as of RSA-2048) signs requests and QR codes,
    ``visits`` (128 bytes, as of RSA-1024) signs visits.
    """

    def __init__(self, console: Key | None = None, visits: Key | None = None) -> None:
        self.console = console or _rsa(2048)
        self.visits = visits or _rsa(1024)

    @classmethod
    def cheap(cls) -> Self:
        """Keys that cost little, for many calls in one process."""
        return cls(Secret(256), Secret(128))


def _rsa(bits: int) -> Key:
    from bridge.sim.rsa_keys import Rsa  # with a library that cheap keys do without

    return Rsa(bits)


@dataclass
class Issued:
    """One signature the console gave out, with what it stands for.

    ``kind`` is ``sam``, ``hpc``, ``hc`` or ``hpchc``; ``ids`` holds the ids of that kind. ``pin_open``:
    the health card has no PIN or it was verified. ``qr_id``: the QR code behind a virtual card session.
    ``role``: the practitioner's, for kinds with one.
    """

    client_random: str
    service_type: str
    kind: str
    ids: dict[str, str]
    issued_at: datetime
    signature: str = ""
    pin_open: bool = True
    qr_id: str | None = None
    role: str = ""
    used: bool = False

    @property
    def card_number(self) -> str:
        """The health card's number, empty for kinds without one."""
        return self.ids.get("hcId", "")


class Signatures:
    """Gives signatures out, remembers them, and checks them when they come back with a cloud request."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._issued: dict[str, Issued] = {}

    def issue(
        self,
        kind: str,
        service_type: str,
        ids: dict[str, str],
        *,
        pin_open: bool = True,
        qr_id: str | None = None,
        role: str = "",
    ) -> Issued:
        """Sign for one request; ``ids`` holds the JSON names of the console's reply (samId, hospitalId,
        hcId ...).
        """
        client_random = _base64(os.urandom(8))
        issued = Issued(
            client_random=client_random,
            service_type=service_type,
            kind=kind,
            ids=dict(ids),
            issued_at=self._clock.now(),
            pin_open=pin_open,
            qr_id=qr_id,
            role=role,
        )
        issued.signature = _base64(self._keys.console.sign(_text(issued, ids)))
        self._issued[client_random] = issued
        return issued

    def check(self, body: Mapping[str, object], kind: str, service_type: str) -> Issued:
        """Check the signature part of a cloud request.

        Raises StatusError 3100 when it is unknown, altered, for other ids, of another kind or service
        type, or older than one hour; 3245 when it was used before. The caller sets ``used`` once the
        request has succeeded.
        """
        issued = self.find(body, kind, service_type)
        if issued is None:
            raise StatusError(Cloud.BAD_SIGNATURE)
        if issued.used:
            raise StatusError(Cloud.SIGNATURE_USED)
        if self.is_expired(issued):
            raise StatusError(Cloud.BAD_SIGNATURE)
        return issued

    def find(self, body: Mapping[str, object], kind: str, service_type: str) -> Issued | None:
        """The signature that ``body`` carries (by the cloud's names), used or not and of any age; None when
        it is unknown, altered, for other ids, of another kind or service type.
        """
        issued = self._issued.get(str(body.get("clientRandom", "")))
        if issued is None or (issued.kind, issued.service_type) != (kind, service_type):
            return None
        return issued if self._genuine(issued, body) else None

    def is_expired(self, issued: Issued) -> bool:
        """Whether it is older than one hour."""
        return self._clock.now() - issued.issued_at > LIFETIME

    def sign_visit(self, text: str) -> str:
        """Sign a visit: 256 hexadecimal characters."""
        return self._keys.visits.sign(text).hex().upper()

    def _genuine(self, issued: Issued, body: Mapping[str, object]) -> bool:
        try:
            signature = base64.b64decode(str(body.get("signature", "")), validate=True)
        except ValueError:
            return False
        return self._keys.console.is_signed(signature, _text(issued, body))


def _text(issued: Issued, ids: Mapping[str, object]) -> str:
    signers = [str(ids.get(name, "")) for name in ID_FIELDS]
    return "|".join([issued.client_random, issued.service_type, issued.kind, *signers])


def _base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode()
