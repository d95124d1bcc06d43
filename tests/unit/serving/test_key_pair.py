"""A certificate and key that somebody gave: refused with a reason, and never asked for a password."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from bridge.errors import ConfigError
from bridge.serving.certificate import ensure_certificate
from bridge.serving.key_pair import check_key_pair
from bridge.serving.listener import Listener


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    certificate, key, _ = ensure_certificate(tmp_path / "own")
    return certificate, key


def locked(key: Path, shape: PrivateFormat) -> Path:
    """The same key behind a password."""
    plain = load_pem_private_key(key.read_bytes(), None)
    file = key.with_name("locked.pem")
    file.write_bytes(plain.private_bytes(Encoding.PEM, shape, BestAvailableEncryption(b"a password")))
    return file


def test_a_pair_that_fits_is_taken(pair: tuple[Path, Path]) -> None:
    check_key_pair(*pair)


@pytest.mark.parametrize("shape", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_key_with_a_password_is_refused_and_nobody_is_asked(
    pair: tuple[Path, Path], shape: PrivateFormat
) -> None:
    certificate, key = pair
    file = locked(key, shape)
    with pytest.raises(ConfigError, match=f"{file} has a password: save it without one"):
        check_key_pair(certificate, file)


def test_a_key_of_another_certificate_is_refused(pair: tuple[Path, Path], tmp_path: Path) -> None:
    _, other, _ = ensure_certificate(tmp_path / "other")
    with pytest.raises(ConfigError, match=r"cannot be used for HTTPS: .*key values mismatch"):
        check_key_pair(pair[0], other)


async def test_no_listener_starts_with_it(pair: tuple[Path, Path]) -> None:
    """The library of TLS would ask at the terminal; a service would wait for ever."""
    certificate, key = pair
    listener = Listener(None, "127.0.0.1", 0, certificate, locked(key, PrivateFormat.PKCS8))
    with pytest.raises(ConfigError, match="has a password"):
        await listener.start()
    assert not listener.is_open
