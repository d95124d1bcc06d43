"""Listening sockets as every door of the bridge wants them."""

from __future__ import annotations

import ipaddress
import socket

from bridge.errors import ConfigError

BACKLOG = 1024


def open_listener(host: str, port: int) -> socket.socket:
    """A non-blocking socket that listens on ``host`` (name or numeric address) and ``port`` (0: any free).

    It is made for TCP by name: with protocol 0 asyncio would not set TCP_NODELAY, and every answer would take
    40 ms. Raises ConfigError when the address is unknown, taken or not permitted.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise ConfigError(f"port {port} of {host} cannot be listened on: {error.strerror}") from error
    try:
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        _share_or_own(opened)
        opened.bind(address)
        opened.listen(BACKLOG)
        opened.setblocking(False)
    except OSError as error:
        opened.close()
        raise ConfigError(f"port {port} of {host} cannot be listened on: {error.strerror}") from error
    return opened


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach a door that listens on ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _share_or_own(opened: socket.socket) -> None:
    """Take a port again at once after a restart (Unix), and never share it with another program (Windows)."""
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
