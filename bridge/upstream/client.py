"""One upstream of control software 6.0 - console, cloud or upload centre - as a call: JSON in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping
from time import perf_counter
from typing import Any, Protocol
from urllib.parse import urlencode

from msgspec import DecodeError
from msgspec.json import Decoder

from bridge.config import UpstreamSettings
from bridge.errors import BadReply, HttpFault, StatusError
from bridge.upstream.json_body import JsonBody
from bridge.upstream.letter_case import camel_cased
from bridge.upstream.pool import Check, KeptConnections
from bridge.upstream.problem import blamed_fields
from bridge.upstream.transport import FORM, HTTP_OK, MOST_REPLY_BYTES, Request, Transport
from bridge.words import said

Json = dict[str, Any]
OnTiming = Callable[[float, str, Request], None]
_decode = Decoder().decode
STATUS_CODE = "statusCode"  # in every reply of console and cloud
STATUS_CODE_AS_MEMBER = "StatusCode"
_body = JsonBody(",", ":")


class Upstream(Protocol):
    """What the reader and the engine need of an upstream."""

    name: str

    async def request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float | None = None
    ) -> Json:
        """Send one request and return the reply's JSON object when its status means success."""
        ...


class HttpUpstream:
    """An upstream over HTTPS. ``transport``: another way there than kept connections (tests, the centre).
    ``on_timing`` is called, in the task that asks, with the seconds that each request has taken, the
    upstream's name and the request.
    """

    def __init__(
        self,
        name: str,
        settings: UpstreamSettings,
        transport: Transport | None = None,
        on_timing: OnTiming | None = None,
        check: Check | None = None,
    ) -> None:
        self.name = name
        self._patience = settings.read_timeout
        self._transport = transport or KeptConnections(name, settings, check)
        self._on_timing = on_timing

    def request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, patience: float | None = None
    ) -> Coroutine[Any, Any, Json]:
        """Send one request.

        In: method, path, JSON body (None: no body), seconds to wait for the answer where the settings' read
        timeout is too short (a person types meanwhile). Out: the reply's JSON object, statusCode 0.
        Raises StatusError for another statusCode, a NeverSent when nothing was sent, an OutcomeUnknown when
        it may have been received, HttpFault for an HTTP status other than 200, BadReply when the answer is
        not an object with a numeric statusCode.
        """
        content = None if body is None else _body.of(body)
        if patience is None:
            patience = self._patience
        return self._send(Request(method, path, content, patience), self._successful)

    def send_form(self, path: str, fields: Mapping[str, str]) -> Coroutine[Any, Any, Json]:
        """Send one POST with a form (UTF-8); out and raises as :meth:`request`."""
        request = Request("POST", path, urlencode(fields).encode("ascii"), self._patience, FORM)
        return self._send(request, self._successful)

    async def _send(self, request: Request, judged: Callable[[Json], Json]) -> Json:
        """Send one request, once. Out: what ``judged`` makes of the answer's JSON object. Raises
        UpstreamError.
        """
        started = perf_counter()
        try:
            answer = await self._transport.send(request)
        finally:
            if self._on_timing is not None:
                self._on_timing(perf_counter() - started, self.name, request)
        if answer.status != HTTP_OK:
            raise HttpFault(self.name, answer.status, blamed_fields(answer.body))
        return judged(self._object(answer.body))

    def _successful(self, reply: Json) -> Json:
        """The reply, if it says success. Raises BadReply, StatusError."""
        if STATUS_CODE not in reply and STATUS_CODE_AS_MEMBER in reply:
            reply = camel_cased(reply)
        status = reply.get(STATUS_CODE)
        if type(status) is not int:  # no bool either
            raise BadReply(self.name, said("the answer has no numeric statusCode"))
        if status != 0:
            raise StatusError(self.name, status)
        return reply

    def _object(self, answer: bytes) -> Json:
        if len(answer) > MOST_REPLY_BYTES:
            raise BadReply(self.name, said("an answer of {count} bytes", count=len(answer)))
        try:
            reply = _parsed(answer)
        except (ValueError, RecursionError) as error:
            raise BadReply(self.name, said("the answer is not JSON")) from error
        if isinstance(reply, dict):
            return reply
        raise BadReply(self.name, said("the answer is not a JSON object"))

    async def aclose(self) -> None:
        await self._transport.aclose()


def _parsed(answer: bytes) -> Any:
    """JSON, whatever it is written in. Raises ValueError, RecursionError."""
    try:
        return _decode(answer)
    except DecodeError:
        return json.loads(answer)  # which also takes what is no strict JSON, or not in UTF-8
