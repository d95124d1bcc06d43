"""The facade's TLS certificate: kept while it can be used, made anew when it cannot.

It is looked at through the eyes of a client, by a handshake in memory. The library that makes certificates is
large, and is left to a process of its own that ends when they are made.
"""

from __future__ import annotations

import logging
import os
import ssl
import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from bridge.errors import ConfigError
from bridge.private_files import strangers
from bridge.this_python import interpreter
from bridge.words import said

log = logging.getLogger(__name__)

Files: TypeAlias = tuple[Path, Path, Path]  # certificate, private key, authority

CERTIFICATE, KEY, AUTHORITY = "facade.pem", "facade.key", "facade-ca.pem"
RENEW_BEFORE = timedelta(days=30)
MAKING_SECONDS = 60.0
NO_CHECK_TIME = 0x20_0000  # X509_V_FLAG_NO_CHECK_TIME: the dates are looked at afterwards
ROUNDS = 4  # more than a handshake has


def facade_files(directory: Path) -> Files:
    """Where certificate, key and authority of the facade lie."""
    return directory / CERTIFICATE, directory / KEY, directory / AUTHORITY


def ensure_certificate(directory: Path, now: datetime | None = None) -> Files:
    """A certificate for localhost, 127.0.0.1 and ::1, valid ten years.

    In: the directory, made if need be; the present time (aware; None: the clock's). Out: the PEM files of
    certificate, private key (readable by its owner only) and authority; the last verifies the first. Those
    that are there are used while they fit together and are valid for more than 30 days; otherwise all are
    made anew, with a line in the log: clients must then trust the new authority. RSA 2048 with SHA-256,
    because old clients know nothing newer. Raises ConfigError when they cannot be written.
    """
    files = facade_files(directory)
    moment = now or datetime.now(UTC)
    fault = _fault(*files, moment)
    if fault is None:
        return files
    log.warning("the facade gets a new certificate: %s; clients must trust %s", fault, files[2])
    try:
        _make(directory, moment)
    except OSError as error:
        raise ConfigError(
            said(
                "the facade's certificate cannot be written to {directory}: {error}",
                directory=directory,
                error=error,
            )
        ) from error
    return files


def is_usable(directory: Path) -> bool:
    """Whether :func:`ensure_certificate` would leave what lies there as it is."""
    return _fault(*facade_files(directory), datetime.now(UTC)) is None


def _make(directory: Path, now: datetime) -> None:
    """Make them in another process; in this one where that fails. Raises OSError."""
    root = Path(__file__).parents[2]
    making = ("-P", "-m", "bridge.serving.certificate_making")
    with suppress(OSError, subprocess.SubprocessError):
        subprocess.run(  # noqa: S603 - our own module, by our own interpreter
            [str(interpreter()), *making, str(directory), now.isoformat()],
            env={**os.environ, "PYTHONPATH": str(root)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=MAKING_SECONDS,
            check=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        return
    from bridge.serving.certificate_making import facade_certificate

    facade_certificate(directory, now)


def _fault(certificate_file: Path, key_file: Path, ca_file: Path, now: datetime) -> str | None:
    """Why the files cannot be used, or None."""
    if not any(file.exists() for file in (certificate_file, key_file, ca_file)):
        return "there is none yet"
    try:
        certificate, authority = _seen_by_a_client(certificate_file, key_file, ca_file)
    except (OSError, ValueError) as error:
        if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
            return "key and certificate do not belong together"
        return f"the files are incomplete or damaged ({type(error).__name__})"
    if strangers(key_file):
        return "others could read the key"
    end = _time(certificate["notAfter"])
    if min(end, _time(authority["notAfter"])) - now <= RENEW_BEFORE:
        return f"the old one ends on {end:%Y-%m-%d}"
    if _time(certificate["notBefore"]) > now:
        return "the old one is not valid yet"
    return None


def _seen_by_a_client(certificate: Path, key: Path, authority: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Certificate and authority as a client reads them that trusts this authority alone and asks for
    localhost.

    Raises OSError (ssl.SSLError is one) or ValueError where such a client would not connect; the present time
    is left out.
    """
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key, password=lambda: b"")  # a key with a password is none of ours
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(authority)
    client.verify_flags |= NO_CHECK_TIME
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(ROUNDS):
        for end in (asking, answering):
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
    seen, authorities = asking.getpeercert(), client.get_ca_certs()
    if not seen or len(authorities) != 1:
        raise ValueError("no certificate, or not one authority")
    return seen, authorities[0]


def _time(text: str) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
