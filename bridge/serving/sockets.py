"""Listening sockets as every door of the bridge wants them."""

from __future__ import annotations

import errno
import ipaddress
import socket

from bridge.errors import ConfigError
from bridge.serving.port_owner import owner_of
from bridge.words import said

BACKLOG = 1024
IPV6_LOOPBACK = "::1"
# The machine has no such address, as ::1 where IPv6 is switched off. The numbers are Windows' own.
NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, 10047, 10049})
IN_USE = frozenset({errno.EADDRINUSE, 10048, 10013})  # 10013: another program has it for itself alone
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - looked for, not bound
ANY_FREE_TRIES = 20  # for a port that is free at both addresses


class NoSuchAddress(ConfigError):
    """This machine does not have the address at all."""


def url_of(scheme: str, host: str, port: int) -> str:
    """The address of what listens there; one of IPv6 stands in brackets."""
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def open_listener(host: str, port: int) -> socket.socket:
    """A non-blocking socket that listens on ``host`` (name or numeric address) and ``port`` (0: any free).

    It is made for TCP by name: with protocol 0 asyncio would not set TCP_NODELAY, and every answer would take
    40 ms. Raises ConfigError when the address is taken, with the program that has it where the system tells,
    or not permitted; NoSuchAddress when the machine does not have it.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise _refused(host, port, error) from error
    try:
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        _share_or_own(opened)
        opened.bind(address)
        opened.listen(BACKLOG)
        opened.setblocking(False)
    except OSError as error:
        opened.close()
        raise _refused(host, port, error, str(address[0])) from error
    return opened


def open_listeners(host: str, port: int) -> list[socket.socket]:
    """As :func:`open_listener`; for 127.0.0.1 a second one on the same port of ::1, where there is IPv6: many
    clients say "localhost" and try that first, so that it must belong to nobody else.
    """
    tries = 1 if port else ANY_FREE_TRIES
    while True:
        tries -= 1
        first = open_listener(host, port)
        if host != "127.0.0.1":
            return [first]
        try:
            return [first, open_listener(IPV6_LOOPBACK, first.getsockname()[1])]
        except NoSuchAddress:
            return [first]
        except ConfigError:
            first.close()
            if not tries:
                raise


def _refused(host: str, port: int, error: OSError, address: str = "") -> ConfigError:
    what = said(
        "port {port} of {host} cannot be listened on: {why}", port=port, host=host, why=error.strerror
    )
    if isinstance(error, socket.gaierror) or error.errno in NOT_HERE:
        return NoSuchAddress(what)
    if error.errno not in IN_USE:
        return ConfigError(what)
    owner = owner_of(port, (address, *EVERYWHERE))
    by = owner.told() if owner is not None else said("a program that the system does not tell")
    return ConfigError(said("{what}, by {owner}", what=what, owner=by))


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
