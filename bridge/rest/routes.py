"""One POST route for each route of the table: body -> legacy call by the VHC door -> JSON."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from bridge.engine.call import VHC, LegacyCall
from bridge.engine.engine import Engine
from bridge.engine.outcome import failure_code
from bridge.errors import CallError, InternalFault
from bridge.rest.bodies import read_arguments, read_body
from bridge.rest.models import describe, operation_id, reply_schema, request_schema
from bridge.rest.replies import code_fields, make_reply
from bridge.table.model import Route

log = logging.getLogger(__name__)


class RouteDoor:
    """Answers the requests of one route with the help of an engine."""

    def __init__(self, engine: Engine, route: Route) -> None:
        self._engine = engine
        self._route = route
        self._function = engine.table.functions[route.function]

    async def answer(self, body: bytes, content_type: str) -> dict[str, object]:
        """The JSON object for a request body. Every failure is a code in it; never raises but for
        cancellation.
        """
        table = self._engine.table
        try:
            arguments = read_arguments(table, self._function, read_body(body, content_type))
            call = LegacyCall(self._function.name, arguments, VHC)
            return make_reply(table, self._route, call, await self._engine.call(call))
        except CallError as error:
            return self._fail(error)
        except Exception:
            log.exception("%s: fault of the bridge", self._route.path)
            return self._fail(InternalFault("a fault of the bridge; its log has the cause"))

    def _fail(self, error: CallError) -> dict[str, object]:
        code = failure_code(self._engine.table, self._function, VHC.contexts, error)
        log.warning("%s: code=%d %s: %s", self._route.path, code, type(error).__name__, error)
        return {**code_fields(code), "message": str(error)}


def add_routes(app: FastAPI, engine: Engine) -> dict[str, Any]:
    """Give ``app`` the routes of the engine's table. Out: the OpenAPI schemas they refer to, by name."""
    schemas: dict[str, Any] = {}
    for route in engine.table.routes:
        function = engine.table.functions[route.function]
        name = operation_id(route)
        schemas[f"{name}_request"] = request_schema(engine.table, function)
        schemas[f"{name}_reply"] = reply_schema(engine.table, function, route)
        app.add_api_route(
            route.path,
            _endpoint(RouteDoor(engine, route)),
            methods=["POST"],
            response_model=None,
            operation_id=name,
            tags=[route.path.split("/")[1]],
            summary=route.summary or function.title,
            description=describe(route, function),
            responses={200: {"description": "ERRORCODE tells success", "content": _json(f"{name}_reply")}},
            openapi_extra={"requestBody": {"content": _json(f"{name}_request")}},
        )
    return schemas


def _endpoint(door: RouteDoor) -> Any:
    async def answer(request: Request) -> JSONResponse:
        content_type = request.headers.get("content-type", "")
        return JSONResponse(await door.answer(await request.body(), content_type))

    return answer


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
