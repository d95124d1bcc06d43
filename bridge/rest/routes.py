"""One POST route for each route of the table: body -> legacy call by the route's door -> JSON."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from bridge.calls.call import DOORS, Argument, LegacyCall, LegacyResult
from bridge.calls.caller import UNKNOWN_CALLER, Caller
from bridge.calls.outcome import failure_code
from bridge.codec.code_page import WINDOWS, CodePage
from bridge.config import CodeNames
from bridge.engine.face import CallEngine
from bridge.errors import BadArgument, CallError, InternalFault, NotSupported
from bridge.rest.bodies import read_arguments, read_body
from bridge.rest.callers import caller_of
from bridge.rest.openapi.models import describe, request_schema
from bridge.rest.openapi.reply_models import refusal_schema, reply_schema
from bridge.rest.openapi.schema_parts import Tags
from bridge.rest.paths import Endpoint
from bridge.rest.replies import code_fields, make_reply, with_envelope
from bridge.table.model.rows import Route
from bridge.words import said

log = logging.getLogger(__name__)

REFUSED_BY_SETTINGS = "6.0 dropped this function, and the settings refuse it (dropped_functions)."
REFUSALS = {
    400: "Host header not allowed",
    403: "Origin not allowed, or a foreign page without one",
    408: "body too slow",
    413: "body too long",
    503: "too many long bodies at once",
}


class RouteDoor:
    """Answers the requests of one route with the help of an engine. ``page``, ``names``: see
    :func:`make_endpoints`.
    """

    def __init__(self, engine: CallEngine, route: Route, page: CodePage, names: CodeNames) -> None:
        self._page = page
        self._names = names
        self._engine = engine
        self._route = route
        self._function = engine.table.functions[route.function]
        self._door = DOORS[route.door]

    async def answer(
        self, body: bytes, content_type: str, caller: Caller = UNKNOWN_CALLER
    ) -> dict[str, object]:
        """The JSON object for a request body. Every failure is a code in it; never raises but for
        cancellation.
        """
        code, reply = await self._answer(body, content_type, caller)
        return with_envelope(self._engine.table, self._route, self._function, code, reply)

    async def _answer(self, body: bytes, content_type: str, caller: Caller) -> tuple[int, dict[str, object]]:
        table = self._engine.table
        try:
            arguments = self._arguments(body, content_type)
            call = LegacyCall(self._function.name, arguments, self._door, caller)
            result = await self._engine.call(call)
            reply = make_reply(table, self._route, call, result, self._page, self._names)
            return result.code, self._explained(result, reply)
        except CallError as error:
            return self._fail(error)
        except Exception:
            log.exception("%s: fault of the bridge", self._route.path)
            return self._fail(InternalFault(said("a fault of the bridge; its log has the cause")))

    def _arguments(self, body: bytes, content_type: str) -> dict[str, Argument]:
        if self._function.status == "unsupported":  # whatever its body
            return {}
        given = read_body(body, content_type)
        return read_arguments(self._engine.table, self._function, given, self._route, self._page)

    def _explained(self, result: LegacyResult, reply: dict[str, object]) -> dict[str, object]:
        """A reply that the function is not supported, or that an argument cannot be used, says why."""
        code = result.code
        if result.reason and code == self._code(BadArgument()):
            return {**reply, "message": result.reason}
        reasons = {"unsupported": self._function.summary, "beyond": REFUSED_BY_SETTINGS}
        reason = reasons.get(self._function.status)
        if reason is None or code != self._code(NotSupported()):
            return reply
        log.warning("%s: not supported", self._route.path)
        return {**reply, "message": reason}

    def _fail(self, error: CallError) -> tuple[int, dict[str, object]]:
        code = self._code(error)
        log.warning("%s: code=%d %s: %s", self._route.path, code, type(error).__name__, error)
        return code, {**code_fields(code, self._names), "message": str(error)}

    def _code(self, error: CallError) -> int:
        return failure_code(self._engine.table, self._function, self._door.contexts, error)


def make_endpoints(
    engine: CallEngine, page: CodePage = WINDOWS, names: CodeNames = "both"
) -> dict[str, Endpoint]:
    """What answers the routes of the engine's table, by their paths. ``page``: the code page, with the site's
    own characters; ``names``: those of the code. Raises KeyError for a route whose row does not exist.
    """
    return {route.path: _endpoint(RouteDoor(engine, route, page, names)) for route in engine.table.routes}


def add_routes(
    app: FastAPI, engine: CallEngine, endpoints: Mapping[str, Endpoint], names: CodeNames = "both"
) -> dict[str, Any]:
    """Give ``app`` the routes of the engine's table. Out: the OpenAPI schemas they refer to, by name."""
    schemas: dict[str, Any] = {"refusal": refusal_schema(names)} if engine.table.routes else {}
    refused: dict[int | str, dict[str, Any]] = {
        status: {"description": text, "content": _json("refusal")} for status, text in REFUSALS.items()
    }
    tags = Tags()
    for route in engine.table.routes:
        function = engine.table.functions[route.function]
        name = tags.operation_id(route.path)
        schemas[f"{name}_request"] = request_schema(engine.table, function, route)
        schemas[f"{name}_reply"] = reply_schema(engine.table, function, route, names)
        app.add_api_route(
            route.path,
            endpoints[route.path],
            methods=["POST"],
            response_model=None,
            operation_id=name,
            tags=[tags.of(route.path)],
            summary=route.summary or function.title,
            description=describe(route, function),
            responses={
                200: {"description": "the return code tells success", "content": _json(f"{name}_reply")},
                **refused,
            },
            openapi_extra={"requestBody": {"content": _json(f"{name}_request")}},
        )
    return schemas


def _endpoint(door: RouteDoor) -> Endpoint:
    async def answer(request: Request) -> JSONResponse:
        content_type = request.headers.get("content-type", "")
        return JSONResponse(await door.answer(await request.body(), content_type, caller_of(request)))

    return answer


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
