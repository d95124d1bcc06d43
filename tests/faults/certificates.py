"""Certificates that a bridge must not trust, and the authority it does trust."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Callable
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.faults.rig import server_tls

NAMES = ("localhost", "127.0.0.1")
DAY = datetime.timedelta(days=1)


class Authority:
    """An authority whose certificate is in ``file``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ca = trustme.CA()
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._ca.cert_pem.bytes())

    def good(self) -> ssl.SSLContext:
        return self._shown("good", self._ca.issue_cert(*NAMES))

    def expired(self) -> ssl.SSLContext:
        now = datetime.datetime.now(datetime.UTC)
        return self._shown(
            "expired", self._ca.issue_cert(*NAMES, not_before=now - 2 * DAY, not_after=now - DAY)
        )

    def not_yet_valid(self) -> ssl.SSLContext:
        now = datetime.datetime.now(datetime.UTC)
        return self._shown(
            "early", self._ca.issue_cert(*NAMES, not_before=now + DAY, not_after=now + 2 * DAY)
        )

    def of_another_host(self) -> ssl.SSLContext:
        return self._shown("host", self._ca.issue_cert("cloud.example"))

    def of_an_unknown_authority(self) -> ssl.SSLContext:
        return self._shown("unknown", trustme.CA().issue_cert(*NAMES))

    def self_signed(self) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        now = datetime.datetime.now(datetime.UTC)
        alternative = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + DAY)
            .add_extension(alternative, critical=False)
            .sign(key, hashes.SHA256())
        )
        file, key_file = self._folder / "self.pem", self._folder / "self.key"
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return server_tls(file, key_file)

    def _shown(self, name: str, certificate: trustme.LeafCert) -> ssl.SSLContext:
        file, key = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        file.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
        key.write_bytes(certificate.private_key_pem.bytes())
        return server_tls(file, key)


UNTRUSTED: dict[str, Callable[[Authority], ssl.SSLContext]] = {
    "expired": Authority.expired,
    "not yet valid": Authority.not_yet_valid,
    "of another host": Authority.of_another_host,
    "of an unknown authority": Authority.of_an_unknown_authority,
    "self-signed": Authority.self_signed,
}
