"""What clients of a gateway reach: lookups, the way through, ``/healthz`` and ``/metrics``."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.bhyt.reply import refusal_reply
from bridge.bhyt.slice import Slice
from bridge.config import Settings
from bridge.gateway.clients import ClientGuard
from bridge.rest.guard import BodyLimit, HostGuard
from bridge.rest.origin_guard import OriginGuard
from bridge.rest.paths import KnownPaths
from bridge.rest.replies import refusal

log = logging.getLogger(__name__)
NOT_FOUND = 404
Watch = Callable[[Request], Awaitable[Response]]


def make_door(portal: Slice, settings: Settings, watched: Mapping[str, Watch]) -> ASGIApp:
    """The ASGI app of a worker. ``watched``: what monitoring asks, by path; any Host header will do there,
    because balancers send what they like.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    portal.routes.add_to(app)

    def refused(path: str, http_status: int) -> Mapping[str, object]:
        return refusal_reply(portal.family, http_status)

    @app.exception_handler(HTTPException)
    async def refuse(request: Request, error: HTTPException) -> JSONResponse:
        log.warning("refused: %s", "no such path" if error.status_code == NOT_FOUND else error.detail)
        return refusal(error.status_code, refused, request.url.path, str(error.detail), error.headers)

    paths, facade = portal.routes.paths, settings.facade
    inner: ASGIApp = KnownPaths(app, paths, {})
    inner = BodyLimit(inner, facade.most_body_bytes, refused)
    inner = portal.layer(inner, served=frozenset(path.lower() for path in paths))
    inner = OriginGuard(inner, facade.allowed_origins, refused)
    inner = HostGuard(inner, facade.allowed_hosts, refused, own_addresses=True)
    whole: ASGIApp = _Watched(inner, watched)
    if settings.bhyt.gateway.is_open:  # nobody else reaches the addresses of this machine alone
        whole = ClientGuard(whole, settings.bhyt.gateway.clients, refused)
    return whole


class _Watched:
    """Answers monitoring before anything else is looked at."""

    def __init__(self, app: ASGIApp, watched: Mapping[str, Watch]) -> None:
        self._app = app
        self._watched = watched

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        watch = self._watched.get(scope["path"]) if scope["type"] == "http" else None
        if watch is None:
            await self._app(scope, receive, send)
            return
        response = await watch(Request(scope, receive))
        await response(scope, receive, send)
