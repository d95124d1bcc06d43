"""Real servers on loopback for the doctor to look at, each in a thread, for the time of a with statement."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

Replies = Mapping[str, tuple[int, Any]]


class Authority:
    """A certificate authority that the client may trust by ``file``."""

    def __init__(self, directory: Path, name: str = "ca.pem") -> None:
        self._made = trustme.CA()
        self.file = directory / name
        self._made.cert_pem.write_to_path(str(self.file))

    def context(self, *names: str, begins: float = -1, ends: float = 365) -> ssl.SSLContext:
        """What a server with a certificate for these names needs; it is valid between these days from now."""
        now = datetime.now(UTC)
        leaf = self._made.issue_cert(
            *names, not_before=now + timedelta(days=begins), not_after=now + timedelta(days=ends)
        )
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf.configure_cert(made)
        return made


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that refuses the certificate is what many tests want."""


@contextmanager
def http_server(
    context: ssl.SSLContext | None, replies: Replies | None = None, slow: timedelta = timedelta()
) -> Iterator[int]:
    """A server that answers by path with (HTTP status, JSON object or bytes), everything else with 404; its
    clock is ``slow``. Gives its port.
    """

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            status, content = (replies or {}).get(self.path, (404, {}))
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = _answer

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(datetime.now(UTC) - slow, usegmt=True)

        def log_message(self, *_: Any) -> None:
            pass

    server = _Quiet(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silent_server() -> Iterator[int]:
    """A port where connections are accepted and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def free_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
