"""Bytes to a door, and its answers taken apart by the letter of HTTP/1.1."""

from __future__ import annotations

import contextlib
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
PATIENCE = 20.0  # seconds; longer without a sign of life is a connection that hangs


@dataclass(frozen=True)
class Place:
    """A door: address and, for HTTPS, how its certificate is verified."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None

    @classmethod
    def of(cls, url: str, ca_file: str) -> Place:
        """From the ready line."""
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        tls = ssl.create_default_context(cafile=ca_file) if parts.scheme == "https" else None
        return cls(parts.hostname, parts.port, tls)

    def connect(self, timeout: float = PATIENCE) -> socket.socket:
        """A connection, over TLS where the door has it."""
        plain = socket.create_connection((self.host, self.port), timeout=timeout)
        return self.tls.wrap_socket(plain, server_hostname="localhost") if self.tls else plain


@dataclass(frozen=True)
class Answer:
    """One answer: status, headers by name in small letters, body."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(place: Place, data: bytes) -> list[Answer]:
    """Everything that the door answers to these bytes until it ends the connection. Fails if it does not."""
    with place.connect() as connection:
        with contextlib.suppress(OSError):  # refused while we still send
            connection.sendall(data)
        return answers(received(connection))


def received(connection: socket.socket) -> bytes:
    """All bytes until the end. Raises TimeoutError for a connection that hangs."""
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
    except (ConnectionError, ssl.SSLError):  # a reset, or TLS ended without notice: an end, too
        pass
    return data


def answers(data: bytes) -> list[Answer]:
    """Take apart what was received: whole answers and nothing else (those of 1xx are left out)."""
    found = []
    while data:
        head, mark, rest = data.partition(b"\r\n\r\n")
        assert mark, f"half an answer: {data[:80]!r}"
        line, *headers = head.decode("latin-1").split("\r\n")
        version, status, _ = line.split(" ", 2)
        assert version == "HTTP/1.1", line
        named = {name.lower(): value.strip() for name, _, value in (h.partition(":") for h in headers)}
        if status.startswith("1"):
            data = rest
            continue
        length = 0 if status == "204" else int(named["content-length"])
        assert len(rest) >= length, "a body that is shorter than its Content-Length"
        found.append(Answer(int(status), named, rest[:length]))
        data = rest[length:]
    return found
