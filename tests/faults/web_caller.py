"""A client of the HTTP doors with its connection in its own hands: it stays, ends its sending, or leaves."""

from __future__ import annotations

import json
import socket
import ssl
import struct
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from tests.support.legacy_routes import Value

ABORT = struct.pack("ii", 1, 0)
CALL_SECONDS = 60


def json_of(arguments: Mapping[str, Value]) -> dict[str, Any]:
    """The body of a path for a function's arguments; capacities are not sent."""
    return {
        name: value.decode("cp950") + " " if isinstance(value, bytes) else value
        for name, value in arguments.items()
        if isinstance(value, bytes) or name.startswith("i")
    }


class WebCaller:
    """One request under way."""

    def __init__(self, url: str, path: str, body: Mapping[str, Any], ca_file: str) -> None:
        where = urlsplit(url)
        assert where.hostname is not None
        self._socket = socket.create_connection((where.hostname, where.port or 0), CALL_SECONDS)
        if where.scheme == "https":
            self._socket = ssl.create_default_context(cafile=ca_file).wrap_socket(
                self._socket, server_hostname=where.hostname
            )
        content = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        self._socket.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)

    def stay(self) -> None:
        """Wait for the answer."""

    def half_close(self) -> None:
        """Say that nothing more will be sent, and wait for the answer."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Give up."""
        self._socket.close()

    def reset(self) -> None:
        """Give up as a process that is killed with something unread does."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        self._socket.close()

    def answer(self) -> dict[str, Any] | None:
        """The JSON object that comes; None where none does."""
        data = b""
        with suppress(OSError):
            while b"\r\n\r\n" not in data or not data.endswith(b"}"):
                piece = self._socket.recv(65_536)
                if not piece:
                    break
                data += piece
        self._socket.close()
        head, _, body = data.partition(b"\r\n\r\n")
        return dict(json.loads(body)) if head.startswith(b"HTTP/1.1 200") else None
