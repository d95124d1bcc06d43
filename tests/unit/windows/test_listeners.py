"""Windows' table of what listens, by its documents (MIB_TCPTABLE_OWNER_PID, MIB_TCP6TABLE_OWNER_PID)."""

from __future__ import annotations

import socket
import struct

import pytest

from bridge.windows.listeners import Joined, Listener, joined_of, rows_of

LISTENING = 2


def row_4(address: str, port: int, pid: int) -> bytes:
    own = socket.inet_aton(address) + struct.pack(">HH", port, 0xBEEF)  # only the first half is the port
    return struct.pack("<I", LISTENING) + own + bytes(8) + struct.pack("<I", pid)


def row_6(address: str, port: int, pid: int) -> bytes:
    own = socket.inet_pton(socket.AF_INET6, address) + struct.pack("<I", 7) + struct.pack(">HH", port, 0)
    return own + bytes(24) + struct.pack("<II", LISTENING, pid)


def table(*rows: bytes) -> bytes:
    return struct.pack("<I", len(rows)) + b"".join(rows)


def test_addresses_ports_and_processes() -> None:
    four = table(row_4("127.0.0.1", 5068, 4711), row_4("0.0.0.0", 135, 900)) + bytes(1000)
    assert list(rows_of(four, socket.AF_INET)) == [
        Listener("127.0.0.1", 5068, 4711),
        Listener("0.0.0.0", 135, 900),
    ]
    six = table(row_6("::1", 5067, 4711), row_6("fe80::1", 443, 5))
    assert list(rows_of(six, socket.AF_INET6)) == [Listener("::1", 5067, 4711), Listener("fe80::1", 443, 5)]
    assert list(rows_of(table(), socket.AF_INET)) == []


def test_both_ends_of_connections() -> None:
    """Of one port alone."""
    four = struct.pack("<I", 5) + socket.inet_aton("127.0.0.1") + struct.pack(">HH", 50001, 0xBEEF)
    four += socket.inet_aton("127.0.0.2") + struct.pack(">HH", 3033, 0xBEEF) + struct.pack("<I", 815)
    given = table(row_4("127.0.0.1", 3033, 4711), four) + bytes(100)
    joined = Joined(("127.0.0.1", 50001), ("127.0.0.2", 3033), 815)
    assert list(joined_of(given, socket.AF_INET, 50001)) == [joined]
    six = socket.inet_pton(socket.AF_INET6, "::1") + struct.pack("<I", 0) + struct.pack(">HH", 50002, 0xBEEF)
    six += socket.inet_pton(socket.AF_INET6, "::2") + struct.pack("<I", 0) + struct.pack(">HH", 5067, 0xBEEF)
    six += struct.pack("<II", 5, 816)
    joined = Joined(("::1", 50002), ("::2", 5067), 816)
    assert list(joined_of(table(row_6("::1", 5067, 1), six), socket.AF_INET6, 50002)) == [joined]


@pytest.mark.parametrize("given", [b"", b"\1\0", table(row_4("127.0.0.1", 1, 1))[:-1]])
def test_a_table_that_ends_too_early(given: bytes) -> None:
    with pytest.raises(ValueError, match="table"):
        list(rows_of(given, socket.AF_INET))
