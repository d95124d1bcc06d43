"""TLS at the plain port, plain HTTP and garbage at the TLS port: an end within seconds, and a line in the log
that says what was wrong.
"""

from __future__ import annotations

import os
import random
import socket
import ssl
import time
from contextlib import suppress

import pytest

from bridge.serving.acceptor import HANDSHAKE_SECONDS
from tests.hostile.doors.raw_http import HEALTH, Place, answers, received
from tests.support.bridge_process import Bridge

CLIENT_HELLO = bytes.fromhex("16030100a5010000a10303") + bytes(range(150))
SLACK = 8.0

GARBAGE = {
    "plain HTTP": HEALTH,
    "a broken hello": CLIENT_HELLO,
    "TLS of an unknown kind": b"\x17\x03\x03\x00\x10" + b"x" * 16,
    "SSLv2": bytes.fromhex("802e0100020015000000100100800200800300800400800500800600400700c0") + b"\0" * 16,
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "zeros": b"\0" * 100_000,
    "noise": random.Random(1).randbytes(100_000),
}


def ended(connection: socket.socket) -> bytes:
    return received(connection)


@pytest.mark.parametrize("name", GARBAGE)
def test_what_is_no_tls_at_the_secure_port(name: str, secure: Place) -> None:
    began = time.monotonic()
    with socket.create_connection(
        (secure.host, secure.port), timeout=HANDSHAKE_SECONDS + SLACK
    ) as connection:
        with suppress(OSError):
            connection.sendall(GARBAGE[name])
        heard = ended(connection)
    assert not heard.startswith(b"HTTP")
    assert time.monotonic() - began < HANDSHAKE_SECONDS + SLACK


def test_the_log_names_the_wrong_protocol(bridge: Bridge, secure: Place) -> None:
    with socket.create_connection((secure.host, secure.port), timeout=20) as connection:
        connection.sendall(HEALTH)
        ended(connection)
    assert f"port {secure.port}: a TLS handshake failed (HTTP_REQUEST)" in bridge.log.read_text(
        encoding="utf-8"
    )


def test_a_client_that_does_not_trust_the_certificate_is_told_in_the_log(
    bridge: Bridge, secure: Place
) -> None:
    """The line that helps most at a new installation."""
    strange = Place(secure.host, secure.port, ssl.create_default_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        strange.connect()
    for _ in range(50):
        if "UNKNOWN_CA" in bridge.log.read_text(encoding="utf-8"):
            return
        time.sleep(0.1)
    pytest.fail("no line in the log")


@pytest.mark.parametrize("name", [name for name in GARBAGE if name != "plain HTTP"])
def test_what_is_no_http_at_the_plain_port(name: str, plain: Place) -> None:
    with plain.connect() as connection:
        with suppress(OSError):
            connection.sendall(GARBAGE[name] + b"\r\n\r\n")
        assert [answer.status for answer in answers(ended(connection))] == [400]


def test_tls_at_the_plain_port(plain: Place) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Place(plain.host, plain.port, ssl.create_default_context()).connect()


@pytest.mark.parametrize("seed", range(5))
def test_noise_inside_tls(seed: int, secure: Place) -> None:
    with secure.connect() as connection:
        with suppress(OSError):
            connection.sendall(random.Random(seed).randbytes(5000))
        assert [answer.status for answer in answers(ended(connection))] == [400]


def test_records_broken_inside_tls(secure: Place) -> None:
    """Bytes that are no TLS record behind a good handshake: the connection ends."""
    with secure.connect() as connection:
        plain = socket.socket(fileno=os.dup(connection.fileno()))
        plain.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)
        plain.close()
        assert ended(connection) == b""
