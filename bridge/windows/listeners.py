"""Which process listens at a port: by Windows' own table of listeners, without the open connections, of which
a busy machine has thousands.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterator
from typing import NamedTuple

WIDTH = {socket.AF_INET: 24, socket.AF_INET6: 56}


class Listener(NamedTuple):
    """The address as people write it, the port, and the process."""

    address: str
    port: int
    pid: int


def rows_of(table: bytes, family: socket.AddressFamily) -> Iterator[Listener]:
    """The rows of a table as Windows gives it: a count, then a row each. Raises ValueError where it ends too
    early.
    """
    for row in _cut(table, WIDTH[family]):
        yield _row_4(row) if family == socket.AF_INET else _row_6(row)


def _cut(table: bytes, width: int) -> Iterator[bytes]:
    if len(table) < 4:
        raise ValueError("a table without its count")
    (count,) = struct.unpack_from("<I", table)
    if len(table) < 4 + count * width:
        raise ValueError("a table that ends within its rows")
    yield from (table[start : start + width] for start in range(4, 4 + count * width, width))


def _row_4(row: bytes) -> Listener:
    """State, own address, own port (in network order), the other side's address and port, process."""
    (port,) = struct.unpack_from(">H", row, 8)
    (pid,) = struct.unpack_from("<I", row, 20)
    return Listener(socket.inet_ntop(socket.AF_INET, row[4:8]), port, pid)


def _row_6(row: bytes) -> Listener:
    """Own address, scope, port, the other side's address, scope, port, then state and process."""
    (port,) = struct.unpack_from(">H", row, 20)
    (pid,) = struct.unpack_from("<I", row, 52)
    return Listener(socket.inet_ntop(socket.AF_INET6, row[:16]), port, pid)


class Joined(NamedTuple):
    """A connection: this end's address and port, the other end's, and the process of this end."""

    own: tuple[str, int]
    other: tuple[str, int]
    pid: int


def joined_of(table: bytes, family: socket.AddressFamily, own_port: int) -> Iterator[Joined]:
    """The connections of one port in such a table of connections. Raises ValueError as above."""
    size, own, other, ports = (4, 4, 12, (8, 16)) if family == socket.AF_INET else (16, 0, 24, (20, 44))
    wanted = struct.pack(">H", own_port)
    for row in _cut(table, WIDTH[family]):
        if row[ports[0] : ports[0] + 2] == wanted:  # a busy machine has thousands of others
            (port,) = struct.unpack_from(">H", row, ports[1])
            host, there = row[own : own + size], row[other : other + size]
            (pid,) = struct.unpack_from("<I", row, len(row) - 4)
            own_end = (socket.inet_ntop(family, host), own_port)
            yield Joined(own_end, (socket.inet_ntop(family, there), port), pid)


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _FAMILIES = {socket.AF_INET: 2, socket.AF_INET6: 23}
    _LISTENERS = 3  # TCP_TABLE_OWNER_PID_LISTENER
    _CONNECTIONS = 4  # TCP_TABLE_OWNER_PID_CONNECTIONS
    _INSUFFICIENT = 122  # ERROR_INSUFFICIENT_BUFFER
    _ATTEMPTS = 8  # the table may grow between asking for its size and for itself

    def listeners() -> list[Listener]:
        """All that listens on this machine. Raises OSError where Windows does not tell."""
        return [row for family in WIDTH for row in rows_of(_table(family), family)]

    def connections(family: socket.AddressFamily, own_port: int) -> list[Joined]:
        """The connections of a port of this machine. Raises OSError where Windows does not tell."""
        return list(joined_of(_table(family, _CONNECTIONS), family, own_port))

    def _table(family: socket.AddressFamily, kind: int = _LISTENERS) -> bytes:
        ask = ctypes.WinDLL("iphlpapi").GetExtendedTcpTable
        ask.argtypes = [
            ctypes.c_void_p, ctypes.POINTER(wintypes.DWORD), wintypes.BOOL, wintypes.ULONG, ctypes.c_int,
            wintypes.ULONG,
        ]  # fmt: skip
        size, buffer, fault = wintypes.DWORD(0), ctypes.create_string_buffer(0), _INSUFFICIENT
        for _ in range(_ATTEMPTS):
            fault = ask(buffer, ctypes.byref(size), False, _FAMILIES[family], kind, 0)
            if fault != _INSUFFICIENT:
                break
            buffer = ctypes.create_string_buffer(size.value + 1024)
            size = wintypes.DWORD(len(buffer))
        if fault:
            raise ctypes.WinError(fault)
        return buffer.raw
