"""Kept connections: how many, how long, and who gets them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bridge.config import UpstreamSettings
from bridge.errors import Dropped, NeverSent, OutcomeUnknown, TimedOut, Unreachable
from bridge.upstream import dialing, pool
from bridge.upstream.connection import Connection
from bridge.upstream.pool import KeptConnections
from bridge.upstream.tls import tls_context
from bridge.upstream.transport import Answer, Pieces, Request

OK = Answer(200, b"{}")


class Server:
    """Counts connections and requests; ``gate`` holds every answer back while it is closed."""

    def __init__(self) -> None:
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self.received: list[bytes] = []
        self.arrived = asyncio.Semaphore(0)  # once for each request
        self.tasks: set[asyncio.Task[Any] | None] = set()
        self.gate = asyncio.Event()
        self.gate.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.add(asyncio.current_task())
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = (
                    int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]) if b"Content-L" in head else 0
                )
                self.received.append(head + await reader.readexactly(length))
                self.arrived.release()
                await self.gate.wait()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open -= 1
            writer.close()


@asynccontextmanager
async def serving(**times: float) -> AsyncIterator[tuple[Server, KeptConnections]]:
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    connections = KeptConnections("cloud", UpstreamSettings(url=url, **times))
    try:
        yield server, connections
    finally:
        server.gate.set()
        await connections.aclose()
        await asyncio.gather(*(task for task in server.tasks if task is not None))
        listening.close()
        await listening.wait_closed()


def ask(path: str = "/x", body: bytes | Pieces | None = b"{}", patience: float = 5.0) -> Request:
    return Request("POST", path, body, patience)


async def test_the_connection_used_last_is_used_first() -> None:
    async with serving() as (server, connections):
        await asyncio.gather(*(connections.send(ask()) for _ in range(5)))
        assert server.connections == 5
        for _ in range(10):
            assert await connections.send(ask()) == OK
        assert server.connections == 5


async def test_no_more_connections_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MOST_CONNECTIONS", 3)
    async with serving() as (server, connections):
        answers = await asyncio.gather(*(connections.send(ask(f"/{number}")) for number in range(30)))
        assert answers == [OK] * 30
        assert (server.connections, server.most_open) == (3, 3)
        assert len(server.received) == 30


async def test_who_gets_no_connection_in_time_has_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MOST_CONNECTIONS", 2)
    async with serving(connect_timeout=0.2) as (server, connections):
        server.gate.clear()
        waiting = [asyncio.create_task(connections.send(ask("/held"))) for _ in range(2)]
        for _ in waiting:
            await server.arrived.acquire()
        with pytest.raises(Unreachable, match="in use") as caught:
            await connections.send(ask("/late"))
        assert isinstance(caught.value, NeverSent)
        server.gate.set()
        assert await asyncio.gather(*waiting) == [OK, OK]
        assert await connections.send(ask()) == OK
    assert not any(b"/late" in request for request in server.received)


async def test_who_gives_up_waiting_takes_nobodys_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MOST_CONNECTIONS", 1)
    async with serving() as (server, connections):
        server.gate.clear()
        held = asyncio.create_task(connections.send(ask("/held")))
        waiting = [asyncio.create_task(connections.send(ask(f"/{number}"))) for number in range(3)]
        await server.arrived.acquire()
        waiting[0].cancel()
        held.cancel()
        await asyncio.sleep(0)
        waiting[1].cancel()
        server.gate.set()
        assert await waiting[2] == OK
        assert await connections.send(ask()) == OK
    assert not any(b"/0" in request or b"/1 " in request for request in server.received)


async def test_a_connection_that_nobody_uses_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "KEEP_ALIVE_SECONDS", 1.0)
    async with serving() as (server, connections):
        for _ in range(12):  # used more often than that, it stays
            await connections.send(ask())
            await asyncio.sleep(0.1)
        assert (server.connections, server.open) == (1, 1)
        async with asyncio.timeout(30):
            while server.open:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.02)
        await connections.send(ask())
        assert server.connections == 2


async def test_a_short_patience_counts_after_a_long_one() -> None:
    """The timer of one request does not serve the next one too late."""
    async with serving() as (server, connections):
        await connections.send(ask(patience=60.0))
        server.gate.clear()
        started = asyncio.get_running_loop().time()
        with pytest.raises(TimedOut):
            await connections.send(ask(patience=0.2))
        assert asyncio.get_running_loop().time() - started < 2


async def test_a_long_patience_counts_after_a_short_one() -> None:
    async with serving() as (server, connections):
        await connections.send(ask(patience=0.2))
        server.gate.clear()
        asked = asyncio.create_task(connections.send(ask(patience=5.0)))
        await asyncio.sleep(0.5)
        server.gate.set()
        assert await asked == OK


async def test_what_is_under_way_when_it_closes_is_dropped() -> None:
    async with serving() as (server, connections):
        server.gate.clear()
        asked = asyncio.create_task(connections.send(ask()))
        await server.arrived.acquire()
        await connections.aclose()
        with pytest.raises(Dropped) as caught:
            await asked
        assert isinstance(caught.value, OutcomeUnknown)


async def test_a_body_in_pieces_arrives_whole() -> None:
    content = bytes(range(256)) * 20_000

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 50_000):
            yield content[start : start + 50_000]

    async with serving() as (server, connections):
        assert await connections.send(ask(body=Pieces(pieces(), len(content)))) == OK
        assert await connections.send(ask(body=content)) == OK
        assert await connections.send(ask()) == OK
        assert server.connections == 1
    bodies = [request.partition(b"\r\n\r\n")[2] for request in server.received]
    assert bodies == [content, content, b"{}"]


async def test_a_body_that_fails_on_its_way_ends_the_connection() -> None:
    """Half a request must not be followed by another one."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"half"
        raise KeyError("ours")

    async with serving() as (server, connections):
        with pytest.raises(KeyError):
            await connections.send(ask(body=Pieces(pieces(), 100)))
        assert await connections.send(ask()) == OK
        assert server.connections == 2
        assert len(server.received) == 1


async def test_a_connection_keeps_nothing_of_the_last_answer() -> None:
    async with serving() as (server, connections):
        await connections.send(ask())
        (idle,) = connections._idle
        assert (idle._answer, idle._waiting) == (None, None)
        server.gate.clear()
        asked = asyncio.create_task(connections.send(ask()))
        await server.arrived.acquire()
        await server.arrived.acquire()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert (idle._answer, idle._waiting, idle.usable) == (None, None, False)


async def test_heads_with_peoples_data_are_not_kept() -> None:
    async with serving() as (_, connections):
        await connections.send(ask("/x"))
        await connections.send(ask("/x?token=secret"))
        assert [path for _, path, _ in connections._heads] == ["/x"]


# --- several addresses --------------------------------------------------------------------------------------


def addresses(*ports: int) -> Any:
    """What looking a name up gives: these ports of this machine."""

    async def found(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]

    return found


def refused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@asynccontextmanager
async def deaf_port() -> AsyncIterator[int]:
    """A port at which connecting does not end."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = int(deaf.getsockname()[1])
        knocking = [socket.socket() for _ in range(4)]
        for each in knocking:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        yield port
        for each in knocking:
            each.close()


async def test_the_next_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(connect_timeout=3.0) as (server, connections), deaf_port() as deaf:
        port = connections._origin.port
        made: list[Connection] = []
        loop = asyncio.get_running_loop()
        for found in ([refused_port(), port], [deaf, port], [deaf, refused_port(), port], [port, deaf]):
            monkeypatch.setattr(loop, "getaddrinfo", addresses(*found))
            started = loop.time()
            made.append(
                await dialing.dial(
                    connections._origin, tls_context(None), lambda: Connection("cloud", made.remove)
                )
            )
            assert loop.time() - started < 1.5, found
        await asyncio.sleep(0.05)
        assert (server.connections, server.open) == (4, 4)
        await asyncio.gather(*(connection.aclose() for connection in made))


async def test_no_address_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(connect_timeout=0.7) as (_, connections), deaf_port() as deaf:
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "getaddrinfo", addresses(refused_port(), refused_port()))
        with pytest.raises(Unreachable, match="nobody answers"):
            await connections.send(ask())
        monkeypatch.setattr(loop, "getaddrinfo", addresses(deaf, deaf))
        with pytest.raises(Unreachable, match="in time"):
            await connections.send(ask())
