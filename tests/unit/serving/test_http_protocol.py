"""The bounds and refusals of a connection, with short times; the long list of hostile requests is in
tests/hostile/doors.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bridge.serving import acceptor as accepting
from bridge.serving import http_protocol
from bridge.serving import listener as listening_at
from bridge.serving.certificate import ensure_certificate
from bridge.serving.listener import Listener

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
PATIENCE = 15.0


class App:
    """Answers each request with its body; ``/slow`` after ``gate`` is set, ``/long`` with much."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.seen: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/patient":
            scope["state"]["allow_time"](PATIENCE)
        body, message = b"", {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message["body"]
        self.seen.append(body)
        if scope["path"] == "/slow":
            await self.gate.wait()
        content = b"x" * 20_000_000 if scope["path"] == "/long" else body
        headers = [(b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})


@pytest.fixture
async def app() -> App:
    return App()


@asynccontextmanager
async def listening(app: App, *tls: Path) -> AsyncIterator[int]:
    listener = Listener(app, "127.0.0.1", 0, *tls)
    await listener.start()
    try:
        yield listener.port
    finally:
        app.gate.set()
        await listener.stop()


@pytest.fixture
async def port(app: App) -> AsyncIterator[int]:
    async with listening(app) as opened:
        yield opened


async def ask(port: int, data: bytes) -> list[int]:
    """The statuses of all answers until the door ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    try:
        async with asyncio.timeout(PATIENCE):
            return statuses(await reader.read())
    finally:
        writer.close()


def statuses(data: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+)", data)]


async def test_a_head_that_does_not_come(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.2)
    assert await ask(port, b"GET / HTTP/1.1\r\nHost: loc") == [408]
    assert await ask(port, GET + b"POST ") == [200, 408]  # kept alive, then half a head
    assert await ask(port, b"") == []


async def test_a_body_that_was_given_more_time(port: int, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the request that was given it has it."""
    monkeypatch.setattr(http_protocol, "REQUEST_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(POST.replace(b"/ ", b"/patient ") + b"Content-Length: 4\r\n\r\n12")
    await asyncio.sleep(1.6)
    writer.write(b"34" + POST + b"Content-Length: 4\r\n\r\n12")
    assert statuses(await reader.read()) == [200, 408]
    assert app.seen == [b"1234"]
    writer.close()


async def test_a_body_that_does_not_come(port: int, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "REQUEST_SECONDS", 0.2)
    assert await ask(port, POST + b"Content-Length: 9\r\n\r\n1234") == [408]
    assert app.seen == []


async def test_an_idle_connection_that_was_served_stays(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET)
    assert statuses(await reader.readuntil(b"\r\n\r\n")) == [200]
    await asyncio.sleep(1.5)
    writer.write(LAST)
    assert statuses(await reader.read()) == [200]
    writer.close()


async def test_a_connection_that_nobody_uses_ends(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening_at, "KEEP_ALIVE_SECONDS", 1)
    async with listening(app) as port:
        started = asyncio.get_running_loop().time()
        assert await ask(port, GET + GET) == [200, 200]
        assert 1.0 <= asyncio.get_running_loop().time() - started < PATIENCE


async def test_garbage_behind_waits_for_the_answers_before_it(port: int, app: App) -> None:
    asked = asyncio.create_task(ask(port, GET.replace(b"/ ", b"/slow ") + GET + b"\0\0\r\n\r\n"))
    await asyncio.sleep(0.3)
    assert not asked.done()
    app.gate.set()
    assert await asked == [200, 200, 400]


async def test_a_request_behind_whose_body_breaks_is_not_begun(port: int, app: App) -> None:
    broken = POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n"
    asked = asyncio.create_task(ask(port, GET.replace(b"/ ", b"/slow ") + broken))
    await asyncio.sleep(0.3)
    app.gate.set()
    assert await asked == [200, 400]
    assert app.seen == [b""]


async def test_a_body_that_breaks_is_not_handed_on(port: int, app: App) -> None:
    assert await ask(port, POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n") == [400]
    assert app.seen == []


@pytest.mark.parametrize(
    "framing",
    [b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"],
)
async def test_an_upgrade_is_not_granted_and_loses_nothing(port: int, app: App, framing: bytes) -> None:
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    assert await ask(port, (POST + upgrade + framing) * 2 + LAST) == [200, 200, 200]
    assert app.seen == [b"hello", b"hello", b""]


async def test_an_upgrade_with_close_is_closed(port: int) -> None:
    assert await ask(
        port, POST + b"Connection: close, upgrade\r\nUpgrade: x\r\nContent-Length: 0\r\n\r\n" + LAST
    ) == [200]


async def test_too_many_requests_ahead(port: int, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "MOST_AHEAD", 2)
    app.gate.set()
    assert await ask(port, GET * 9) == [200, 200, 200, 503]


async def test_long_heads(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "MOST_HEAD_BYTES", 300)
    assert await ask(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 400 + b"\r\n\r\n") == [431]
    assert await ask(port, b"GET /" + b"a" * 400 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n") == [431]


async def test_trailers_are_no_headers(port: int, app: App) -> None:
    assert await ask(
        port, POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nHost: x\r\n\r\n" + LAST
    ) == [200, 200]


async def test_the_longest_idle_gives_way(port: int, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "MOST_CONNECTIONS", 3)
    busy = asyncio.create_task(ask(port, GET.replace(b"/ ", b"/slow ") + LAST))
    await asyncio.sleep(0.1)
    idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    async with asyncio.timeout(PATIENCE):
        assert await idle[0][0].read() == b""  # the first of them, though the busy one is older
    assert await ask(port, LAST) == [200]
    app.gate.set()
    assert await busy == [200, 200]
    for _, writer in idle:
        writer.close()


async def test_an_answer_that_is_not_taken(port: int, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "TAKE_SECONDS", 0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(GET.replace(b"/ ", b"/long "))
    await asyncio.sleep(3)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(20_000_000)
    writer.close()


async def test_clients_that_leave_with_requests_ahead_leave_no_trace(
    port: int, app: App, caplog: pytest.LogCaptureFixture
) -> None:
    """uvloop raises where a connection that is gone is written to."""
    for _ in range(5):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET.replace(b"/ ", b"/long ") * 4)
        await asyncio.sleep(0.1)
        writer.transport.abort()
    await asyncio.sleep(0.3)
    assert await ask(port, LAST) == [200]
    assert "Exception in ASGI" not in caplog.text


async def test_handshakes_are_bounded(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "MOST_OPENING", 2)
    certificate, key, ca_file = ensure_certificate(tmp_path)
    async with listening(app, certificate, key) as port:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        async with asyncio.timeout(PATIENCE):
            assert await silent[0][0].read() == b""
        context = ssl.create_default_context(cafile=ca_file)
        reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
        writer.write(LAST)
        assert statuses(await reader.read()) == [200]
        for _, each in [*silent, (None, writer)]:
            each.close()


async def test_a_listener_opens_again(app: App) -> None:
    listener = Listener(app, "127.0.0.1", 0)
    for _ in range(3):
        await listener.start()
        assert await ask(listener.port, LAST) == [200]
        await listener.stop()
    with pytest.raises(ConnectionError):
        await ask(listener.port, LAST)


async def test_who_has_connected_before_a_stop_or_was_answered_is_heard_once_more(app: App) -> None:
    """Where others go on serving the address, a program must not find its connection closed for nothing."""
    listener = Listener(app, "127.0.0.1", 0, fresh_seconds=2.0)
    await listener.start()
    idle = await asyncio.open_connection("127.0.0.1", listener.port)
    await asyncio.sleep(2.0)
    new, kept = [await asyncio.open_connection("127.0.0.1", listener.port) for _ in range(2)]
    kept[1].write(GET)
    assert statuses(await kept[0].readuntil(b"\r\n\r\n")) == [200]
    stopped = asyncio.create_task(listener.stop())
    async with asyncio.timeout(PATIENCE):
        await asyncio.sleep(0.5)  # the stop has begun
        for reader, writer in (new, kept):
            writer.write(GET)
            answer = await reader.read()
            assert (statuses(answer), b"connection: close" in answer) == ([200], True)
            writer.close()
        assert await idle[0].read() == b""
        await stopped
    idle[1].close()
