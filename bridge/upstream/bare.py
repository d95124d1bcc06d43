"""Requests whose answers have no ``statusCode`` of their own: a bare JSON list, or nothing at all."""

from __future__ import annotations

import json
from typing import Any

from bridge.errors import BadReply, HttpFault, StatusError
from bridge.upstream.client import STATUS_CODE
from bridge.upstream.transport import HTTP_OK, MOST_REPLY_BYTES, Request, Transport
from bridge.words import said

NO_CONTENT = 204


class BareAnswers:
    """Such requests to an upstream. ``patience``: seconds of silence that are waited for.

    Raises UpstreamError where there is no usable answer; StatusError where an object is answered instead,
    which then says why not.
    """

    def __init__(self, name: str, transport: Transport, patience: float) -> None:
        self._name, self._transport, self._patience = name, transport, patience

    async def listed(self, method: str, path: str) -> list[Any]:
        """Ask for a list. Out: its items."""
        found = await self._ask(method, path)
        if not isinstance(found, list):
            raise BadReply(self._name, said("the answer is not a JSON list"))
        return found

    async def done(self, method: str, path: str) -> None:
        """Ask for something to be done; whatever is answered beside a status is not looked at."""
        await self._ask(method, path)

    async def _ask(self, method: str, path: str) -> Any:
        answer = await self._transport.send(Request(method, path, None, self._patience))
        if answer.status not in (HTTP_OK, NO_CONTENT):
            raise HttpFault(self._name, answer.status)
        if len(answer.body) > MOST_REPLY_BYTES:
            raise BadReply(self._name, said("an answer of {count} bytes", count=len(answer.body)))
        try:
            found = json.loads(answer.body) if answer.body.strip() else None
        except (ValueError, RecursionError) as error:
            raise BadReply(self._name, said("the answer is not JSON")) from error
        status = found.get(STATUS_CODE, 0) if isinstance(found, dict) else 0
        if status != 0:
            raise (
                StatusError(self._name, status)
                if type(status) is int
                else BadReply(self._name, said("its status is no number"))
            )
        return found
