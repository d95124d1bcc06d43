"""The border to httpx: every exception becomes one of ours, and says rightly whether anything was sent."""

from __future__ import annotations

import asyncio
import inspect
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import trustme

from bridge.config import UpstreamSettings
from bridge.errors import BadReply, ConfigError, Dropped, TimedOut, TlsFailure, Unreachable, UpstreamError
from bridge.upstream.client import HttpUpstream
from bridge.upstream.httpx_transport import HttpxTransport, border
from bridge.upstream.pool import KeptConnections
from bridge.upstream.transport import MOST_REPLY_BYTES, most_seconds

EXPECTED: dict[str, type[UpstreamError]] = {
    "ConnectTimeout": Unreachable,
    "PoolTimeout": Unreachable,
    "ConnectError": Unreachable,
    "UnsupportedProtocol": Unreachable,
    "ProxyError": Unreachable,
    "InvalidURL": Unreachable,
    "ReadTimeout": TimedOut,
    "WriteTimeout": TimedOut,
    "TimeoutException": TimedOut,
    "ReadError": Dropped,
    "WriteError": Dropped,
    "CloseError": Dropped,
    "NetworkError": Dropped,
    "ProtocolError": Dropped,
    "LocalProtocolError": Dropped,
    "RemoteProtocolError": Dropped,
    "TransportError": Dropped,
    "DecodingError": Dropped,
    "TooManyRedirects": Dropped,
}
# Raised only by means that the border does not use, or only bases of the others.
NEVER_RAISED = {
    "HTTPError": "a base",
    "RequestError": "a base",
    "HTTPStatusError": "raise_for_status is not called",
    "CookieConflict": "cookies are not looked up",
    "StreamError": "replies are read whole",
    "StreamConsumed": "replies are read whole",
    "StreamClosed": "replies are read whole",
    "ResponseNotRead": "replies are read whole",
    "RequestNotRead": "requests are sent whole",
}
NOTHING_SENT = (Unreachable, TlsFailure)


def _all_httpx_exceptions() -> dict[str, type[Exception]]:
    return {
        name: item
        for name, item in vars(httpx).items()
        if inspect.isclass(item) and issubclass(item, Exception)
    }


def test_every_exception_of_httpx_is_mapped_or_known_not_to_come() -> None:
    assert set(_all_httpx_exceptions()) == set(EXPECTED) | set(NEVER_RAISED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
@pytest.mark.parametrize("upstream", ["console", "cloud"])
def test_an_exception_of_httpx_becomes_ours(name: str, upstream: str) -> None:
    with pytest.raises(UpstreamError) as caught, border(upstream):
        raise _all_httpx_exceptions()[name]("cause")
    assert type(caught.value) is EXPECTED[name]
    assert caught.value.upstream == upstream
    assert caught.value.sent == (EXPECTED[name] not in NOTHING_SENT)
    assert isinstance(caught.value.__cause__, _all_httpx_exceptions()[name])


def test_our_own_faults_pass_the_border() -> None:
    with pytest.raises(KeyError), border("cloud"):
        raise KeyError("ours")


@pytest.mark.parametrize("link", ["__cause__", "__context__"])
def test_a_tls_error_is_found_behind_the_connection_error(link: str) -> None:
    error, between = httpx.ConnectError("failed"), OSError("between")
    setattr(error, link, between)
    setattr(between, link, ssl.SSLCertVerificationError(1, "[SSL] unknown authority"))
    with pytest.raises(TlsFailure) as caught, border("cloud"):
        raise error
    assert caught.value.status == "tls-failure"


# --- real sockets -------------------------------------------------------------------------------------------

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on the loopback interface that treats each connection as ``serve`` does. Out: its port."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def _request_of(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-len")),
        0,
    )
    return head + await reader.readexactly(length)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        try:
            await _request_of(reader)
        except asyncio.IncompleteReadError:
            return
        body = b'{"statusCode": 0, "serverDateTime": "1121105093000"}'
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()


async def _hang_up_after_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _request_of(reader)


async def _break_off_in_reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _request_of(reader)
    writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"statusCode": 0')
    await writer.drain()


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _request_of(reader)
    await asyncio.sleep(10)


async def _talk_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _request_of(reader)
    writer.write(b"SSH-2.0-nonsense\r\n")
    await writer.drain()


@asynccontextmanager
async def upstream_at(url: str, ca_file: Path | None = None, **times: float) -> AsyncIterator[HttpUpstream]:
    made = HttpUpstream("cloud", UpstreamSettings(url=url, ca_file=ca_file, **times))
    try:
        yield made
    finally:
        await made.aclose()


class Authority:
    """A CA of the tests, its certificate as a file, and a server's side."""

    def __init__(self, directory: Path, host: str = "127.0.0.1") -> None:
        ca = trustme.CA()
        self.file = directory / "ca.pem"
        ca.cert_pem.write_to_path(self.file)
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(host).configure_cert(self.server)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("theirs"))


async def test_a_server_with_a_trusted_certificate_answers(ours: Authority) -> None:
    async with (
        listening(_answer, ours.server) as port,
        upstream_at(f"https://127.0.0.1:{port}", ours.file) as it,
    ):
        assert (await it.request("GET", "/x"))["serverDateTime"] == "1121105093000"


async def test_connections_are_kept(ours: Authority) -> None:
    connections = 0

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await _answer(reader, writer)

    async with (
        listening(counting, ours.server) as port,
        upstream_at(f"https://127.0.0.1:{port}", ours.file) as it,
    ):
        for _ in range(3):
            await it.request("POST", "/x", {"a": "b"})
    assert connections == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_certificate_of_another_authority_is_refused(ours: Authority, theirs: Authority) -> None:
    received: list[bytes] = []

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.read())

    async with (
        listening(keep, theirs.server) as port,
        upstream_at(f"https://127.0.0.1:{port}", ours.file) as it,
    ):
        with pytest.raises(TlsFailure) as caught:
            await it.request("POST", "/x", {"hcIdNo": "Z299999929"})
    assert (caught.value.status, caught.value.sent) == ("tls-failure", False)
    assert received in ([], [b""])


async def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    other = Authority(tmp_path, host="other.example")
    async with (
        listening(_answer, other.server) as port,
        upstream_at(f"https://127.0.0.1:{port}", other.file) as it,
    ):
        with pytest.raises(TlsFailure):
            await it.request("GET", "/x")


async def test_without_a_ca_file_the_systems_authorities_decide(theirs: Authority) -> None:
    async with listening(_answer, theirs.server) as port, upstream_at(f"https://127.0.0.1:{port}") as it:
        with pytest.raises(TlsFailure):
            await it.request("GET", "/x")


async def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with upstream_at(f"http://127.0.0.1:{port}") as it:
        with pytest.raises(Unreachable) as caught:
            await it.request("GET", "/x")
    assert (caught.value.status, caught.value.sent) == ("cloud-unreachable", False)


async def test_a_connection_that_is_never_accepted_is_unreachable(ours: Authority) -> None:
    """TLS that never begins counts as connecting: nothing was sent yet."""
    async with (
        listening(lambda reader, writer: asyncio.sleep(10)) as port,
        upstream_at(f"https://127.0.0.1:{port}", ours.file, connect_timeout=0.1) as it,
    ):
        with pytest.raises(Unreachable):
            await it.request("GET", "/x")


@pytest.mark.parametrize(
    ("serve", "expected", "status", "patience"),
    [
        (_say_nothing, TimedOut, "cloud-timeout", 0.2),
        (_hang_up_after_request, Dropped, "cloud-dropped", 30.0),
        (_break_off_in_reply, Dropped, "cloud-dropped", 30.0),
        (_talk_nonsense, Dropped, "cloud-dropped", 30.0),
    ],
)
async def test_a_request_that_may_have_been_received_says_so(
    serve: Serve, expected: type[UpstreamError], status: str, patience: float
) -> None:
    async with listening(serve) as port, upstream_at(f"http://127.0.0.1:{port}", read_timeout=patience) as it:
        with pytest.raises(UpstreamError) as caught:
            await it.request("POST", "/x", {"a": "b"})
    assert type(caught.value) is expected
    assert (caught.value.status, caught.value.sent) == (status, True)


async def test_a_request_that_the_other_side_does_not_take_in_times_out_as_maybe_received(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bridge.upstream.transport.SLOWEST_BYTES_PER_SECOND", 1e9)
    big = {"content": "x" * 20_000_000}
    async with (
        listening(lambda reader, writer: asyncio.sleep(10)) as port,
        upstream_at(f"http://127.0.0.1:{port}", connect_timeout=0.2, read_timeout=0.2) as it,
    ):
        with pytest.raises(TimedOut) as caught:
            await it.request("POST", "/x", big)
    assert caught.value.sent


async def test_an_answer_that_drips_in_ends_in_bounded_time() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.1)

    async with (
        listening(drip) as port,
        upstream_at(f"http://127.0.0.1:{port}", connect_timeout=0.2, read_timeout=0.3) as it,
    ):
        started = time.monotonic()
        with pytest.raises(TimedOut):
            await it.request("POST", "/x", {})
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_a_request_is_never_repeated_on_a_connection_that_broke(method: str) -> None:
    received = 0

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        while True:
            await _request_of(reader)
            received += 1
            if received > 1:
                return  # hang up on the second request of the kept connection
            body = b'{"statusCode": 0}'
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))

    async with listening(once) as port, upstream_at(f"http://127.0.0.1:{port}") as it:
        await it.request(method, "/x")
        with pytest.raises(Dropped):
            await it.request(method, "/x")
    assert received == 2


async def test_an_answer_without_end_is_cut_off() -> None:
    sent = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await _request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"100000\r\n" + b" " * 0x100000 + b"\r\n")
            await writer.drain()
            sent += 0x100000

    async with listening(pour) as port, upstream_at(f"http://127.0.0.1:{port}", read_timeout=10) as it:
        with pytest.raises(BadReply, match="more than"):
            await it.request("POST", "/x", {})
    assert sent < 4 * MOST_REPLY_BYTES


async def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    async with upstream_at("https://nowhere.invalid") as it:
        with pytest.raises(Unreachable):
            await it.request("POST", "/x", {})


async def test_phases_have_their_own_times() -> None:
    settings = UpstreamSettings(url="https://localhost", connect_timeout=1.5, read_timeout=7.0)
    seen: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"statusCode": 0})

    it = HttpUpstream("cloud", settings, HttpxTransport("cloud", settings, httpx.MockTransport(respond)))
    await it.request("GET", "/x")
    await it.request("GET", "/x", patience=60.0)
    assert seen[0].extensions["timeout"] == {"connect": 1.5, "pool": 1.5, "read": 7.0, "write": 7.0}
    assert seen[1].extensions["timeout"]["read"] == 60.0
    assert most_seconds(1.5, 7.0, 0) == 8.5
    assert most_seconds(1.5, 7.0, 13_107_200) == 108.5


async def test_proxies_of_the_environment_and_redirects_are_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with listening(_answer) as port, upstream_at(f"http://127.0.0.1:{port}") as it:
        assert (await it.request("GET", "/x"))["statusCode"] == 0


@pytest.mark.parametrize("content", [None, b"this is no certificate"])
def test_a_ca_file_that_cannot_be_used_is_a_fault_of_the_settings(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    for way in (KeptConnections, HttpxTransport):
        with pytest.raises(ConfigError, match="ca_file"):
            way("cloud", UpstreamSettings(url="https://localhost", ca_file=file))
