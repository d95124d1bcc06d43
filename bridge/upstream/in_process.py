"""The way to a service that runs in this process: no connection, and so neither TLS nor HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from bridge.errors import BadReply, Dropped, TimedOut, Unreachable
from bridge.upstream.answer import TooLong
from bridge.upstream.origin import Origin, headers
from bridge.upstream.transport import MOST_REPLY_BYTES, Answer, Pieces, Request, most_seconds
from bridge.words import said


class Service(Protocol):
    """Who answers. ``target``: path with query, as it stands in the first line of a request. ``media_type``:
    of the body, "" where there is none.
    """

    def at_once(self, method: str, target: str, media_type: str, body: bytes) -> tuple[int, bytes] | None:
        """HTTP status and body of the answer; None where :meth:`answer` has to be asked."""
        ...

    async def answer(
        self, method: str, target: str, fields: Sequence[tuple[str, str]], body: bytes, most: int
    ) -> tuple[int, bytes]:
        """HTTP status and body of the answer to a request with these headers.

        Raises ConnectionRefusedError where nobody listens, ConnectionError where the answer breaks off,
        OverflowError where it has more than ``most`` bytes.
        """
        ...


class InProcess:
    """The way to the upstream ``name``. A Transport: what is sent and what comes of it is as over a
    connection (:class:`bridge.upstream.pool.KeptConnections`). ``url``: the address it stands for.
    """

    def __init__(self, name: str, url: str, service: Service) -> None:
        self._name = name
        self._origin = Origin.of(url)
        self._service = service
        self._targets: dict[str, str] = {}

    async def send(self, request: Request) -> Answer:
        """Send a request, once, and wait for its answer. Raises Unreachable, TimedOut, Dropped, BadReply."""
        method, path, body, patience, media_type = request
        target = self._targets.get(path) or self._target(path)
        content = await _whole(body) if isinstance(body, Pieces) else body
        kind = "" if content is None else media_type
        found = self._service.at_once(method, target, kind, content or b"")
        if found is not None:
            return Answer(*found)
        return await self._asked(request, target, content, patience)

    async def _asked(self, request: Request, target: str, content: bytes | None, patience: float) -> Answer:
        length = None if content is None else len(content)
        fields = list(headers(self._origin, request.method, length, request.media_type))
        try:
            async with asyncio.timeout(most_seconds(0.0, patience, length or 0)):
                found = await self._service.answer(
                    request.method, target, fields, content or b"", MOST_REPLY_BYTES
                )
        except ConnectionRefusedError as error:
            raise Unreachable(self._name, said("nobody answers there")) from error
        except TimeoutError as error:
            raise TimedOut(self._name, said("no answer in time")) from error
        except ConnectionError as error:
            raise Dropped(
                self._name, said("{kind}: the connection broke", kind=type(error).__name__)
            ) from error
        except OverflowError as error:
            raise BadReply(self._name, str(TooLong())) from error
        return Answer(*found)

    def _target(self, path: str) -> str:
        """The target of a request; what is asked again and again is made once, but for queries."""
        made = self._origin.target(path)
        if "?" not in path:
            self._targets[path] = made
        return made

    async def aclose(self) -> None:
        """There is nothing to close."""


async def _whole(body: Pieces) -> bytes:
    return b"".join([piece async for piece in body.content])
