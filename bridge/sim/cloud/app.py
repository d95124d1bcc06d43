"""The simulated cloud (業務邏輯端 Web API): every path as one ASGI app. All requests are POST with JSON
in and out.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bridge.sim.cloud import basic, notes, services, test_cards, treatment, visits
from bridge.sim.cloud.call import CloudRoute, endpoint
from bridge.sim.fault_middleware import Endpoint, FaultMiddleware, unknown_request
from bridge.sim.world import World

ROUTES: list[CloudRoute] = [
    *basic.ROUTES,
    *visits.ROUTES,
    *treatment.ROUTES,
    *notes.ROUTES,
    *services.ROUTES,
    *test_cards.ROUTES,
]
ENDPOINTS: list[Endpoint] = [("POST", route.path) for route in ROUTES]


def build_cloud_app(world: World) -> ASGIApp:
    """Build the app over a world; it keeps no state of its own."""

    async def unknown(request: Request, _: Exception) -> Response:
        return unknown_request(request, ENDPOINTS)

    app = Starlette(
        routes=[Route(route.path, endpoint(world, route), methods=["POST"]) for route in ROUTES],
        exception_handlers={404: unknown, 405: unknown, HTTPException: unknown},
    )
    return FaultMiddleware(app, world, "cloud")
