"""The files that settings name: whether ``serve`` could use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bridge.codec.eudc import read_eudc
from bridge.config import Settings
from bridge.errors import ConfigError
from bridge.private_files import check_secret_file
from bridge.serving.key_pair import check_key_pair
from bridge.upstream.tls import check_trust
from bridge.words import text_of


def unusable_files(settings: Settings) -> Iterator[str]:
    """What is wrong with those that are read at start: authorities, keys and certificates of the
    facade and of Viet Nam's gateway, the list of drawn characters. Each is asked as it is at start.
    """
    for check in _checks(settings):
        try:
            check()
        except ConfigError as error:
            yield text_of(error)


def _checks(settings: Settings) -> Iterator[Callable[[], object]]:
    gateway = settings.bhyt.gateway
    upstreams = (settings.console, settings.cloud, settings.upload.centre, settings.medicloud, settings.bhyt)
    trusted = [*(each.ca_file for each in upstreams), gateway.store.ca_file]
    yield from (partial(check_trust, file) for file in dict.fromkeys(trusted))
    for name, given in (("facade", settings.facade), ("bhyt.gateway", gateway)):
        if given.certificate_file is not None and given.key_file is not None:
            yield partial(_check_pair, given.certificate_file, given.key_file, f"{name}.key_file")
    yield lambda: read_eudc(settings.text.eudc_list())


def _check_pair(certificate: Path, key: Path, setting: str) -> None:
    """Raises ConfigError."""
    check_secret_file(key, setting)
    check_key_pair(certificate, key)
