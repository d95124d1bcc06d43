"""One upstream of control software 6.0 - console, cloud or upload centre - as a call: JSON in, JSON out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import httpx

from bridge.config import UpstreamSettings
from bridge.errors import BadReply, HttpFault, StatusError
from bridge.upstream.transport import border, make_client

Json = dict[str, Any]
MOST_REPLY_BYTES = 16 * 1024 * 1024


class Upstream(Protocol):
    """What the reader and the engine need of an upstream."""

    name: str

    async def request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float | None = None
    ) -> Json:
        """Send one request and return the reply's JSON object when its status means success."""
        ...


class HttpUpstream:
    """An upstream over HTTPS with kept connections."""

    def __init__(
        self, name: str, settings: UpstreamSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.name = name
        self._client = make_client(settings, transport)

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
        with border(self.name):
            response = await self._client.request(
                method, path, json=None if body is None else dict(body), timeout=self._timeout(patience)
            )
        if response.status_code != httpx.codes.OK:
            raise HttpFault(self.name, response.status_code)
        return self._successful(self._object(response))

    def _successful(self, reply: Json) -> Json:
        """The reply, if it says success. Raises BadReply, StatusError."""
        status = reply.get("statusCode")
        if not isinstance(status, int) or isinstance(status, bool):
            raise BadReply(self.name, "the answer has no numeric statusCode")
        if status != 0:
            raise StatusError(self.name, status)
        return reply

    def _timeout(self, patience: float | None) -> httpx.Timeout:
        usual = self._client.timeout
        if patience is None:
            return usual
        return httpx.Timeout(connect=usual.connect, read=patience, write=usual.write, pool=usual.pool)

    def _object(self, response: httpx.Response) -> Json:
        if len(response.content) > MOST_REPLY_BYTES:
            raise BadReply(self.name, f"an answer of {len(response.content)} bytes")
        try:
            reply = response.json()
        except (ValueError, RecursionError) as error:
            raise BadReply(self.name, "the answer is not JSON") from error
        if not isinstance(reply, dict):
            raise BadReply(self.name, "the answer is not a JSON object")
        return reply

    async def aclose(self) -> None:
        """Close the kept connections."""
        await self._client.aclose()
