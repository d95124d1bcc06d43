"""The simulated portal of Viet Nam's social insurance: token/take and KQNhanLichSuKCB2024 as one ASGI app.

Only registered client addresses are answered; how the real one turns others away is not known, here it is
HTTP 403. The functions that ended on 2024-08-01 are unknown endpoints.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bridge.sim.fault_middleware import Endpoint, FaultMiddleware, unknown_request
from bridge.sim.portal.lookup import look_up, refusal
from bridge.sim.world import World

Body = Mapping[str, Any]
Handler = Callable[[World, Body, Body], dict[str, Any]]


def take_token(world: World, query: Body, body: Body) -> dict[str, Any]:
    """Give a token for ``username`` and ``password`` (md5). 401 for an account that does not exist."""
    account = world.portal.account(str(body.get("username", "")), str(body.get("password", "")))
    if account is None:
        return {"maKetQua": "401", "ghiChu": refusal("401")["ghiChu"], "APIKey": None}
    token = world.portal.issue(account, expired=world.switches.portal_tokens == "expired")
    key = {
        "access_token": token.access_token,
        "id_token": token.id_token,
        "token_type": "Bearer",
        "username": token.username,
        "expires_in": token.expires.isoformat(),
    }
    return {"maKetQua": "200", "APIKey": key}


def history(world: World, query: Body, body: Body) -> dict[str, Any]:
    """Look a card up. 401 for an account that does not exist and for a token that is not its own, or old."""
    account = world.portal.account(query.get("username", ""), query.get("password", ""))
    tokens = (query.get("token", ""), query.get("id_token", ""))
    if account is None or not world.portal.accepts(*tokens, account):
        return refusal("401")
    return look_up(world.portal, account, body)


ROUTES: Mapping[str, Handler] = {"/api/token/take": take_token, "/api/egw/KQNhanLichSuKCB2024": history}
ENDPOINTS: list[Endpoint] = [("POST", path) for path in ROUTES]


def build_portal_app(world: World) -> ASGIApp:
    """Build the app over a world; it keeps no state of its own."""

    async def unknown(request: Request, _: Exception) -> Response:
        return unknown_request(request, ENDPOINTS)

    app = Starlette(
        routes=[
            Route(path, _endpoint(world, path, handler), methods=["POST"]) for path, handler in ROUTES.items()
        ],
        exception_handlers={404: unknown, 405: unknown, HTTPException: unknown},
    )
    return FaultMiddleware(app, world, "portal")


def _endpoint(world: World, path: str, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def run(request: Request) -> Response:
        client = request.client.host if request.client else ""
        if client not in world.switches.portal_addresses.split():
            return JSONResponse({"error": "this address is not registered"}, status_code=403)
        body = await _body(request, forms=handler is take_token)
        if body is None:
            return JSONResponse(refusal("205"))
        return JSONResponse(handler(world, request.query_params, body))

    return run


async def _body(request: Request, forms: bool) -> Body | None:
    """The JSON object of a request, or its form where that is taken; None for anything else."""
    content = await request.body()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if forms and media_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
