"""Whom the bridge trusts. Certificates are always verified."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path

from bridge.errors import ConfigError, TlsFailure
from bridge.words import said


@lru_cache
def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """What verifies the other side, from TLS 1.2 on. Made once a file: reading the system's authorities takes
    longer than many calls. Raises ConfigError when the file cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            said("ca_file {ca_file} cannot be used: {error}", ca_file=ca_file, error=error)
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def check_trust(ca_file: Path | None) -> None:
    """Raise ConfigError now for a file that cannot be used. The system's authorities are read when they are
    first needed: many a bridge trusts nothing but a file.
    """
    if ca_file is not None:
        tls_context(ca_file)


def tls_failure(upstream: str, error: ssl.SSLError) -> TlsFailure:
    """Our exception for a handshake that failed, with OpenSSL's reason; other errors carry none."""
    reason = getattr(error, "reason", None) or "TLS failed"
    return TlsFailure(upstream, said("its certificate is not trusted: {reason}", reason=reason))
