"""The simulated portal of Viet Nam's social insurance as one ASGI app: token/take, KQNhanLichSuKCB2024,
Lskcb2025 and guiHoSoGiamDinh4210.

Only registered client addresses are answered; how the real one turns others away is not known, here it is
HTTP 403. The functions that ended on 2024-08-01 are unknown endpoints.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bridge.sim.fault_middleware import Endpoint, FaultMiddleware, unknown_request
from bridge.sim.portal.books import PortalAccount
from bridge.sim.portal.lookup import look_up, refusal
from bridge.sim.portal.sending import not_taken, send
from bridge.sim.portal.visits import refused, visits
from bridge.sim.world import World

Body = Mapping[str, Any]
Handler = Callable[[World, Body, Any], dict[str, Any]]


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
    note = {"ghiChu": world.switches.portal_note} if world.switches.portal_note else {}
    return {"maKetQua": "200", **note, "APIKey": key}


def history(world: World, query: Body, body: Body) -> dict[str, Any]:
    """Look a card up. 401 for an account that does not exist and for a token that is not its own, or old."""
    account = _account(world, query)
    return refusal("401") if account is None else look_up(world.portal, account, _asked(world, body))


def visits_alone(world: World, query: Body, body: Body) -> dict[str, Any]:
    """The visits of a card's holder. 401 as above."""
    account = _account(world, query)
    return refused("401") if account is None else visits(world.portal, account, body)


def records(world: World, query: Body, body: Any) -> dict[str, Any]:
    """Take a file of records. 401 as above."""
    account = _account(world, query)
    return not_taken("401") if account is None else send(world.portal, account, query, body)


def _account(world: World, query: Body) -> PortalAccount | None:
    """The account that asks, with a token of its own that is still good."""
    account = world.portal.account(query.get("username", ""), query.get("password", ""))
    tokens = (query.get("token", ""), query.get("id_token", ""))
    return account if account is not None and world.portal.accepts(*tokens, account) else None


def _asked(world: World, body: Body) -> Body:
    """What is looked up: another card than the one asked for, where the portal is to mix them up."""
    if world.switches.portal_person == "asked":
        return body
    card = next(card for card in world.portal.cards if card.number != body.get("maThe"))
    return {**body, "maThe": card.number, "hoTen": card.name, "ngaySinh": card.born}


@dataclass(frozen=True)
class Function:
    """A function of the portal: what answers it, which bodies it takes, what it says to others. ``bare``:
    also JSON that is no object.
    """

    answer: Handler
    json: bool
    form: bool
    refusal: Callable[[str], dict[str, Any]]
    bare: bool = False


ROUTES: Mapping[str, Function] = {
    "/api/token/take": Function(take_token, json=True, form=True, refusal=refusal),
    "/api/egw/KQNhanLichSuKCB2024": Function(history, json=True, form=False, refusal=refusal),
    "/api/egw/Lskcb2025": Function(visits_alone, json=False, form=True, refusal=refused),
    "/api/egw/guiHoSoGiamDinh4210": Function(records, json=True, form=False, refusal=not_taken, bare=True),
}
ENDPOINTS: list[Endpoint] = [("POST", path) for path in ROUTES]


def build_portal_app(world: World) -> ASGIApp:
    """Build the app over a world; it keeps no state of its own."""

    async def unknown(request: Request, _: Exception) -> Response:
        return unknown_request(request, ENDPOINTS)

    app = Starlette(
        routes=[
            Route(path, _endpoint(world, function), methods=["POST"]) for path, function in ROUTES.items()
        ],
        exception_handlers={404: unknown, 405: unknown, HTTPException: unknown},
    )
    return FaultMiddleware(app, world, "portal")


def _endpoint(world: World, function: Function) -> Callable[[Request], Awaitable[Response]]:
    async def run(request: Request) -> Response:
        client = request.client.host if request.client else ""
        if client not in world.switches.portal_addresses.split():
            return JSONResponse({"error": "this address is not registered"}, status_code=403)
        body = await _body(request, function)
        if body is None:
            return JSONResponse(function.refusal("205"))
        return JSONResponse(function.answer(world, request.query_params, body))

    return run


async def _body(request: Request, function: Function) -> Any:
    """The body of a request, in a form that the function takes; None for anything else."""
    content = await request.body()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/x-www-form-urlencoded" and function.form:
        return dict(parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True))
    if not function.json:
        return None
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) or function.bare else None
