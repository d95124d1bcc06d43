"""Reaches a server step by step - name, port, TLS - and says at which step it ended. Nothing is asked."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from cryptography import x509

from bridge.upstream.tls import tls_context
from bridge.words import said

Step = Literal[
    "mute", "name", "refused", "silent", "no-tls", "expired", "not-yet-valid", "wrong-name", "untrusted"
]

# OpenSSL's verify results (openssl-verification-options).
EXPIRED, NOT_YET_VALID, WRONG_NAMES = 10, 9, (62, 64)
HTTPS_PORT = 443


@dataclass(frozen=True, slots=True)
class Address:
    """Host and port of an address of the settings."""

    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Address:
        """The address in an https URL. Raises ValueError for anything else."""
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise ValueError(f"{url} is no https address")
        return cls(parts.hostname, parts.port or HTTPS_PORT)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate: the names it is made for, who issued it, its last day."""

    names: tuple[str, ...]
    issuer: str
    ends: datetime

    def days_left(self, now: datetime | None = None) -> int:
        """Whole days until it ends; negative when it has ended."""
        return (self.ends - (now or datetime.now(UTC))).days


@dataclass(frozen=True, slots=True)
class Reached:
    """How far it got: ``fault`` None is all the way. ``detail`` is the system's word for it."""

    fault: Step | None = None
    detail: str = ""
    certificate: Certificate | None = None


def reach(address: Address, ca_file: Path | None, timeout: float) -> Reached:
    """Try to reach a server as the bridge does. ``timeout``: seconds for each step. Raises ConfigError when
    the CA file cannot be used.
    """
    context = tls_context(ca_file)
    try:
        socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except OSError as error:
        return Reached("name", error.strerror or str(error))
    try:
        connection = socket.create_connection((address.host, address.port), timeout)
    except TimeoutError:
        return Reached("silent", said("no answer in time"))
    except OSError as error:
        return Reached("refused", error.strerror or str(error))
    with connection:
        return _greet(connection, address, context, timeout)


def _greet(connection: socket.socket, address: Address, context: ssl.SSLContext, timeout: float) -> Reached:
    try:
        with context.wrap_socket(connection, server_hostname=address.host) as secured:
            return Reached(certificate=read_certificate(secured.getpeercert(binary_form=True)))
    except ssl.SSLCertVerificationError as error:
        return Reached(_kind(error.verify_code), error.verify_message, _shown(address, timeout))
    except TimeoutError:
        return Reached("mute", said("it accepts connections but does not answer"))
    except (OSError, ssl.SSLError) as error:
        return Reached("no-tls", getattr(error, "reason", None) or error.strerror or str(error))


def _kind(code: int) -> Step:
    if code == EXPIRED:
        return "expired"
    if code == NOT_YET_VALID:
        return "not-yet-valid"
    return "wrong-name" if code in WRONG_NAMES else "untrusted"


def _shown(address: Address, timeout: float) -> Certificate | None:
    """The certificate that the server shows, read only to tell people what is wrong with it."""
    try:
        pem = ssl.get_server_certificate((address.host, address.port), timeout=timeout)
        return read_certificate(ssl.PEM_cert_to_DER_cert(pem))
    except (OSError, ValueError):
        return None


def read_certificate(content: bytes | None) -> Certificate | None:
    """What a certificate (DER) says; None for what cannot be read."""
    if content is None:
        return None
    try:
        certificate = x509.load_der_x509_certificate(content)
    except ValueError:
        return None
    return certificate_of(certificate)


def certificate_of(certificate: x509.Certificate) -> Certificate:
    """What a certificate says."""
    issuer = certificate.issuer.rfc4514_string()
    return Certificate(_names(certificate), issuer, certificate.not_valid_after_utc)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    dns = found.get_values_for_type(x509.DNSName)
    return (*dns, *(str(address) for address in found.get_values_for_type(x509.IPAddress)))
