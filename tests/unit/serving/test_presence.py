"""Who counts as gone: a client that closed or reset its connection; not one that only ended its sending."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bridge.serving import peer
from bridge.serving.certificate import ensure_certificate
from bridge.serving.event_loop import new_event_loop
from bridge.serving.listener import Listener
from tests.support.greeting import until

POST = b"POST /%d HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
ABORT = struct.pack("ii", 1, 0)
PATIENCE = 10.0
SOON = 0.1


class Door:
    """Keeps each request until ``gate`` is set; then says whether its client is still there."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.arrived = asyncio.Semaphore(0)
        self.said: asyncio.Queue[str] = asyncio.Queue()
        self.unheard: list[bool] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.arrived.release()
        await self.gate.wait()
        caller = scope["state"]["caller"]
        caller.if_unheard(lambda: self.unheard.append(True))
        self.said.put_nowait(caller.gone())
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


class Client:
    """A client that has asked so many times."""

    def __init__(self, address: tuple[str, int], tls: ssl.SSLContext | None, requests: int = 1) -> None:
        plain = socket.create_connection(address, PATIENCE)
        self.socket = plain if tls is None else tls.wrap_socket(plain, server_hostname="localhost")
        self.socket.sendall(b"".join(POST % number for number in range(requests)))

    def stay(self) -> None:
        """Wait."""

    def half_close(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.socket.close()

    def half_close_then_close(self) -> None:
        self.half_close()
        self.close()

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        self.close()

    def answers(self) -> int:
        """How many answers have come and come soon."""
        found = b""
        self.socket.settimeout(5 * SOON)
        with suppress(OSError):
            while piece := self.socket.recv(65_536):
                found += piece
        self.socket.close()
        return found.count(b"HTTP/1.1 200")


@pytest.fixture
async def door() -> Door:
    return Door()


@pytest.fixture
async def port(door: Door) -> AsyncIterator[int]:
    listener = Listener(door, "127.0.0.1", 0)
    await listener.start()
    yield listener.port
    door.gate.set()
    await listener.stop()


async def after(door: Door, client: Client, leave: Callable[[Client], None], requests: int = 1) -> list[str]:
    """What the door says of a client that does ``leave`` while its first request is under way."""
    async with asyncio.timeout(PATIENCE):
        await door.arrived.acquire()
        leave(client)
        await asyncio.sleep(SOON)
        door.gate.set()
        return [await door.said.get() for _ in range(requests)]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize(
    ("leave", "gone"),
    [
        (Client.stay, False),
        (Client.half_close, False),
        (Client.close, True),
        (Client.half_close_then_close, True),
        (Client.reset, True),
    ],
)
async def test_a_client_that(
    leave: Callable[[Client], None], gone: bool, host: str, door: Door, port: int
) -> None:
    client = await asyncio.to_thread(Client, (host, port), None)
    (said,) = await after(door, client, leave)
    assert bool(said) == gone
    if not gone:
        assert await asyncio.to_thread(client.answers) == 1


async def test_a_client_that_half_closed_is_not_kept_after_its_answer(door: Door, port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(POST % 1)
    await door.arrived.acquire()
    writer.write_eof()
    await asyncio.sleep(SOON)
    door.gate.set()
    async with asyncio.timeout(PATIENCE):
        assert (await reader.read()).endswith(b"ok")  # to the end of the connection
    writer.close()


@pytest.mark.parametrize("leave", [Client.half_close, Client.close])
async def test_requests_sent_ahead_of_an_answer(
    leave: Callable[[Client], None], door: Door, port: int
) -> None:
    """The door reads on only later: what has come is there, the end behind it is not read yet."""
    client = await asyncio.to_thread(Client, ("127.0.0.1", port), None, 3)
    gone = leave is Client.close
    said = await after(door, client, leave, 1 if gone else 3)
    assert [bool(each) for each in said] == [gone] * len(said)
    client.close()


async def test_over_tls_the_end_of_one_direction_is_the_end_of_both(door: Door, tmp_path: Path) -> None:
    certificate, key, ca_file = ensure_certificate(tmp_path)
    listener = Listener(door, "127.0.0.1", 0, certificate, key)
    await listener.start()
    tls = ssl.create_default_context(cafile=str(ca_file))
    client = await asyncio.to_thread(Client, ("127.0.0.1", listener.port), tls)
    (said,) = await after(door, client, Client.close)
    await listener.stop()
    assert said


async def test_where_the_system_does_not_tell_an_end_that_sends_no_more_counts_as_gone(
    door: Door, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer, "TABLES", ())
    client = await asyncio.to_thread(Client, ("127.0.0.1", port), None)
    (said,) = await after(door, client, Client.half_close)
    assert said
    assert await asyncio.to_thread(client.answers) == 1, "what was read may still be taken"


@pytest.mark.parametrize(("reads", "unheard"), [(True, False), (False, True)])
async def test_an_answer_that_was_written_and_not_read(
    reads: bool, unheard: bool, door: Door, port: int
) -> None:
    """A client that is killed with its answer unread resets the connection: that tells."""
    client = await asyncio.to_thread(Client, ("127.0.0.1", port), None)
    assert await after(door, client, Client.stay) == [""]
    await asyncio.sleep(SOON)
    if reads:
        await asyncio.to_thread(client.socket.recv, 65_536)
    client.close()
    if unheard:
        await until(lambda: bool(door.unheard))
    await asyncio.sleep(SOON)
    assert door.unheard == ([True] if unheard else [])


def test_in_the_event_loop_that_the_bridge_has() -> None:
    """The same, where nothing is asyncio's own."""

    async def all_of_them() -> list[bool]:
        found = []
        for leave in (Client.stay, Client.half_close, Client.close, Client.reset):
            door = Door()
            listener = Listener(door, "127.0.0.1", 0)
            await listener.start()
            client = await asyncio.to_thread(Client, ("127.0.0.1", listener.port), None)
            (said,) = await after(door, client, leave)
            found.append(bool(said))
            await asyncio.to_thread(client.close)
            await listener.stop()
        return found

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        assert runner.run(all_of_them()) == [False, False, True, True]
