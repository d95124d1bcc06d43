"""Practitioners' mobile certificates (醫事人員行動憑證): a small authority, and the check the console
makes (seed 001).

The phone signs ``certificate serial (decimal)|identity number|login time`` with RSA and SHA-256; spaces
around the bars in the seed are the layout of the document.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bridge.sim.cards import PractitionerCard
from bridge.sim.codes import Console
from bridge.sim.errors import StatusError
from bridge.sim.rsa_keys import is_signed, sign

if TYPE_CHECKING:
    from cryptography import x509  # loaded where a certificate is looked at: that takes its time, and few do

LOGIN_LIFETIME = timedelta(hours=1)
DATE_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
MEDICAL_IDS = {"doctor": "A", "pharmacist": "B", "nurse": "F"}


class MobileAuthority:
    """Issues mobile certificates and checks logins made with them. Keys are made at the first use."""

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def login(self, card: PractitionerCard, hospital_id: str, now: datetime) -> dict[str, str]:
        """Make the body of a Verification/MobiliHca request, as a practitioner's phone would."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = self._certificate(key, card.id_no, now)
        login_time = now.astimezone(UTC).strftime(DATE_FORMAT)
        signature = sign(key, f"{certificate.serial_number}|{card.id_no}|{login_time}")
        return {
            "idNo": card.id_no,
            "birthday": card.birthday,
            "cName": card.name,
            "eName": card.english_name,
            "hospitalId": hospital_id,
            "medId": MEDICAL_IDS[card.role],
            "loginDateTime": login_time,
            "signatureCertificate": base64.b64encode(
                certificate.public_bytes(serialization.Encoding.DER)
            ).decode(),
            "signature": base64.b64encode(signature).decode(),
        }

    def check(self, body: Mapping[str, str], hospital_id: str, now: datetime) -> None:
        """Check a login.

        Raises StatusError 1431 (other hospital), 1423 (not from this authority), 1422 (certificate's
        dates), 1430 (signature), 1421 (older than one hour), 1704 (a field is malformed).
        """
        from cryptography import x509

        if body["hospitalId"] != hospital_id:
            raise StatusError(Console.MOBILE_HCA_OTHER_HOSPITAL)
        try:
            certificate = x509.load_der_x509_certificate(_decode(body["signatureCertificate"]))
            signature = _decode(body["signature"])
            login_time = datetime.strptime(body["loginDateTime"], DATE_FORMAT).replace(tzinfo=UTC)
        except ValueError:
            raise StatusError(Console.BAD_REQUEST) from None
        key = self._trusted_key(certificate)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise StatusError(Console.HCA_CERTIFICATE_DATES)
        if not is_signed(
            key, signature, f"{certificate.serial_number}|{body['idNo']}|{body['loginDateTime']}"
        ):
            raise StatusError(Console.MOBILE_HCA_BAD_SIGNATURE)
        if now - login_time > LOGIN_LIFETIME:
            raise StatusError(Console.HCA_TOO_OLD)

    def _trusted_key(self, certificate: x509.Certificate) -> rsa.RSAPublicKey:
        key = certificate.public_key()
        algorithm = certificate.signature_hash_algorithm
        if not isinstance(key, rsa.RSAPublicKey) or algorithm is None:
            raise StatusError(Console.HCA_CERTIFICATE_UNTRUSTED)
        try:
            self._key.public_key().verify(
                certificate.signature, certificate.tbs_certificate_bytes, padding.PKCS1v15(), algorithm
            )
        except InvalidSignature:
            raise StatusError(Console.HCA_CERTIFICATE_UNTRUSTED) from None
        return key

    def _certificate(self, key: rsa.RSAPrivateKey, id_no: str, now: datetime) -> x509.Certificate:
        from cryptography import x509
        from cryptography.x509.oid import NameOID

        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, id_no)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Simulated mobile HCA")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=365))
            .sign(self._key, hashes.SHA256())
        )


def _decode(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
