"""The way to the upload centre, over httpx: where its types begin and its exceptions end.

Each exception becomes one of ours, which says whether the request may have arrived.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import contextmanager
from typing import cast

import httpx

from bridge.config import UpstreamSettings
from bridge.errors import BadReply, Dropped, TimedOut, Unreachable, UpstreamError
from bridge.upstream.answer import NoAnswer, TooLong, unpacked
from bridge.upstream.origin import Origin, headers
from bridge.upstream.pool import KEEP_ALIVE_SECONDS, MOST_CONNECTIONS
from bridge.upstream.tls import tls_context, tls_failure
from bridge.upstream.transport import MOST_REPLY_BYTES, Answer, Pieces, Request, most_seconds
from bridge.words import said, text_of

LIMITS = httpx.Limits(
    max_connections=MOST_CONNECTIONS,
    max_keepalive_connections=MOST_CONNECTIONS,
    keepalive_expiry=KEEP_ALIVE_SECONDS,
)


class HttpxTransport:
    """A Transport over one of httpx; ``inner`` takes the place of the network (tests).

    httpx's client is left out: what it adds (cookies, redirections, proxies of the environment) is not
    wanted.
    """

    def __init__(
        self, name: str, settings: UpstreamSettings, inner: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._name = name
        self._settings = settings
        self._inner = inner or httpx.AsyncHTTPTransport(
            verify=tls_context(settings.ca_file), trust_env=False, limits=LIMITS
        )

    async def send(self, request: Request) -> Answer:
        """Send a request, once, and wait for its answer."""
        method, path, body, patience, media_type = request
        connect = self._settings.connect_timeout
        length = body.length if isinstance(body, Pieces) else len(body or b"")
        times = {"connect": connect, "pool": connect, "read": patience, "write": patience}
        with border(self._name):
            origin = _origin(self._settings.url)
            made = httpx.Request(
                method,
                f"{origin.scheme}://{origin.authority}{origin.target(path)}",
                headers=dict(headers(origin, method, None if body is None else length, media_type)),
                stream=_Body(body.content) if isinstance(body, Pieces) else httpx.ByteStream(body or b""),
                extensions={"timeout": times},
            )
            async with asyncio.timeout(most_seconds(connect, patience, length)):
                response = await self._inner.handle_async_request(made)
                return Answer(response.status_code, await _whole(response))

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Body(httpx.AsyncByteStream):
    """A body that comes in pieces."""

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            yield piece


def _origin(url: str) -> Origin:
    try:
        return Origin.of(url)
    except ValueError as error:
        raise httpx.InvalidURL(text_of(error)) from error


async def _whole(response: httpx.Response) -> bytes:
    """The body of an answer, unpacked. Raises what the transport raises, NoAnswer, TooLong."""
    pieces, length = [], 0
    try:
        async for piece in cast(httpx.AsyncByteStream, response.stream):
            length += len(piece)
            if length > MOST_REPLY_BYTES:
                raise TooLong
            pieces.append(piece)
    finally:
        await response.aclose()
    body = b"".join(pieces)
    packed = response.headers.get("content-encoding", "").encode()
    return unpacked(body, packed) if packed and body else body


@contextmanager
def border(upstream: str) -> Iterator[None]:
    """Turn what httpx raises inside into our own exceptions. A test fails when httpx gains one that is
    missing here.
    """
    try:
        yield
    except Exception as error:
        ours = _ours(upstream, error)
        if ours is None:
            raise
        raise ours from error


def _ours(upstream: str, error: Exception) -> UpstreamError | None:
    match error:
        case httpx.ConnectTimeout():
            return Unreachable(upstream, said("no connection in time"))
        case httpx.PoolTimeout():
            return Unreachable(upstream, said("all connections are in use"))
        case httpx.TimeoutException() | TimeoutError():
            return TimedOut(upstream, said("no answer in time"))
        case httpx.ConnectError():
            return _refused(upstream, error)
        case httpx.UnsupportedProtocol() | httpx.ProxyError():
            return Unreachable(upstream, text_of(error))
        case TooLong():
            return BadReply(upstream, text_of(error))
        case NoAnswer():
            return Dropped(upstream, text_of(error))
        case httpx.TransportError() | httpx.DecodingError() | httpx.TooManyRedirects():
            return Dropped(upstream, said("{kind}: the connection broke", kind=type(error).__name__))
        case httpx.InvalidURL():
            return Unreachable(upstream, said("its configured URL is not valid"))
    return None


def _refused(upstream: str, error: httpx.ConnectError) -> UpstreamError:
    """A failed connection: untrusted certificate or nobody there.

    The TLS error is kept only as a cause.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return tls_failure(upstream, cause)
        cause = cause.__cause__ or cause.__context__
    return Unreachable(upstream, said("nobody answers there"))
