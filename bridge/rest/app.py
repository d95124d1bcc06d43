"""The facade: an ASGI app for clients of the virtual-health-card (虛擬健保卡) SDK, built from the table."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from bridge import __version__
from bridge.calls.call import VHC
from bridge.codec.code_page import WINDOWS, CodePage
from bridge.config import FacadeSettings
from bridge.engine.face import ObservedEngine
from bridge.errors import BadArgument, CallError, NotSupported
from bridge.rest.guard import BodyLimit, HostGuard, LongBodies
from bridge.rest.health import Health, add_health
from bridge.rest.metrics import add_metrics
from bridge.rest.openapi.code_list import describe_codes
from bridge.rest.openapi.swagger import PAGE, add_swagger
from bridge.rest.origin_guard import OriginGuard
from bridge.rest.paths import KnownPaths, nearest
from bridge.rest.people_guard import PeopleGuard
from bridge.rest.replies import Refused, always, code_fields, refusal
from bridge.rest.routes import add_routes, make_endpoints
from bridge.table.model.rows import Table

log = logging.getLogger(__name__)

TITLE = "cshis-bridge: virtual health card API"  # generators name packages by it
DESCRIPTION = """The paths of the virtual-health-card (虛擬健保卡) SDK 2.x, by way of control software 6.0.

**Requests** are POST with a JSON object of the legacy parameters. An empty body, `null` and `""` are an empty
object, whatever the Content-Type; a form is taken where it is declared. The letter case of names and paths
does not count. One blank or NUL may follow each string.

**Replies** are HTTP 200 with the legacy return code as `ERRORCODE` (text), `errorCode` and `statusCode`
(number). A client that reads names without their letter case takes the first two for one, and may fail over
text or number: the setting `facade.error_code` leaves one of them out, and this document declares the text
only. Out-arguments stand under their legacy names and only on success. A body that cannot be used is answered
by 6018 and a `message`.

**Web pages**: Chrome and Edge from 142 on let a page of a public site reach this machine only if it is on
https, and after the user has allowed it or by the policy `LoopbackNetworkAllowedForUrls` (before 146:
`LocalNetworkAccessAllowedForUrls`). Otherwise its request fails in the browser and nothing arrives here.
公開網站的網頁須為 https，並經使用者在瀏覽器允許（或由上述原則開放），才連得到本機。

**Refused** before a function is reached, with the same fields: 400 (Host header), 403 (a foreign page,
by its Origin, Referer or Sec-Fetch-Site), 404 (no such path), 405 (not POST), 408 (body too slow), 413 (body
too long) and 503 (too many of them at once)."""


class FurtherRoutes(Protocol):
    """Routes beside those of legacy calls, of a service that passes through the bridge.

    ``paths``: all of them. ``longer``: those, in small letters, whose bodies may be longer than others.
    """

    paths: tuple[str, ...]
    longer: dict[str, LongBodies]

    def refused(self, path: str, http_status: int) -> Mapping[str, object] | None:
        """What clients of a path look for in a refusal; None for one that is none of its own."""
        ...

    def add_to(self, app: FastAPI) -> dict[str, Any]:
        """Give ``app`` the routes. Out: the OpenAPI schemas they refer to, by name."""
        ...


class Layer(Protocol):
    """Makes what stands around the app and answers some requests in its place. ``served``: the paths that the
    app answers, in small letters.
    """

    def __call__(self, app: ASGIApp, /, *, served: frozenset[str]) -> ASGIApp: ...


def make_app(
    engine: ObservedEngine,
    settings: FacadeSettings,
    further: Sequence[FurtherRoutes] = (),
    health: Health | None = None,
    page: CodePage = WINDOWS,
    layers: Sequence[Layer] = (),
    own_people: bool = False,
) -> FastAPI:
    """The facade over an engine, and over what else is to be reached through it.

    In: the engine, whose table says which routes there are; which Host and Origin headers are accepted and
    the longest body in bytes; further routes; the doors of which ``/healthz`` and ``/metrics`` tell; the
    code page, with the site's own characters; ``layers`` between the guards and all the rest;
    ``own_people``, whether programs of other users of this machine are refused. Out: an ASGI
    app for HTTP and HTTPS alike; it needs no lifespan. Raises KeyError for a route whose row does not exist.
    """
    app = FastAPI(
        title=TITLE,
        version=__version__,
        description=DESCRIPTION + describe_codes(engine.table.statuses),
        openapi_url=None,
    )
    paths = tuple(route.path for route in engine.table.routes)
    endpoints = make_endpoints(engine, page, settings.error_code)
    schemas = add_routes(app, engine, endpoints, settings.error_code)
    longer: dict[str, LongBodies] = {}
    for routes in further:
        schemas |= routes.add_to(app)
        paths += routes.paths
        longer |= routes.longer
    add_swagger(app, schemas)
    health = health or Health()
    add_health(app, engine, health)
    add_metrics(app, engine, health)
    unknown = code_fields(_code(engine.table, NotSupported()), settings.error_code)
    bad = code_fields(_code(engine.table, BadArgument()), settings.error_code)

    def refused(path: str, http_status: int) -> Mapping[str, object]:
        return next((own for each in further if (own := each.refused(path, http_status)) is not None), bad)

    _add_refusals(app, paths, unknown, refused)
    app.add_middleware(KnownPaths, paths=paths, direct=endpoints)  # the last one added sees a request first
    app.add_middleware(BodyLimit, most=settings.most_body_bytes, refused=refused, longer=longer)
    served = frozenset(path.lower() for path in paths)
    for layer in layers:
        app.add_middleware(layer, served=served)
    app.add_middleware(OriginGuard, allowed=settings.allowed_origins, refused=refused)
    if own_people:
        app.add_middleware(PeopleGuard, refused=refused)
    app.add_middleware(HostGuard, allowed=settings.allowed_hosts, refused=refused)
    return app


def _add_refusals(
    app: FastAPI, paths: tuple[str, ...], unknown: Mapping[str, object], wrong: Refused
) -> None:
    """An unknown path and a wrong method get the fields that clients look for, and a hint."""

    @app.exception_handler(HTTPException)
    async def refuse(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 404:
            near = nearest(request.url.path, paths) or PAGE
            log.warning("no such path; the nearest is %s", near)  # in what was sent a token may stand
            message = f"There is no such path; the nearest is {near}, all are at {PAGE}."
            return refusal(404, always(unknown), request.url.path, message)
        message = "Use POST." if request.url.path in paths else str(error.detail)
        return refusal(error.status_code, wrong, request.url.path, message, error.headers)


def _code(table: Table, error: CallError) -> int:
    """The code of a failure outside any function."""
    return table.statuses.legacy(error.source, error.status, VHC.contexts)
