"""A certificate and its key that somebody gave, looked at before anything listens with them."""

from __future__ import annotations

import ssl
from pathlib import Path

from bridge.errors import ConfigError
from bridge.words import said


def check_key_pair(certificate: Path, key: Path) -> None:
    """In: PEM files, of a certificate (with what is between it and its authority) and of its key. Raises
    ConfigError where HTTPS cannot be spoken with them: a file that is not there, that is no PEM, a key of
    another certificate, or one that is locked by a password. For such a key OpenSSL would ask at the
    terminal: a service has none, and would wait for ever.
    """
    asked: list[Path] = []

    def no_password() -> bytes:
        asked.append(key)
        return b""

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=no_password)
    except (OSError, ssl.SSLError) as error:
        if asked:
            raise ConfigError(said("{key} has a password: save it without one", key=key)) from error
        files = f"{certificate} and {key}"
        raise ConfigError(
            said("{files} cannot be used for HTTPS: {error}", files=files, error=error)
        ) from error
