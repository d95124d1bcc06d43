"""Accepting for several workers that share a socket: who stops loses no connection."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import cast

import pytest
import uvloop

from bridge.serving.acceptor import Acceptor

LOOPS = (asyncio.new_event_loop, uvloop.new_event_loop)
TICKS = 8
SECONDS = 5


class Greeting(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(b"x")


def taken_by_another(shared: socket.socket) -> bool:
    """Whether the connection still waits for whoever accepts next on the socket; it is taken then."""
    try:
        connection, _ = shared.accept()
    except BlockingIOError:
        return False
    connection.sendall(b"y")
    connection.close()
    return True


async def greeting(shared: socket.socket, ticks: int) -> bytes:
    """Connect, and stop the only worker so many turns of the loop later. Out: what the caller gets; nothing
    where its connection was lost.
    """
    loop = asyncio.get_running_loop()
    with socket.socket() as client:
        stopping = Acceptor(shared.dup(), Greeting, None)
        await asyncio.sleep(0)
        client.connect(shared.getsockname())  # at once: the system answers for who listens
        client.setblocking(False)
        for _ in range(ticks):
            await asyncio.sleep(0)
        stopping.close()
        await stopping.wait_closed()
        taken_by_another(shared)
        return await asyncio.wait_for(loop.sock_recv(client, 1), SECONDS)


@pytest.mark.parametrize("ticks", range(TICKS))
@pytest.mark.parametrize("new_loop", LOOPS, ids=["asyncio", "uvloop"])
def test_a_connection_that_came_while_a_worker_stopped_is_served(
    new_loop: Callable[[], asyncio.AbstractEventLoop], ticks: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as shared, asyncio.Runner(loop_factory=new_loop) as runner:
        shared.setblocking(False)
        assert runner.run(greeting(shared, ticks)) in (b"x", b"y")


def test_too_many_open_files_cost_a_pause(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Full(socket.socket):
        faults = 1

        def accept(self) -> tuple[socket.socket, object]:
            if self.faults:
                self.faults -= 1
                raise OSError(24, "Too many open files")
            return super().accept()

    async def serve() -> bytes:
        monkeypatch.setattr("bridge.serving.acceptor.RETRY_SECONDS", 0.01)
        listener = Full()
        listener.setblocking(False)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        acceptor = Acceptor(listener, Greeting, None)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        came = await asyncio.wait_for(reader.read(1), SECONDS)
        writer.close()
        acceptor.close()
        return came

    assert asyncio.run(serve()) == b"x"
    assert "Too many open files" in caplog.text
