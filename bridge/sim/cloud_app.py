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

from bridge.sim import (
    cloud_basic,
    cloud_notes,
    cloud_services,
    cloud_test_cards,
    cloud_treatment,
    cloud_visits,
)
from bridge.sim.cloud_call import CloudRoute, endpoint
from bridge.sim.doorway import Doorway, Endpoint, unknown_request
from bridge.sim.world import World

ROUTES: list[CloudRoute] = [
    *cloud_basic.ROUTES,
    *cloud_visits.ROUTES,
    *cloud_treatment.ROUTES,
    *cloud_notes.ROUTES,
    *cloud_services.ROUTES,
    *cloud_test_cards.ROUTES,
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
    return Doorway(app, world, "cloud")
