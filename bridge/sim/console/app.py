"""The simulated console (主控台) of control software 6.0: every endpoint of seed 001 as one ASGI app."""

from __future__ import annotations

import re

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bridge.sim.console import common_v1, hc, hpc, options, swagger
from bridge.sim.console.call import ConsoleRoute, endpoint
from bridge.sim.console.kestrel import Kestrel
from bridge.sim.fault_middleware import Endpoint, FaultMiddleware, unknown_request
from bridge.sim.world import World

ROUTES: list[ConsoleRoute] = [
    *common_v1.ROUTES,
    *hpc.ROUTES,
    *hc.ROUTES,
    *options.ROUTES,
]
ENDPOINTS: list[Endpoint] = [(method, path) for method, path, _ in ROUTES]


def build_console_app(world: World) -> ASGIApp:
    """Build the app over a world; it keeps no state of its own."""

    async def unknown(request: Request, _: Exception) -> Response:
        return unknown_request(request, ENDPOINTS)

    app = Starlette(
        routes=[
            *(_in_any_case(Route(path, endpoint(world, run), methods=[m])) for m, path, run in ROUTES),
            *(_in_any_case(route) for route in swagger.ROUTES),
        ],
        exception_handlers={404: unknown, 405: unknown, HTTPException: unknown},
    )
    return Kestrel(FaultMiddleware(app, world, "console"), world)


def _in_any_case(route: Route) -> Route:
    """A route whose path is found in any letter case, as ASP.NET finds it."""
    route.path_regex = re.compile(route.path_regex.pattern, re.IGNORECASE)
    return route
