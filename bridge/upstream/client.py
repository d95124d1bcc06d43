"""One upstream of control software 6.0 - console, cloud or upload centre - as a call: JSON in, JSON out."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from functools import lru_cache
from typing import Any, Protocol, cast

import httpx

from bridge.config import UpstreamSettings
from bridge.errors import BadReply, HttpFault, StatusError
from bridge.upstream.pool import MOST_REPLY_BYTES, TOTAL, Address
from bridge.upstream.transport import border, make_transport, most_seconds, timeouts

Json = dict[str, Any]
OnTiming = Callable[[float], None]
_as_json = json.JSONEncoder(separators=(",", ":")).encode
JSON_CONTENT = httpx.Headers({"Content-Type": "application/json"})
NO_CONTENT = httpx.Headers()


class Upstream(Protocol):
    """What the reader and the engine need of an upstream."""

    name: str

    async def request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float | None = None
    ) -> Json:
        """Send one request and return the reply's JSON object when its status means success."""
        ...


class HttpUpstream:
    """An upstream over HTTPS with kept connections. ``transport`` replaces the network (tests). ``on_timing``
    is told, in the task that asks, how many seconds each request has taken.
    """

    def __init__(
        self,
        name: str,
        settings: UpstreamSettings,
        transport: httpx.AsyncBaseTransport | None = None,
        on_timing: OnTiming | None = None,
    ) -> None:
        self.name = name
        self._settings = settings
        self._on_timing = on_timing
        self._transport = transport or make_transport(settings)

    async def request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float | None = None
    ) -> Json:
        """Send one request.

        In: method, path, JSON body (None: no body), seconds to wait for the answer where the settings' read
        timeout is too short (a person types meanwhile). Out: the reply's JSON object, statusCode 0.
        Raises StatusError for another statusCode, Unreachable/TlsFailure when nothing was sent,
        TimedOut/Dropped when it may have been received, HttpFault for an HTTP status other than 200, BadReply
        when the answer is not an object with a numeric statusCode.
        """
        content = b"" if body is None else _as_json(dict(body)).encode()
        headers = NO_CONTENT if body is None else JSON_CONTENT
        return self._successful(self._object(await self._send(method, path, content, headers, patience)))

    async def _send(
        self,
        method: str,
        path: str,
        content: bytes | AsyncIterable[bytes],
        headers: httpx.Headers,
        patience: float | None = None,
    ) -> bytes:
        """Send one request, once. In: a body that comes in pieces needs its Content-Length among the headers.

        The transport is asked directly: what a client of httpx adds (cookies, redirects, proxies of the
        environment, decompression) is not wanted here, and would double the time of a request.

        Out: the body of the answer, whole. Raises UpstreamError.
        """
        times = timeouts(self._settings, patience)
        length = len(content) if isinstance(content, bytes) else int(headers["Content-Length"])
        started = time.perf_counter()
        try:
            with border(self.name):
                request = httpx.Request(
                    method,
                    _address(self._settings.url, path),
                    headers=headers,
                    stream=httpx.ByteStream(content) if isinstance(content, bytes) else _Pieces(content),
                    extensions={"timeout": times, TOTAL: most_seconds(times, length)},
                )
                response = await self._transport.handle_async_request(request)
                answer = await _whole(response)
        finally:
            if self._on_timing is not None:
                self._on_timing(time.perf_counter() - started)
        if response.status_code != httpx.codes.OK:
            raise HttpFault(self.name, response.status_code)
        return answer

    def _successful(self, reply: Json) -> Json:
        """The reply, if it says success. Raises BadReply, StatusError."""
        status = reply.get("statusCode")
        if not isinstance(status, int) or isinstance(status, bool):
            raise BadReply(self.name, "the answer has no numeric statusCode")
        if status != 0:
            raise StatusError(self.name, status)
        return reply

    def _object(self, answer: bytes) -> Json:
        if len(answer) > MOST_REPLY_BYTES:
            raise BadReply(self.name, f"an answer of {len(answer)} bytes")
        try:
            reply = json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise BadReply(self.name, "the answer is not JSON") from error
        if not isinstance(reply, dict):
            raise BadReply(self.name, "the answer is not a JSON object")
        return reply

    async def aclose(self) -> None:
        """Close the kept connections."""
        await self._transport.aclose()


class _Pieces(httpx.AsyncByteStream):
    """A body that comes in pieces."""

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            yield piece


async def _whole(response: httpx.Response) -> bytes:
    """The body of an answer as it came. Raises what the transport raises."""
    stream = response.stream
    if isinstance(stream, httpx.ByteStream):  # it is there already
        return b"".join(stream)
    try:
        return b"".join([piece async for piece in cast(httpx.AsyncByteStream, stream)])
    finally:
        await response.aclose()


@lru_cache(maxsize=512)
def _address(base: str, path: str) -> Address:
    """The path below the upstream's address, which may have a path of its own. Raises httpx.InvalidURL."""
    return Address(f"{base.rstrip('/')}/{path.lstrip('/')}")
