"""httpx's transport interface over aiohttp's connections.

httpx's own pool loses throughput with each caller more. The published adapter for aiohttp reports a server
that hung up after it had the request as a connection that was never made; the bridge would take a change that
may have been carried out for one that certainly was not. So this one says exactly what happened. It also
never sends a request twice by itself, and cuts an answer off that is longer than it may be.
"""

from __future__ import annotations

import io
import ssl
from collections.abc import AsyncIterable, Mapping
from functools import cached_property, lru_cache
from types import TracebackType
from typing import Any, cast

import aiohttp
import httpx
from aiohttp.client_middlewares import ClientHandlerType
from yarl import URL

KEEP_ALIVE_SECONDS = (
    600.0  # a clinic is quiet for minutes; a new TLS connection costs more than a call itself
)
MOST_CONNECTIONS = 256  # as many as the native library may have calls under way
MOST_REPLY_BYTES = 16 * 1024 * 1024
LONG_BODY_BYTES = 65_536
TOTAL = "total"  # extension of a request: the seconds that all of it may take


class ReplyTooLong(httpx.TransportError):
    """The answer is longer than :data:`MOST_REPLY_BYTES`; the rest of it was not taken in."""


class Address(httpx.URL):
    """An address that is asked again and again: what aiohttp makes of it is made once."""

    @cached_property
    def prepared(self) -> URL:
        """The same as aiohttp's kind of address, nothing quoted anew."""
        return URL(str(self), encoded=True)


class PooledTransport(httpx.AsyncBaseTransport):
    """Sends requests over kept connections and reads replies whole, without their headers.

    In: ``context``, which verifies the other side; with each request the usual extension ``timeout``
    (``pool`` bounds getting a connection, ``connect`` each attempt, ``read`` the silence of the other side)
    and :data:`TOTAL`. Raises what httpx's own transport raises, and ReplyTooLong.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, once, and read its reply."""
        session = self._session or self._open()
        with _AsHttpx():
            async with session.request(
                request.method,
                request.url.prepared if isinstance(request.url, Address) else str(request.url),
                headers=_headers(request),
                data=_body(request),
                allow_redirects=False,
                timeout=_timeout(request.extensions),
            ) as reply:
                content = await _content(reply)
                return httpx.Response(reply.status, stream=httpx.ByteStream(content), request=request)

    async def aclose(self) -> None:
        """Close the kept connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        """The session, made at the first request: it belongs to the event loop that runs then."""
        connector = aiohttp.TCPConnector(
            ssl=self._context, limit=MOST_CONNECTIONS, keepalive_timeout=KEEP_ALIVE_SECONDS
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(_once,),
            skip_auto_headers=("User-Agent",),
            headers={"Accept-Encoding": "identity"},  # small replies; nothing to unpack, nothing to burst
        )
        return self._session


async def _once(request: aiohttp.ClientRequest, handler: ClientHandlerType) -> aiohttp.ClientResponse:
    """Send a request, never twice: aiohttp by itself repeats a GET, PUT or DELETE on a connection that broke,
    and a wrong PIN must not be tried twice. It does not repeat what fails with an exception of httpx.
    """
    with _AsHttpx():
        return await handler(request)


def _headers(request: httpx.Request) -> dict[str, str]:
    """The request's own; the length of a body that is whole is aiohttp's business."""
    given = {name.decode("ascii"): value.decode("ascii") for name, value in request.headers.raw}
    if not _comes_in_pieces(request):
        given.pop("Content-Length", None)
    return given


def _comes_in_pieces(request: httpx.Request) -> bool:
    return not isinstance(request.stream, httpx.ByteStream)


def _body(request: httpx.Request) -> bytes | io.BytesIO | AsyncIterable[bytes] | None:
    """What is to be sent; a long body so that it leaves in pieces, between which other calls run."""
    if _comes_in_pieces(request):
        return cast(AsyncIterable[bytes], request.stream)
    content = b"".join(cast(httpx.ByteStream, request.stream))
    return io.BytesIO(content) if len(content) > LONG_BODY_BYTES else content or None


def _timeout(extensions: Mapping[str, Any]) -> aiohttp.ClientTimeout:
    times = extensions.get("timeout", {})
    return _client_timeout(extensions.get(TOTAL), times.get("pool"), times.get("connect"), times.get("read"))


@lru_cache
def _client_timeout(
    total: float | None, pool: float | None, connect: float | None, read: float | None
) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=total, connect=pool, sock_connect=connect, sock_read=read)


async def _content(reply: aiohttp.ClientResponse) -> bytes:
    pieces, length = [], 0
    async for piece in reply.content.iter_any():
        pieces.append(piece)
        length += len(piece)
        if length > MOST_REPLY_BYTES:
            reply.close()
            raise ReplyTooLong(f"an answer of more than {MOST_REPLY_BYTES} bytes")
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class Translating:
    """A border between two trees of exceptions, as a context manager: :meth:`translated` says what an
    exception becomes, None where it passes.
    """

    def translated(self, error: BaseException) -> BaseException | None:
        """What takes the place of an exception."""
        raise NotImplementedError

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            instead = self.translated(error)
            if instead is not None:
                raise instead from error


class _AsHttpx(Translating):
    """aiohttp's exceptions as httpx's. Before a connection stands: ConnectTimeout, ConnectError; from then on
    the request may have arrived: ReadTimeout, ReadError, RemoteProtocolError.
    """

    def translated(self, error: BaseException) -> BaseException | None:
        """httpx's exception for one of aiohttp."""
        return _translated(error)


def _translated(error: BaseException) -> httpx.TransportError | None:
    match error:
        case aiohttp.ConnectionTimeoutError():
            return httpx.ConnectTimeout("no connection in time")
        case aiohttp.ClientConnectorError():  # also names that do not resolve, and TLS
            return httpx.ConnectError("no connection")
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return httpx.UnsupportedProtocol("not an address to ask")
        case TimeoutError():
            return httpx.ReadTimeout("no answer in time")
        case aiohttp.ClientResponseError():
            return httpx.RemoteProtocolError("the answer is no HTTP")
        case aiohttp.ClientError() | OSError():
            return httpx.ReadError(type(error).__name__)
    return None
