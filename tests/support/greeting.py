"""The first frames of a connection to the channel, as a caller of the tests sends them."""

import asyncio
import secrets
import socket
from collections.abc import Callable

from bridge.channel.frame import HEADER_BYTES, TIME_BYTES, read_header
from bridge.channel.handshake import (
    NO_TOKEN,
    Hello,
    Welcome,
    bridge_proof,
    encode_proof,
    host_bytes,
    library_proof,
)

PROCESS, STARTED = 4321, 0x1_0000_0002


def hello(port: int, host: str = "127.0.0.1", process: int = PROCESS, started: int = STARTED) -> bytes:
    """The frame of a caller that has connected to ``port``."""
    return Hello(secrets.token_bytes(32), process, started, host_bytes(host), port).encode()


def proof(sent: bytes, welcome: bytes, token: bytes = NO_TOKEN) -> bytes:
    """The frame that answers a welcome. The bridge must have proved itself in it."""
    given = Welcome.decode(welcome)
    assert given.proof == bridge_proof(token, sent, given.nonce), "the bridge has not proved itself"
    return encode_proof(library_proof(token, sent, given.nonce))


def version_1(call: bytes, token: bytes = NO_TOKEN) -> bytes:
    """A call frame as a library of version 1 sends it."""
    length = (len(call) - HEADER_BYTES - TIME_BYTES + len(token)).to_bytes(4, "little")
    rest = call[HEADER_BYTES + TIME_BYTES :]
    return call[:4] + b"\1\0\1\0" + length + call[12:HEADER_BYTES] + token + rest


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """The next whole frame."""
    header = await reader.readexactly(HEADER_BYTES)
    return header + await reader.readexactly(read_header(header).length)


async def greet(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    token: bytes = NO_TOKEN,
    process: int = PROCESS,
) -> None:
    """Say who calls, until calls may be made."""
    host, port = writer.get_extra_info("peername")[:2]
    said = hello(port, host, process)
    writer.write(said)
    writer.write(proof(said, await read_frame(reader), token))


async def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something that has no event."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def greet_socket(connection: socket.socket, token: bytes = NO_TOKEN) -> None:
    """The same by a blocking socket."""
    host, port = connection.getpeername()[:2]
    said = hello(port, host)
    connection.sendall(said)
    with connection.makefile("rb", buffering=0) as stream:
        header = _whole(stream, HEADER_BYTES)
        welcome = header + _whole(stream, read_header(header).length)
    connection.sendall(proof(said, welcome, token))


def _whole(stream: socket.SocketIO, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = stream.read(size - len(data))
        assert more, "the bridge closed the connection"
        data += more
    return data
