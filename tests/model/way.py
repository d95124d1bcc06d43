"""The way from a bridge to a simulator without sockets and HTTP libraries: a call of its ASGI app."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bridge.upstream.transport import Answer, Request

App = Callable[..., Awaitable[None]]
Border = Callable[[str, str], None]


class Way:
    """Hands requests to an ASGI app. ``border`` is told of each before it arrives, by method and path; other
    calls may come between there.
    """

    def __init__(self, app: App, border: Border) -> None:
        self._app = app
        self._border = border

    async def send(self, request: Request) -> Answer:
        assert request.body is None or isinstance(request.body, bytes)
        await asyncio.sleep(0)
        self._border(request.method, request.path)
        sent: list[dict[str, Any]] = []
        message = {"type": "http.request", "body": request.body or b"", "more_body": False}

        async def receive() -> dict[str, Any]:
            return message

        async def take(part: dict[str, Any]) -> None:
            sent.append(part)

        await self._app(_scope(request), receive, take)
        body = b"".join(part.get("body", b"") for part in sent)
        await asyncio.sleep(0)
        return Answer(sent[0]["status"], body)

    async def aclose(self) -> None:
        """There is nothing to close."""


def _scope(request: Request) -> dict[str, Any]:
    path, _, query = request.path.partition("?")
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method,
        "scheme": "https", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "root_path": "", "headers": [(b"host", b"x"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 443),
    }  # fmt: skip
