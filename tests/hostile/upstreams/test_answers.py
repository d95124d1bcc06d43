"""What an upstream, or something between, may put on the wire in place of an answer or around it: each has one
right outcome, and whatever is left over never becomes the answer to another request.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from bridge.config import UpstreamSettings
from bridge.errors import BadReply, Dropped, HttpFault, TimedOut, Unreachable, UpstreamError
from bridge.upstream import pool
from bridge.upstream.client import HttpUpstream

MINE = b'{"statusCode":0,"whose":"mine"}'
STRANGERS = b'{"statusCode":0,"whose":"a stranger\'s"}'


def answer(body: bytes = MINE, *more: str, start: str = "HTTP/1.1 200 OK") -> bytes:
    """A whole answer with its length."""
    lines = [start, "content-type: application/json", *more, f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def head(*lines: str, start: str = "HTTP/1.1 200 OK") -> bytes:
    return "\r\n".join([start, *lines, "", ""]).encode()


def chunked(body: bytes, size: int = 7, *, extension: str = "", trailers: str = "") -> bytes:
    pieces = [body[position : position + size] for position in range(0, len(body), size)]
    chunks = b"".join(b"%x%s\r\n%s\r\n" % (len(piece), extension.encode(), piece) for piece in pieces)
    return head("transfer-encoding: chunked") + chunks + f"0{extension}\r\n{trailers}\r\n".encode()


@dataclass
class Upstream:
    """Answers ``/a`` with the bytes it is given, and any other path truthfully with that path.

    ``then``: what becomes of the connection after ``/a``. ``asked``: the paths, with the number of the
    connection on which each came.
    """

    raw: bytes = b""
    then: str = "keep"
    early: bool = False
    pace: int = 0  # bytes at a time, 0: all at once
    asked: list[tuple[str, int]] = field(default_factory=list)
    connections: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        self.writers.append(writer)
        while True:
            try:
                request = await reader.readuntil(b"\r\n\r\n")
                found = re.search(rb"content-length: (\d+)", request, re.IGNORECASE)
                if not self.early:
                    await reader.readexactly(int(found[1]) if found else 0)
            except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError, ssl.SSLError):
                return
            path = request.split(b" ")[1].decode()
            self.asked.append((path, number))
            if path != "/a":
                writer.write(answer(json.dumps({"statusCode": 0, "whose": path}).encode()))
                continue
            await self._say(writer)
            if self.then == "close":
                return
            if self.then == "reset":
                writer.transport.abort()
                return

    async def _say(self, writer: asyncio.StreamWriter) -> None:
        step = self.pace or len(self.raw) or 1
        for start in range(0, len(self.raw), step):
            writer.write(self.raw[start : start + step])
            await writer.drain()
            if self.pace:
                await asyncio.sleep(0)


@asynccontextmanager
async def asking(
    upstream: Upstream, tls: tuple[Path, ssl.SSLContext] | None = None, read_timeout: float = 5.0
) -> AsyncIterator[HttpUpstream]:
    """A client of the upstream."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await upstream.serve(reader, writer)
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls[1] if tls else None)
    port = server.sockets[0].getsockname()[1]
    settings = UpstreamSettings(
        url=f"http{'s' if tls else ''}://127.0.0.1:{port}",
        ca_file=tls[0] if tls else None,
        read_timeout=read_timeout,
    )
    client = HttpUpstream("cloud", settings)
    try:
        yield client
    finally:
        await client.aclose()
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """The authority's file and how the server shows itself."""
    ca = trustme.CA()
    file = tmp_path_factory.mktemp("tls") / "ca.pem"
    ca.cert_pem.write_to_path(file)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(server)
    return file, server


@dataclass(frozen=True)
class Case:
    """What is sent for one request. ``outcome``: "mine" where the answer is taken, else our exception;
    ``kept``: whether the connection may be asked again.
    """

    name: str
    raw: bytes
    outcome: str | type[UpstreamError] = "mine"
    kept: bool = False
    then: str = "keep"
    http_status: int = 0


UPGRADE = ("upgrade: websocket", "connection: upgrade")
BIG = 70_000
PACKED = gzip.compress(MINE)
CASES = [
    # taken in, and the connection is good for more
    Case("ordinary", answer(), kept=True),
    Case("header names in capitals", answer().replace(b"content-length", b"CONTENT-LENGTH"), kept=True),
    Case("header names in any case", answer().replace(b"content-length", b"cOnTeNt-LeNgTh"), kept=True),
    Case("no reason behind the status", answer(start="HTTP/1.1 200"), kept=True),
    Case("in chunks", chunked(MINE), kept=True),
    Case("in chunks of one byte", chunked(MINE, 1), kept=True),
    Case("in chunks with extensions", chunked(MINE, extension=";a=b;c"), kept=False),
    Case("in chunks, named in capitals", chunked(MINE).replace(b"chunked", b"CHUNKED"), kept=True),
    Case("HTTP/1.0 that says it stays", answer(MINE, "connection: keep-alive", start="HTTP/1.0 200 OK"), kept=True),
    Case("an empty header", answer(MINE, "x-empty:"), kept=True),
    Case("a head of 30 kB", answer(MINE, "x: " + "y" * 30_000), kept=True),
    Case("packed by gzip, unasked", answer(PACKED, "content-encoding: gzip"), kept=True),
    Case("packed by deflate, unasked", answer(zlib.compress(MINE), "content-encoding: deflate"), kept=True),
    Case("packed by raw deflate", answer(zlib.compress(MINE)[2:-4], "Content-Encoding: Deflate"), kept=True),
    Case("called identity", answer(MINE, "content-encoding: identity"), kept=True),
    # taken in, and the connection ends
    Case("connection: close", answer(MINE, "Connection: close"), then="close"),
    Case("connection: close, and it stays open", answer(MINE, "Connection: close")),
    Case("HTTP/1.0", answer(start="HTTP/1.0 200 OK")),
    Case("HTTP/1.0 until the end", head(start="HTTP/1.0 200 OK") + MINE, then="close"),
    Case("until the end", head() + MINE, then="close"),
    Case("trailers", chunked(MINE, trailers="x-checksum: 1\r\n")),
    Case("100 before it", head(start="HTTP/1.1 100 Continue") + answer()),
    Case("102 and 103 before it", head(start="HTTP/1.1 102 P") + head("link: x", start="HTTP/1.1 103 E") + answer()),
    Case("100 that names a length", head("content-length: 5", start="HTTP/1.1 100 Continue") + answer()),
    Case("blank lines before it", b"\r\n\r\n" + answer()),
    Case("200 that offers an upgrade", answer(MINE, "upgrade: h2c"), kept=True),
    Case("a second answer", answer() + answer(STRANGERS)),
    Case("a second answer behind chunks", chunked(MINE) + answer(STRANGERS)),
    Case("an error behind it", answer() + answer(STRANGERS, start="HTTP/1.1 500 Oops")),
    Case("half an answer behind it", answer() + answer(STRANGERS)[:30]),
    Case("a byte behind it", answer() + b"x"),
    Case("a line end behind it", answer() + b"\r\n"),
    Case("a line end behind chunks", chunked(MINE) + b"\r\n"),
    Case("the end of chunks behind it", answer() + b"0\r\n\r\n"),
    Case("a megabyte behind it", answer() + b"y" * 1_000_000),
    Case("bytes behind the last answer", answer(MINE, "Connection: close") + answer(STRANGERS)),
    # answers without a body
    Case("204", head(start="HTTP/1.1 204 No Content"), HttpFault, True, http_status=204),
    Case("204 with a length", head("content-length: 0", start="HTTP/1.1 204 No"), HttpFault, True, http_status=204),
    Case("204 with a body", answer(start="HTTP/1.1 204 No Content"), HttpFault, http_status=204),
    Case("304", head("content-length: 31", start="HTTP/1.1 304 Not Modified"), HttpFault, True, http_status=304),
    Case("nothing in it", answer(b""), BadReply, True),
    Case("no chunk in it", chunked(b""), BadReply, True),
    Case("101", head(*UPGRADE, start="HTTP/1.1 101 Switching Protocols") + b"\x81\x05hello", HttpFault, http_status=101),
    Case("101 without an upgrade", head(start="HTTP/1.1 101 Switching Protocols"), HttpFault, http_status=101),
    Case("404", answer(start="HTTP/1.1 404 Not Found"), HttpFault, True, http_status=404),
    Case("999", answer(start="HTTP/1.1 999 Odd"), HttpFault, True, http_status=999),
    # not to be taken in
    Case("only line feeds", answer().replace(b"\r\n", b"\n"), Dropped),
    Case("a line feed alone in the head", answer().replace(b"json\r\n", b"json\n"), Dropped),
    Case("a line feed alone behind a chunk's size", chunked(MINE).replace(b"7\r\n", b"7\n", 1), Dropped),
    Case("a carriage return alone", answer().replace(b"json\r\n", b"json\r"), Dropped),
    Case("a null in a header", answer(MINE, "x: a\0b"), Dropped),
    Case("a space before the colon", answer().replace(b"content-length:", b"content-length :"), Dropped),
    Case("a folded header", answer(MINE, "x: a", " b"), Dropped),
    Case("a header without a name", answer(MINE, ": a"), Dropped),
    Case("a head of 70 kB", answer(MINE, "x: " + "y" * BIG), Dropped),
    Case("a head of many headers", answer(MINE, *(f"x-{number}: y" for number in range(8000))), Dropped),
    Case("a reason of 70 kB", answer(start="HTTP/1.1 200 " + "y" * BIG), Dropped),
    Case("a chunk's extension of 70 kB", chunked(MINE, 31, extension=";" + "y" * BIG), Dropped),
    Case("trailers of 70 kB", chunked(MINE, 31, trailers="x: " + "y" * BIG + "\r\n"), Dropped),
    Case("1xx without end", head(start="HTTP/1.1 100 Continue") * 5000, Dropped),
    Case("a length and chunks", chunked(MINE).replace(b"\r\n", b"\r\ncontent-length: 3\r\n", 1), Dropped),
    Case("chunks and a length", chunked(MINE).replace(b"chunked\r\n", b"chunked\r\ncontent-length: 3\r\n"), Dropped),
    Case("a trailer that names a length", chunked(MINE, trailers="content-length: 3\r\n"), Dropped),
    Case("two lengths", answer(MINE, "content-length: 3"), Dropped),
    Case("a negative length", answer().replace(b"length: ", b"length: -"), Dropped),
    Case("a length in hexadecimal", answer().replace(b"length: 31", b"length: 0x1f"), Dropped),
    Case("a length beyond all numbers", answer().replace(b"length: 31", b"length: " + b"9" * 30), Dropped),
    Case("a chunk's size that is none", chunked(MINE).replace(b"7\r\n", b"z\r\n", 1), Dropped),
    Case("a chunk's size beyond all numbers", chunked(MINE).replace(b"7\r\n", b"f" * 20 + b"\r\n", 1), Dropped),
    Case("a chunk longer than it says", chunked(MINE).replace(b"7\r\n", b"6\r\n", 1), Dropped),
    Case("no HTTP", b"220 mail.example ESMTP\r\n", Dropped),
    Case("TLS in plain HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", Dropped),
    Case("a request", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", Dropped),
    Case("HTTP/2's own beginning", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Dropped),
    Case("a status in letters", answer(start="HTTP/1.1 2OO OK"), Dropped),
    Case("nothing, and closed", b"", Dropped, then="close"),
    Case("nothing, and reset", b"", Dropped, then="reset"),
    Case("100 and closed", head(start="HTTP/1.1 100 Continue"), Dropped, then="close"),
    Case("chunks without their end", chunked(MINE)[:-5], Dropped, then="close"),
    Case("chunked, and closed before the first", head("transfer-encoding: chunked"), Dropped, then="close"),
    Case("shorter than its length", answer()[:-1], Dropped, then="close"),
    Case("a body cut, without a length", head() + MINE[:-1], BadReply, then="close"),
    Case("said to be packed", answer(MINE, "content-encoding: gzip"), Dropped, then="keep"),
    Case("packed and cut", answer(PACKED[:-9], "content-encoding: gzip"), Dropped),
    Case("packed in an unknown way", answer(MINE, "content-encoding: br"), Dropped),
    Case("a bomb", answer(gzip.compress(bytes(40_000_000)), "content-encoding: gzip"), BadReply),
]  # fmt: skip


async def outcome(client: HttpUpstream, body: dict[str, Any] | None = None) -> str | UpstreamError:
    try:
        return str((await client.request("POST", "/a", body or {"who": "me"})).get("whose"))
    except UpstreamError as error:
        return error


def assert_right(case: Case, found: str | UpstreamError) -> None:
    if isinstance(case.outcome, str):
        assert found == case.outcome
        return
    assert type(found) is case.outcome, repr(found)
    assert isinstance(found, UpstreamError)
    assert found.sent
    if isinstance(found, HttpFault):
        assert found.http_status == case.http_status


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_each_has_its_outcome_and_leaves_nothing_behind(
    case: Case, encrypted: bool, tls: tuple[Path, ssl.SSLContext]
) -> None:
    upstream = Upstream(case.raw, case.then)
    async with asking(upstream, tls if encrypted else None) as client:
        assert_right(case, await outcome(client))
        for path in ("/b", "/c"):
            assert (await client.request("POST", path, {}))["whose"] == path
    assert [path for path, _ in upstream.asked] == ["/a", "/b", "/c"], "each was sent once"
    connections = [number for _, number in upstream.asked]
    assert connections == ([1, 1, 1] if case.kept else [1, 2, 2])


@pytest.mark.parametrize("case", [case for case in CASES if len(case.raw) < 3000], ids=lambda case: case.name)
async def test_it_is_the_same_when_it_comes_byte_by_byte(case: Case) -> None:
    upstream = Upstream(case.raw, case.then, pace=1)
    async with asking(upstream) as client:
        assert_right(case, await outcome(client))
        assert (await client.request("POST", "/b", {}))["whose"] == "/b"
    assert [path for path, _ in upstream.asked] == ["/a", "/b"]


def cuts() -> Iterator[tuple[str, bytes]]:
    for name, whole in (
        ("length", answer()),
        ("chunks", chunked(MINE, 20)),
        ("late", head(start="HTTP/1.1 100 C") + answer()),
    ):
        for position in range(len(whole)):
            yield f"{name} at {position}", whole[:position]


@pytest.mark.parametrize("then", ["close", "reset"])
async def test_an_answer_cut_at_any_byte_is_none(then: str) -> None:
    upstream = Upstream(then=then)
    async with asking(upstream) as client:
        for where, raw in cuts():
            upstream.raw = raw
            found = await outcome(client)
            assert type(found) is Dropped, where
        assert (await client.request("POST", "/b", {}))["whose"] == "/b"


async def test_an_answer_that_stops_at_any_byte_times_out() -> None:
    whole = answer()
    stops = [Upstream(whole[:position]) for position in range(0, len(whole), 9)]

    async def one(upstream: Upstream) -> None:
        async with asking(upstream, read_timeout=0.3) as client:
            assert type(await outcome(client)) is TimedOut
            assert (await client.request("POST", "/b", {}))["whose"] == "/b"
        assert [number for _, number in upstream.asked] == [1, 2]

    await asyncio.gather(*(one(upstream) for upstream in stops))


async def test_bytes_by_chance_never_become_anybodys_answer() -> None:
    """Answers damaged at one place: they are taken in whole, or refused; the next one is never touched."""
    chance = random.Random(11)
    upstream = Upstream(then="close")
    forms = [answer(), chunked(MINE), answer(MINE, "connection: close"), answer() + answer(STRANGERS)]
    async with asking(upstream) as client:
        for number in range(600):
            raw = bytearray(chance.choice(forms))
            place = chance.randrange(len(raw))
            match chance.randrange(3):
                case 0:
                    raw[place] = chance.randrange(256)
                case 1:
                    del raw[place : place + chance.randrange(1, 9)]
                case _:
                    raw[place:place] = chance.randbytes(chance.randrange(1, 9))
            upstream.raw = bytes(raw)
            found = await outcome(client)
            assert found != STRANGERS.decode(), number
            path = f"/b{number}"
            assert (await client.request("POST", path, {}))["whose"] == path


# --- what comes at another time than it should --------------------------------------------------------------


async def settled() -> None:
    """The event loop has seen what there is to be seen."""
    for _ in range(5):
        await asyncio.sleep(0.01)


async def test_an_answer_that_nobody_asked_for_ends_the_idle_connection() -> None:
    upstream = Upstream(answer())
    async with asking(upstream) as client:
        assert await outcome(client) == "mine"
        upstream.writers[0].write(answer(STRANGERS))
        await settled()
        assert (await client.request("POST", "/b", {}))["whose"] == "/b"
    assert [number for _, number in upstream.asked] == [1, 2]


@pytest.mark.parametrize("what", [answer(STRANGERS), b"\r\n", b""], ids=["answer", "line end", "end"])
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
async def test_what_the_event_loop_has_not_seen_yet_counts_as_well(
    what: bytes, encrypted: bool, tls: tuple[Path, ssl.SSLContext]
) -> None:
    """It lies in the system's buffer when the next request is about to leave."""
    upstream = Upstream(answer())
    async with asking(upstream, tls if encrypted else None) as client:
        assert await outcome(client) == "mine"
        await settled()
        theirs = upstream.writers[0].get_extra_info("socket")
        again = socket.socket(fileno=socket.dup(theirs.fileno()))
        with again:
            again.setblocking(True)
            if what:
                again.send(what)
            else:
                again.shutdown(socket.SHUT_WR)
        assert (await client.request("POST", "/b", {}))["whose"] == "/b"
    assert [number for _, number in upstream.asked] == [1, 2]


@pytest.mark.parametrize("seen", [True, False], ids=["seen by the event loop", "not yet seen"])
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
async def test_who_speaks_before_being_asked_is_asked_nothing(
    seen: bool, encrypted: bool, tls: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = Upstream()
    dialled = pool.dial

    async def dial(*arguments: Any) -> Any:
        made = await dialled(*arguments)
        while not upstream.writers:
            await asyncio.sleep(0)
        upstream.writers[-1].write(answer(STRANGERS))
        if seen:
            await settled()
        return made

    monkeypatch.setattr(pool, "dial", dial)
    async with asking(upstream, tls if encrypted else None) as client:
        found = await outcome(client)
    assert type(found) is Unreachable
    assert upstream.asked == []


@pytest.mark.parametrize("size", [5_000_000, 60_000])
async def test_an_answer_before_the_request_has_left_is_taken_in(size: int) -> None:
    """The connection, on which the rest of the request may still be on its way, is not used again."""
    upstream = Upstream(answer(), early=True)
    body = {"content": "x" * size}
    async with asking(upstream) as client:
        assert await outcome(client, body) == "mine"
        upstream.early = False
        assert (await client.request("POST", "/b", {}))["whose"] == "/b"
    if size > 1_000_000:
        assert [number for _, number in upstream.asked] == [1, 2]


async def test_a_refusal_in_the_middle_of_a_long_request_is_taken_in() -> None:
    upstream = Upstream(answer(start="HTTP/1.1 413 Too Large"), early=True)
    async with asking(upstream) as client:
        found = await outcome(client, {"content": "x" * 5_000_000})
    assert isinstance(found, HttpFault)
    assert found.http_status == 413


async def test_a_call_that_is_given_up_ends_its_connection() -> None:
    """Its answer may still come: nobody may take it for theirs."""
    upstream = Upstream(b"")
    async with asking(upstream) as client:
        given_up = asyncio.create_task(outcome(client))
        while not upstream.asked:
            await asyncio.sleep(0.01)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        upstream.writers[0].write(answer(STRANGERS))
        assert (await client.request("POST", "/b", {}))["whose"] == "/b"
    assert [number for _, number in upstream.asked] == [1, 2]


async def test_many_at_once_get_their_own_answers_among_hostile_ones() -> None:
    """Callers that share kept connections, every third answer with somebody else's behind it."""
    upstream = Upstream(answer() + answer(STRANGERS))

    async with asking(upstream) as client:

        async def caller(number: int) -> None:
            for turn in range(20):
                if (turn + number) % 3 == 0:
                    assert await outcome(client) == "mine"
                path = f"/p{number}-{turn}"
                assert (await client.request("POST", path, {}))["whose"] == path

        await asyncio.gather(*(caller(number) for number in range(20)))
