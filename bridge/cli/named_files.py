"""The files that settings name: whether ``serve`` could use them."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bridge.codec.eudc import read_eudc
from bridge.config import Settings
from bridge.errors import ConfigError
from bridge.private_files import check_secret_file
from bridge.upstream.tls import check_trust
from bridge.words import said, text_of


def unusable_files(settings: Settings) -> Iterator[str]:
    """What is wrong with those that are read at start: authorities, the facade's key and certificate, the
    list of drawn characters. Each is asked as it is at start.
    """
    for check in _checks(settings):
        try:
            check()
        except ConfigError as error:
            yield text_of(error)


def _checks(settings: Settings) -> Iterator[Callable[[], object]]:
    upstreams = (settings.console, settings.cloud, settings.upload.centre, settings.medicloud, settings.bhyt)
    yield from (partial(check_trust, file) for file in dict.fromkeys(each.ca_file for each in upstreams))
    certificate, key = settings.facade.certificate_file, settings.facade.key_file
    if certificate is not None and key is not None:
        yield partial(_check_facade, certificate, key)
    yield lambda: read_eudc(settings.text.eudc_list())


def _check_facade(certificate: Path, key: Path) -> None:
    """Raises ConfigError."""
    check_secret_file(key, "facade.key_file")
    try:
        # without a password that is given, OpenSSL would ask for one on the terminal
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=b"")
    except (OSError, ssl.SSLError) as error:
        files = f"{certificate} and {key}"
        raise ConfigError(
            said("{files} cannot be used for HTTPS: {error}", files=files, error=error)
        ) from error
