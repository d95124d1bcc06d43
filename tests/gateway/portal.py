"""A portal for tests: raw HTTP over asyncio, in a thread of its own. It shares no code with the bridge.

Every answer tells who asked, what arrived and which account it belongs to, so that a mix-up shows.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

JSON = "application/json; charset=utf-8"
PIECE = 65_536


@dataclass
class Arrived:
    """A request as it arrived. ``whole``: its body came to its end; ``cut``: it never will."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    length: int = 0
    digest: str = ""
    whole: bool = False
    cut: bool = False

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    def header(self, wanted: str) -> str | None:
        return next((value for name, value in self.headers if name.lower() == wanted), None)


@dataclass
class TestPortal:
    """What the portal does and has seen. ``life``: seconds that its tokens live."""

    __test__ = False

    address: str = ""
    life: float = 3600.0
    arrived: list[Arrived] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)  # user name by access token
    refused: set[str] = field(default_factory=set)
    taken: Counter[str] = field(default_factory=Counter)
    connections: int = 0

    def named(self, last: str) -> list[Arrived]:
        """The requests for paths that end so."""
        return [each for each in list(self.arrived) if each.path.endswith(last)]

    def end_tokens(self) -> None:
        """All tokens given so far are refused from now on."""
        self.refused |= set(self.tokens)

    # --- answering ------------------------------------------------------------------------------------------

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the other side has gone, or the portal stops
        finally:
            with suppress(RuntimeError):  # the portal has stopped
                writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = [(line.partition(":")[0], line.partition(":")[2].strip()) for line in lines]
        request = Arrived(method, target, headers)
        self.arrived.append(request)
        step = request.path.rstrip("/").rpartition("/")[2]
        if step == "early":
            writer.write(_answer(413, {"maKetQua": "205", "ghiChu": "too long"}))
            await writer.drain()
            await asyncio.sleep(0.2)
            return False
        try:
            body = await self._body(request, reader)
        except (asyncio.IncompleteReadError, ConnectionError):
            request.cut = True
            raise
        answer = getattr(self, f"_{step}", None)
        if request.path.startswith("/api/token/take"):
            writer.write(self._take(body))
        elif answer is not None:
            return bool(await answer(request, writer))
        else:
            writer.write(self._echo(request))
        await writer.drain()
        return True

    async def _body(self, request: Arrived, reader: asyncio.StreamReader) -> bytes:
        digest, kept = hashlib.sha256(), bytearray()

        async def take(length: int) -> None:
            while length:
                piece = await reader.read(min(length, PIECE))
                if not piece:
                    raise ConnectionError("cut")
                length -= len(piece)
                request.length += len(piece)
                digest.update(piece)
                if len(kept) < PIECE:
                    kept.extend(piece)

        if request.header("transfer-encoding") == "chunked":
            while size := int(await reader.readuntil(b"\n"), 16):
                await take(size)
                await reader.readexactly(2)
            await reader.readexactly(2)
        else:
            await take(int(request.header("content-length") or "0"))
        request.digest, request.whole = digest.hexdigest(), True
        return bytes(kept)

    def _take(self, body: bytes) -> bytes:
        content = json.loads(body)
        username, password = content["username"], content["password"]
        if password != hashlib.md5(f"{username}-secret".encode()).hexdigest():
            return _answer(200, {"maKetQua": "401", "ghiChu": "no", "APIKey": None})
        self.taken[username] += 1
        token = f"{username}.{len(self.tokens) + 1}"
        self.tokens[token] = username
        expires = (datetime.now(UTC) + timedelta(seconds=self.life)).isoformat()
        key = {"access_token": token, "id_token": f"id-{token}", "username": username, "expires_in": expires}
        return _answer(200, {"maKetQua": "200", "APIKey": key})

    def _echo(self, request: Arrived) -> bytes:
        token = request.query.get("token", "")
        if token in self.refused:
            return _answer(200, {"maKetQua": "401", "ghiChu": "token"})
        content = {
            "maKetQua": "000",
            "tag": request.query.get("tag"),
            "owner": self.tokens.get(token),
            "username": request.query.get("username"),
            "method": request.method,
            "target": request.target,
            "length": request.length,
            "digest": request.digest,
        }
        answer = _answer(200, content)
        return answer if request.method != "HEAD" else answer.partition(b"{")[0]

    # --- odd ways -------------------------------------------------------------------------------------------

    async def _unauthorized(self, request: Arrived, writer: asyncio.StreamWriter) -> bool:
        known = request.query.get("token", "")
        writer.write(_answer(401 if known in self.refused else 200, {"maKetQua": "000"}))
        return True

    async def _late(self, request: Arrived, writer: asyncio.StreamWriter) -> bool:
        """The result in chunks, behind its head, under a name in capitals, as a number."""
        content = {"MAKETQUA": 401 if request.query.get("token", "") in self.refused else 0}
        body = json.dumps(content).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        for piece in (body[:5], body[5:]):
            await writer.drain()
            await asyncio.sleep(0.05)
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        writer.write(b"0\r\n\r\n")
        return True

    async def _refusing(self, request: Arrived, writer: asyncio.StreamWriter) -> bool:
        writer.write(_answer(200, {"maKetQua": "401", "ghiChu": "no token will do"}))
        return True

    async def _html(self, request: Arrived, writer: asyncio.StreamWriter) -> bool:
        writer.write(_answer(200, b"<html>b\xe1o tr\xec</html>", "text/html"))
        return True

    async def _cut(self, request: Arrived, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + b"x" * 50_000)
        await writer.drain()
        await asyncio.sleep(0.1)
        return False

    async def _cutchunks(self, request: Arrived, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)
        return False

    async def _close(self, request: Arrived, writer: asyncio.StreamWriter) -> bool:
        return False

    async def _held(self, request: Arrived, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(3600)
        return False

    async def _lingering(self, request: Arrived, writer: asyncio.StreamWriter) -> bool:
        """Longer than a bridge has when it stops, shorter than a gateway has."""
        await asyncio.sleep(2.5)
        writer.write(_answer(200, b"l" * 1000))
        return True

    async def _down(self, request: Arrived, writer: asyncio.StreamWriter) -> bool:
        length = int(request.query["bytes"])
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\n")
        writer.write(b"content-length: %d\r\n\r\n" % length)
        for _ in range(length // PIECE):
            writer.write(b"d" * PIECE)
            await writer.drain()
        writer.write(b"d" * (length % PIECE))
        return True

    async def _drip(self, request: Arrived, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-kind: drip\r\n\r\n")
        for number in range(5):
            writer.write(b"2\r\n%d;\r\n" % number)
            await writer.drain()
            await asyncio.sleep(0.05)
        writer.write(b"0\r\n\r\n")
        return True

    async def _moved(self, request: Arrived, writer: asyncio.StreamWriter) -> bool:
        """To the place that it is told, or to another server with all that it was asked, as IIS does."""
        where = request.query.get("to", f"{self.address}/api/there?a=1")
        if where == "same":
            where = f"https://other.example{request.target}"
        body = f"<a href='{where}'>moved</a>".encode()
        head = f"HTTP/1.1 302 Found\r\nlocation: {where}\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        return True

    async def _fields(self, request: Arrived, writer: asyncio.StreamWriter) -> bool:
        writer.write(
            b"HTTP/1.1 201 Created\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nETag: x\r\n"
            b"Keep-Alive: timeout=5\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\n"
            b"Strict-Transport-Security: max-age=9\r\n"
            b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
        )
        return True


def _answer(status: int, content: Any, content_type: str = JSON) -> bytes:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@contextmanager
def portal_running(make: Callable[[], TestPortal] = TestPortal) -> Iterator[TestPortal]:
    """A portal that listens on this machine, until the end of the with statement."""
    portal, started = make(), threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        server = await asyncio.start_server(portal.serve, "127.0.0.1", 0)
        portal.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        started.set()
        await stop.wait()
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.1)  # connections close

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    assert started.wait(10)
    try:
        yield portal
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
