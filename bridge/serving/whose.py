"""Whose a program of this machine is: its user, on Windows also the session that it runs in.

The rule is pure. What asks the system says so; another machine's programs, and those behind a network of
their own such as a container's, nobody can tell.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass

from bridge.serving.service import SERVICES_SESSION, session_of

if sys.platform == "win32":
    from bridge.windows.listeners import connections, listeners
    from bridge.windows.rights import SYSTEM
    from bridge.windows.security import user_sid

    MASTER = SYSTEM
else:
    MASTER = "0"  # root

Address = tuple[str, int]  # numeric address and port
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - looked for, not bound
_REQUEST, _BY_FAMILY = 1, 20  # NLM_F_REQUEST, SOCK_DIAG_BY_FAMILY
_ALL_STATES = _NO_COOKIE = 0xFFFF_FFFF
_UID_AT = 64  # in what the kernel tells of a socket; the inode stands behind it
_SOCK_DIAG = 4  # NETLINK_SOCK_DIAG


@dataclass(frozen=True, slots=True)
class Party:
    """Whose a process is. ``user``: a SID on Windows, else a number; None where the system does not say.
    ``session``: of Windows. ``gone``: it has closed its end already.
    """

    user: str | None
    session: int | None = None
    gone: bool = False


def stranger(own: Party, other: Party | None) -> str:
    """Why ``other`` must not use what is ``own``'s, in words; "" where it may, or nobody can tell.

    The system itself (root, SYSTEM) may: it can do everything anyway. Where Windows does not tell the user,
    the session decides: a process of ours may have more rights than this one, and people have no processes in
    that of services, which administrators have installed.
    """
    if other is None or other.user == MASTER:
        return ""
    if other.gone:
        return "nobody can say whose it was: it has closed its connection"
    sessions = (own.session, other.session)
    if None not in sessions and own.session != other.session and other.session != SERVICES_SESSION:
        return f"it belongs to session {other.session} of this machine, this bridge to session {own.session}"
    if None not in (own.user, other.user) and own.user != other.user:
        return f"it belongs to another user of this machine ({other.user})"
    return ""


def own_party() -> Party:
    """Whose this process is."""
    if sys.platform == "win32":
        return party_of(os.getpid())
    return Party(str(os.geteuid()))


def client(there: Address, here: Address) -> Party | None:
    """Whose the end ``there`` is of a connection to ``here``; None where nobody can tell."""
    if not _is_loopback(there):
        return None
    with suppress(OSError, ValueError):
        if sys.platform == "win32":
            family = socket.AF_INET6 if ":" in there[0] else socket.AF_INET
            found = (each.pid for each in connections(family, there[1]) if each.other == here)
            return next((party_of(pid) for pid in found if pid), None)
        else:
            return _asked(there, here)
    return None


def listener(address: Address) -> Party | None:
    """Whose the socket is that listens there; None where there is none, or nobody can tell."""
    if not _is_loopback(address):
        return None
    with suppress(OSError, ValueError):
        if sys.platform == "win32":
            wanted = (address[0], *EVERYWHERE)
            found = (each.pid for each in listeners() if each.port == address[1] and each.address in wanted)
            return next((party_of(pid) for pid in found if pid), None)
        else:
            return _asked(address, None)
    return None


def strange_listener(address: Address) -> str:
    """Why what listens there is somebody else's; "" where it is not, or nobody can tell."""
    return stranger(own_party(), listener(address))


if sys.platform == "win32":

    def party_of(pid: int) -> Party:
        """Whose a process is, as far as Windows tells."""
        user = None
        with suppress(OSError):
            user = user_sid(pid)
        return Party(user, session_of(pid))

else:

    def _asked(own: Address, other: Address | None) -> Party | None:
        """What Linux says of a socket with that end, connected to ``other`` or (None) listening. Raises
        OSError, also where it has no such way of asking.
        """
        v4 = ":" not in own[0]
        ends = struct.pack(">HH", own[1], other[1] if other else 0)
        ends += _packed(own[0]) + _packed(other[0] if other else ("0.0.0.0" if v4 else "::"))  # noqa: S104
        family = socket.AF_INET if v4 else socket.AF_INET6
        body = struct.pack("=BBBBI", family, socket.IPPROTO_TCP, 0, 0, _ALL_STATES) + ends
        body += struct.pack("=III", 0, _NO_COOKIE, _NO_COOKIE)
        head = struct.pack("=IHHII", 16 + len(body), _BY_FAMILY, _REQUEST, 1, 0)
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as asking:
            asking.setblocking(False)
            asking.send(head + body)
            told = asking.recv(4096)
        (kind,) = struct.unpack_from("=H", told, 4)
        if kind != _BY_FAMILY or len(told) < 16 + _UID_AT + 8:
            return None
        uid, inode = struct.unpack_from("=II", told, 16 + _UID_AT)
        return Party(str(uid), gone=inode == 0 and other is not None)


def _packed(address: str) -> bytes:
    """As 16 bytes, of which IPv4 fills the first four."""
    return ipaddress.ip_address(address).packed.ljust(16, b"\0")


def _is_loopback(address: Address) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(address[0]).is_loopback
    return False
