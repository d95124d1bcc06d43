"""Whether the other end of a connection is still there: it may have closed its socket, or only ended sending.

On the wire both look alike: nothing more will come. Which of the two it was, the system knows where the other
end is a program of this machine; Linux tells (``/proc/net/tcp``). Where nobody can tell, such as on Windows
or with a client of another machine, an end that sends nothing more counts as gone: the worst that follows is
that nothing is changed for a client that waited.
"""

from __future__ import annotations

import select
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from pathlib import Path

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LOCAL, REMOTE, INODE = 1, 2, 9  # columns
NO_SOCKET = "0"  # the inode of a connection whose socket has been closed
_ENDED = getattr(select, "POLLRDHUP", 0)

Address = tuple[str, int]  # numeric address and port


def has_closed(here: Address, there: Address) -> bool:
    """Whether the end at ``there`` has closed its socket, given that it sends nothing more to ``here``.

    It takes some milliseconds, all of them the system's: to be asked of such ends alone.
    """
    return next(_inodes(_canonical(there), _canonical(here)), NO_SOCKET) == NO_SOCKET


def sends_no_more(descriptor: int) -> bool:
    """Whether the other end of a socket has ended its sending or the connection, also where nobody has read
    yet what came before. False where the system does not tell.
    """
    if sys.platform == "win32" or not _ENDED:
        return False
    looked = select.poll()
    looked.register(descriptor, _ENDED)
    return bool(looked.poll(0))


def _inodes(local: Address, remote: Address) -> Iterator[str]:
    """The inodes of the sockets between two addresses, seen from ``local``."""
    ports = f":{local[1]:04X} ", f":{remote[1]:04X} "
    for table in TABLES:
        with suppress(OSError):
            for line in table.read_text(encoding="ascii").splitlines():
                if all(port in line for port in ports):  # nearly all lines are of others
                    columns = line.split()
                    if (_read(columns[LOCAL]), _read(columns[REMOTE])) == (local, remote):
                        yield columns[INODE]


def _read(text: str) -> Address:
    """An address as the tables write it: words of 32 bits in the machine's order, in hexadecimal digits."""
    digits, _, port = text.partition(":")
    words = [int(digits[at : at + 8], 16) for at in range(0, len(digits), 8)]
    raw = b"".join(socket.htonl(word).to_bytes(4, "big") for word in words)
    return _canonical((str(ip_address(raw)), int(port, 16)))


def _canonical(address: Address) -> Address:
    """An IPv4 address in the clothes of IPv6 (::ffff:127.0.0.1) as itself."""
    host = ip_address(address[0])
    mapped = host.ipv4_mapped if isinstance(host, IPv6Address) else None
    return str(mapped or host), address[1]
