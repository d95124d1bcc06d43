"""What the console's web server, ASP.NET's Kestrel, does around each reply: headers, and which web pages may
read it (CORS), as the samples of seed 001 show them.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.sim.world import World

JSON, JSON_WITH_CHARSET = "application/json", "application/json; charset=utf-8"


class Kestrel:
    """ASGI middleware around the console's app."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app = app
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a page that asks whether it may call (a preflight) is answered here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        allowed = self._allowed(asked.get("origin", ""))
        wanted = asked.get("access-control-request-method")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(raw=message["headers"]), allowed)
            await send(message)

        if scope["method"] == "OPTIONS" and wanted and asked.get("origin"):
            names = asked.get("access-control-request-headers", "")
            response = Response(status_code=204, headers=_permission(wanted, names) if allowed else {})
            await response(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)

    def _allowed(self, origin: str) -> str:
        """The origin, if its host may call; else ""."""
        host = (urlsplit(origin).hostname or "") if "://" in origin else ""
        return origin if host and is_listed(host, self._world.settings.cors_in_force) else ""


def is_listed(host: str, listed: Iterable[str]) -> bool:
    """Whether a host is among names, of which ``*.nhi.gov.tw`` means all below it."""
    return any(
        host.endswith(name[1:].lower()) if name.startswith("*.") else host == name.lower() for name in listed
    )


def _add_headers(headers: MutableHeaders, allowed: str) -> None:
    headers["server"] = "Kestrel"
    if headers.get("content-type") == JSON:
        headers["content-type"] = JSON_WITH_CHARSET
    if allowed:
        headers["access-control-allow-origin"] = allowed
        headers.append("vary", "Origin")


def _permission(method: str, names: str) -> dict[str, str]:
    permission = {"access-control-allow-methods": method}
    return {**permission, "access-control-allow-headers": names} if names else permission
