"""Requests and answers that flow: never held, never mixed, never taken for whole when they are not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bridge.config import UpstreamSettings
from bridge.errors import BadReply, Dropped, TimedOut
from bridge.upstream import streaming
from bridge.upstream.streaming import Flow, OpenConnections, Passage

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Portal:
    """Answers as ``serve`` says; counts its connections."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self.connections = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                await self._serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[tuple[Portal, OpenConnections]]:
    portal = Portal(serve)
    listening = await asyncio.start_server(portal, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/base"
    connections = OpenConnections("portal", UpstreamSettings(url=url))
    try:
        yield portal, connections
    finally:
        await connections.aclose()
        listening.close()
        await listening.wait_closed()


def always(answer: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(answer)
        await writer.drain()

    return serve


async def head_of(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


def passage(
    body: bytes | Flow | None = None, method: bytes = b"GET", sending: float = 5.0, patience: float = 5.0
) -> Passage:
    return Passage(method, b"/x?y=1", [(b"a", b"b")], body, sending, patience)


async def asked(connections: OpenConnections, asked: Passage) -> tuple[int, bytes]:
    answer, end = await connections.begin(asked)
    try:
        if answer.whole is not None:
            return answer.status, answer.whole
        return answer.status, b"".join([piece async for piece in answer.pieces()])
    finally:
        end()


async def pieces(*parts: bytes, pause: float = 0.0) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
        await asyncio.sleep(pause)


async def test_a_head_is_what_was_asked_for_and_no_more() -> None:
    heads = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await head_of(reader))
        writer.write(OK)

    async with serving(serve) as (_, connections):
        assert await asked(connections, passage()) == (200, b"ok")
    [head] = heads
    lines = head.split(b"\r\n")
    assert lines[0] == b"GET /base/x?y=1 HTTP/1.1"
    assert lines[1].startswith(b"host: 127.0.0.1:")
    assert lines[2:] == [b"a: b", b"", b""]


async def test_a_connection_is_kept_only_behind_an_answer_that_was_taken_whole() -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 600000\r\n\r\n" + b"x" * 600_000
    async with serving(always(answer)) as (portal, connections):
        for _ in range(3):
            assert await asked(connections, passage()) == (200, b"x" * 600_000)
        assert portal.connections == 1
        _, end = await connections.begin(passage())
        end()
        assert await asked(connections, passage()) == (200, b"x" * 600_000)
        assert portal.connections == 2


@pytest.mark.parametrize("behind", [b"HTTP/1.1 200 OK\r\n", OK, b"x"])
async def test_what_stands_behind_an_answer_is_never_the_answer_to_the_next(behind: bytes) -> None:
    async with serving(always(OK + behind)) as (portal, connections):
        for _ in range(3):
            assert await asked(connections, passage()) == (200, b"ok")
        assert portal.connections == 3


async def test_an_answer_that_nobody_takes_waits_at_the_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "MOST_HELD", 100_000)
    sent = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 60000000\r\n\r\n")
        for _ in range(600):
            writer.write(b"x" * 100_000)
            await writer.drain()
            sent += 100_000

    async with serving(serve) as (_, connections):
        answer, end = await connections.begin(passage(patience=1.0))
        await asyncio.sleep(1.5)  # longer than the portal may be silent: it is we who do not read
        assert sent < 30_000_000
        assert sum([len(piece) async for piece in answer.pieces()]) == 60_000_000
        end()


@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_an_answer_without_a_length_ends_with_its_connection(method: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nwhole")
        raise ConnectionError

    async with serving(serve) as (_, connections):
        assert await asked(connections, passage(method=method)) == (200, b"whole")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (b"", Dropped),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", Dropped),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n", Dropped),
        (b"SSH-2.0\r\n\r\n", Dropped),
    ],
)
async def test_an_answer_that_breaks_off_raises(answer: bytes, fault: type[Exception]) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(answer)
        raise ConnectionError

    async with serving(serve) as (portal, connections):
        with pytest.raises(fault):
            await asked(connections, passage())
        assert portal.connections == 1


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"])
async def test_silence_before_an_answer_and_in_it_is_bounded(start: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(start)
        await reader.readexactly(1)

    async with serving(serve) as (_, connections):
        with pytest.raises(TimedOut):
            await asked(connections, passage(patience=0.2))


async def test_an_answer_that_drips_may_take_longer_than_one_silence() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n")
        for _ in range(15):
            writer.write(b"x")
            await asyncio.sleep(0.1)

    async with serving(serve) as (_, connections):
        assert await asked(connections, passage(patience=1.0)) == (200, b"x" * 15)


async def test_what_comes_before_the_true_answer_is_passed_over() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n"
    async with serving(always(early + OK)) as (_, connections):
        answer, end = await connections.begin(passage())
        assert (answer.status, answer.fields) == (200, [(b"content-length", b"2")])
        end()


async def test_trailers_are_no_headers() -> None:
    answer = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nset-cookie: a=1\r\n\r\n"
    async with serving(always(answer)) as (_, connections):
        got, end = await connections.begin(passage())
        assert got.fields == [(b"transfer-encoding", b"chunked")]
        end()


async def test_a_head_without_end_is_no_answer() -> None:
    async with serving(always(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 50_000)) as (_, connections):
        with pytest.raises((Dropped, BadReply)):
            await asked(connections, passage())


@pytest.mark.parametrize("length", [None, 300_000])
async def test_a_success_that_comes_early_waits_for_the_rest_of_the_body(length: int | None) -> None:
    arrived = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal arrived
        await head_of(reader)
        writer.write(OK)
        while piece := await reader.read(65_536):
            arrived += len(piece)
        raise ConnectionError

    async with serving(serve) as (_, connections):
        flow = Flow(pieces(*[b"x" * 100_000] * 3, pause=0.05), length)
        assert await asked(connections, passage(flow, b"POST")) == (200, b"ok")
        await asyncio.sleep(0.05)
    assert arrived >= 300_000


async def test_a_refusal_that_comes_early_ends_the_sending() -> None:
    given = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(b"HTTP/1.1 413 Too Long\r\ncontent-length: 2\r\n\r\nno")
        await reader.readexactly(100_000_000)

    async def long() -> AsyncIterator[bytes]:
        nonlocal given
        for _ in range(1000):
            given += 1
            yield b"x" * 100_000
            await asyncio.sleep(0.002)

    async with serving(serve) as (portal, connections):
        assert await asked(connections, passage(Flow(long(), 100_000_000), b"POST")) == (413, b"no")
        assert given < 500
        assert portal.connections == 1


async def test_a_body_that_the_portal_does_not_take_is_bounded_in_time() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        await asyncio.sleep(5)

    async with serving(serve) as (_, connections):
        flow = Flow(pieces(*[b"x" * 1_000_000] * 100), 100_000_000)
        with pytest.raises(TimedOut):
            async with asyncio.timeout(3):
                await asked(connections, passage(flow, b"POST", sending=0.3))


async def test_a_body_that_fails_leaves_nothing_whole_behind() -> None:
    seen = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        while piece := await reader.read(65_536):
            seen.extend(piece)
        raise ConnectionError

    async def failing() -> AsyncIterator[bytes]:
        yield b"x" * 100_000
        raise KeyError("the program went away")

    async with serving(serve) as (_, connections):
        with pytest.raises(KeyError):
            await asked(connections, passage(Flow(failing(), None), b"POST"))
        await asyncio.sleep(0.05)
    assert not seen.endswith(b"0\r\n\r\n")
