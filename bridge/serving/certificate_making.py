"""Makes TLS certificates for this machine: the facade's at its first start, the simulators' at each.

A small authority signs one and nothing else: its key is thrown away at once, so trusting it risks nothing.
The extensions are those that strict verification (RFC 5280, Python 3.13) asks for.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bridge.private_files import create_private
from bridge.serving.certificate import Files, facade_files

PrivateKey: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

LIFE = timedelta(days=3650)
CLOCK_SKEW = timedelta(days=1)
NAMES: tuple[x509.GeneralName, ...] = (
    x509.DNSName("localhost"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    x509.IPAddress(ipaddress.ip_address("::1")),
)


def facade_certificate(directory: Path, now: datetime) -> Files:
    """A new certificate for the facade, RSA 2048 with SHA-256, because old clients know nothing newer. Raises
    OSError.
    """
    files = facade_files(directory)
    _write_all(files, _make(now, _rsa_key(), _rsa_key()))
    return files


def fresh_certificate(directory: Path) -> Files:
    """A new certificate for the same names in place of the last: for servers that live for one run.

    Its keys lie on an elliptic curve, which takes no time and which every client of today knows.
    Raises OSError.
    """
    files = (directory / "server.pem", directory / "server.key", directory / "ca.pem")
    _write_all(files, _make(datetime.now(UTC), _curve_key(), _curve_key()))
    return files


# --- making -------------------------------------------------------------------------------------------------


def _make(now: datetime, ca_key: PrivateKey, key: PrivateKey) -> tuple[bytes, bytes, bytes]:
    """Certificate, its key and the authority's certificate as PEM. Nobody else keeps the authority's key."""
    ca_name = _name("cshis-bridge local CA")
    further = ["key_encipherment"] if isinstance(key, rsa.RSAPrivateKey) else []
    authority = (
        _builder(ca_name, ca_name, ca_key, ca_key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    certificate = (
        _builder(_name("localhost"), ca_name, key, ca_key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature", *further), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(NAMES), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    key_pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    pem = serialization.Encoding.PEM
    return certificate.public_bytes(pem), key_pem, authority.public_bytes(pem)


def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _curve_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, ca_key: PrivateKey, now: datetime
) -> x509.CertificateBuilder:
    """What both certificates share: names, dates, serial number, the two key identifiers."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
    )


def _usage(*granted: str) -> x509.KeyUsage:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{usage: usage in granted for usage in every})


def _write_all(files: Files, contents: tuple[bytes, bytes, bytes]) -> None:
    for file, content, public in zip(files, contents, (True, False, True), strict=True):
        file.parent.mkdir(parents=True, exist_ok=True)
        _write(file, content, public)


def _write(file: Path, content: bytes, public: bool) -> None:
    """Put a file in place in one step; only its user can read it, from the first moment on, or everybody who
    may enter the folder.
    """
    new = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(_create_public(new) if public else create_private(new), "wb") as stream:
            stream.write(content)
        new.replace(file)
    finally:
        with suppress(OSError):  # on a read-only disk it would hide why nothing was written
            new.unlink(missing_ok=True)


def _create_public(file: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)  # Windows would write CR LF
    return os.open(file, flags, 0o644)


if __name__ == "__main__":  # see bridge.serving.certificate
    facade_certificate(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
