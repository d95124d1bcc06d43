"""Whose the bridge is that a client has reached, as far as the system tells: where no token proves it, only
one of the same user, or of root, is to see what the client sends.
"""

from __future__ import annotations

import ipaddress
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from bridge.channel.handshake import host_bytes
from bridge.serving.port_owner import owner_of, user_of

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LISTENING = 0x0A
_ANY = (bytes(16), host_bytes("0.0.0.0"))  # noqa: S104 - what others may listen on
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - the same, as Windows' table has them
_ROOT = 0
_SYSTEM = (r"NT AUTHORITY\SYSTEM",)
_End = tuple[bytes, int]  # an address as 16 bytes of IPv6, a port
_Row = tuple[_End, _End, int, int]  # local, remote, state, owner


class Connected(Protocol):
    """A connected socket."""

    def getsockname(self) -> Any: ...

    def getpeername(self) -> Any: ...


def check_owner(connected: Connected, tables: tuple[Path, ...] = _TABLES) -> str:
    """Why the one who was reached must not be trusted, in words; "" where it may be, or nobody can tell.

    Linux and Windows tell whose a socket of this machine is; other systems, and other machines, do not.
    """
    here, there = (_end(name) for name in (connected.getsockname(), connected.getpeername()))
    if sys.platform == "win32":
        return stranger_on_windows(there[1], connected.getpeername()[0]) if _is_here(there) else ""
    try:
        rows = [row for table in tables if table.exists() for row in _rows(table)]
    except OSError:
        return ""
    ranked = [(rank, row[3]) for row in rows if (rank := _rank(row, here, there)) is not None]
    if not ranked:
        return "nobody can say who listens there" if rows and _is_here(there) else ""
    best = max(rank for rank, _ in ranked)
    strangers = {owner for rank, owner in ranked if rank == best} - {os.geteuid(), _ROOT}
    return f"it belongs to another user of this machine (uid {min(strangers)})" if strangers else ""


def stranger_on_windows(port: int, address: str) -> str:
    """The same on Windows, where the table of sockets names processes and only a process names its user."""
    listener = owner_of(port, {address, *_EVERYWHERE})
    if listener is None:
        return "nobody can say who listens there"
    user = user_of(listener.pid)
    if user == user_of(os.getpid()) or user in _SYSTEM:
        return ""
    # of another user's process Windows tells nothing to one without rights: that is an answer, too
    return f"it belongs to another user of this machine ({user or listener})"


def _is_here(there: _End) -> bool:
    address = ipaddress.IPv6Address(there[0])
    return (address.ipv4_mapped or address).is_loopback


def _rank(row: _Row, here: _End, there: _End) -> int | None:
    """How much a socket says of the one that was reached; None for one that has nothing to do with it.

    Most says the very other end of the connection. As long as nobody has accepted it, it seems to be root's:
    then the one that listens counts, on this address before one on any.
    """
    local, remote, state, owner = row
    if local == there and remote == here:
        return 3 if owner != _ROOT else 0
    if state != _LISTENING or local[1] != there[1]:
        return None
    if local[0] == there[0]:
        return 2
    return 1 if local[0] in _ANY else None


def _rows(table: Path) -> Iterator[_Row]:
    with table.open(encoding="ascii") as lines:
        next(lines, None)
        for line in lines:
            fields = line.split()
            yield _place(fields[1]), _place(fields[2]), int(fields[3], 16), int(fields[7])


def _place(text: str) -> _End:
    """0100007F:13CC, or 32 digits for IPv6: the kernel writes words of 32 bits as the machine has them."""
    address, _, port = text.partition(":")
    words = [int(address[at : at + 8], 16) for at in range(0, len(address), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    return (host_bytes(str(ipaddress.ip_address(packed))), int(port, 16))


def _end(name: Any) -> _End:
    return host_bytes(name[0]), int(name[1])
