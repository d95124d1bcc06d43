"""nginx as a portal over TLS, and as a proxy in front of it with one worker."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

ANSWER_BYTES = 1024
START_SECONDS = 10.0

_BOTH = """
daemon off;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log {log};
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi; uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  keepalive_requests 10000000;
  client_max_body_size 0;
  {server}
}}
"""
_PORTAL = """
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    location /api/ {{ default_type application/json; return 200 '{answer}'; }}
  }}
"""
_PROXY = """
  upstream portal {{ server 127.0.0.1:{portal}; keepalive 256; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass https://portal;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_ssl_verify on; proxy_ssl_trusted_certificate {ca_file}; proxy_ssl_name localhost;
      proxy_request_buffering off;
    }}
  }}
"""


def is_installed() -> bool:
    """Whether there is an nginx here (``benchmarks/setup.sh``)."""
    return shutil.which("nginx") is not None


@contextlib.contextmanager
def portal(directory: Path, certificate: Path, key: Path) -> Iterator[int]:
    """A portal that answers everything below /api/ with 1 KiB of JSON. Out: its port."""
    port = free_port()
    empty = '{"maKetQua": "000", "ghiChu": ""}'
    answer = empty.replace('""', f'"{"x" * (ANSWER_BYTES - len(empty))}"')
    server = _PORTAL.format(port=port, certificate=certificate, key=key, answer=answer)
    with _running(directory, server, "off", port):
        yield port


@contextlib.contextmanager
def proxy(directory: Path, portal: int, ca_file: Path) -> Iterator[tuple[int, int]]:
    """A proxy in front of it. Out: its port, and the process id of its one worker."""
    port = free_port()
    server = _PROXY.format(port=port, portal=portal, ca_file=ca_file)
    with _running(directory, server, f"{directory}/access.log combined buffer=64k flush=1s", port) as master:
        children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
        yield port, int(children[0])


@contextlib.contextmanager
def _running(directory: Path, server: str, log: str, port: int) -> Iterator[int]:
    directory.mkdir()
    file = directory / "nginx.conf"
    file.write_text(_BOTH.format(directory=directory, log=log, server=server), encoding="utf-8")
    words = ["nginx", "-c", str(file), "-p", str(directory), "-e", str(directory / "error.log")]
    with subprocess.Popen(words) as process:
        try:
            wait_for(port)
            yield process.pid
        finally:
            process.terminate()


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until somebody listens there."""
    due = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if time.monotonic() > due:
            raise TimeoutError(f"nobody listens on port {port}")
        time.sleep(0.02)
