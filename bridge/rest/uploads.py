"""The upload centre's services (醫療資訊傳輸服務) at the bridge: body -> the centre's own reply."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from bridge.calls.arguments import MOST_FILE_BYTES
from bridge.calls.caller import UNKNOWN_CALLER, Caller
from bridge.errors import (
    BadArgument,
    CallError,
    FileSizeWrong,
    InternalFault,
    OverDeadline,
    TimedOut,
    UpstreamError,
)
from bridge.relay.uploads import SIGNED, Uploads
from bridge.rest.bodies import read_body
from bridge.rest.callers import caller_of
from bridge.rest.guard import LongBodies
from bridge.rest.openapi.schema_parts import Tags
from bridge.rest.routes import REFUSALS
from bridge.table.model.rows import Table
from bridge.table.model.service import Service, ServiceField, ServiceReply
from bridge.words import said

log = logging.getLogger(__name__)

OTHER_REASON = "9999"  # 其他: the centre's return code for what none of its others means
MOST_BODY_BYTES = (
    2 * MOST_FILE_BYTES
)  # base64 makes 4 bytes of 3; a file somewhat too large still gets that answer
# The first that fits counts.
HTTP_STATUSES: tuple[tuple[type[CallError], int], ...] = (
    (BadArgument, 400),
    (FileSizeWrong, 413),
    (OverDeadline, 504),
    (TimedOut, 504),
    (UpstreamError, 502),
)


ANSWERS: Mapping[int, str] = {
    200: "the centre's own reply",
    **REFUSALS,
    400: "unusable body, or Host header not allowed",
    413: "a file of more than 10 MB",
    502: "no usable answer of the centre",
    504: "no answer of the centre in time",
}


class ServiceDoor:
    """Answers the requests for one service."""

    def __init__(self, uploads: Uploads, service: Service) -> None:
        self._uploads = uploads
        self._service = service

    async def answer(self, body: bytes, content_type: str, caller: Caller = UNKNOWN_CALLER) -> JSONResponse:
        """The centre's reply with HTTP 200. What does not come from the centre has another HTTP status, the
        return code 9999 and a ``message``; never 0000.
        """
        try:
            given = read_body(body, content_type)
        except CallError as error:
            log.warning("%s: %s: %s", self._service.name, type(error).__name__, error)
            return self._refuse(error)
        try:
            return JSONResponse(await self._uploads.relay(self._service, given, caller))
        except CallError as error:  # relay has logged it
            return self._refuse(error)
        except Exception:
            log.exception("%s: fault of the bridge", self._service.name)
            return self._refuse(InternalFault(said("a fault of the bridge; its log has the cause")))

    def _refuse(self, error: CallError) -> JSONResponse:
        status = next((status for kind, status in HTTP_STATUSES if isinstance(error, kind)), 500)
        return JSONResponse({**refused(self._service), "message": str(error)}, status)


def refused(service: Service) -> dict[str, object]:
    """What clients look for in a reply, saying that nothing was done."""
    nothing: object = "" if service.verified is None else []
    return {service.reply_name("code"): OTHER_REASON, service.reply_name("result"): nothing}


class ServiceRoutes:
    """The paths of the table's services."""

    def refused(self, path: str, http_status: int) -> None:
        """Its clients look for the usual fields, too; for long bodies ``longer`` says what else."""

    def __init__(self, table: Table, uploads: Uploads) -> None:
        self._services = tuple(table.services.values())
        self._uploads = uploads
        self.paths = tuple(path for service in self._services for path in service.served_at)
        self.longer = {
            path.lower(): LongBodies(MOST_BODY_BYTES, refused(service))
            for service in self._services
            for path in service.served_at
            if service.field_with("content") is not None
        }

    def add_to(self, app: FastAPI) -> dict[str, Any]:
        """Give ``app`` the routes. Out: the OpenAPI schemas they refer to, by name."""
        schemas: dict[str, Any] = {}
        tags = Tags()
        for service in self._services:
            schemas[f"{service.name}_request"] = _request_schema(service)
            schemas[f"{service.name}_reply"] = _reply_schema(service)
            for path in service.served_at:
                self._add(app, path, service, tags)
        return schemas

    def _add(self, app: FastAPI, path: str, service: Service, tags: Tags) -> None:
        app.add_api_route(
            path,
            _endpoint(ServiceDoor(self._uploads, service)),
            methods=["POST"],
            response_model=None,
            operation_id=tags.operation_id(path),
            tags=[tags.of(path)],
            summary=service.title,
            description=_describe(service),
            responses={
                status: {"description": text, "content": _json(f"{service.name}_reply")}
                for status, text in ANSWERS.items()
            },
            openapi_extra={"requestBody": {"content": _json(f"{service.name}_request")}},
        )


def _endpoint(door: ServiceDoor) -> Any:
    async def answer(request: Request) -> JSONResponse:
        content_type = request.headers.get("content-type", "")
        return await door.answer(await request.body(), content_type, caller_of(request))

    return answer


def _describe(service: Service) -> str:
    return (
        f"{service.title} (`{service.name}`). {service.summary}\n\n"
        f"{_way(service)} HTTP 400, 413, 502 and 504 with return code 9999 and a `message`: "
        "nobody was asked, or there was no usable answer. "
        f"Known from: {service.provenance}."
    )


def _way(service: Service) -> str:
    """What becomes of a request."""
    if service.verified is not None:
        return (
            f"Goes to `medicloud` as `{service.path.strip('/')}`: the fields of the pair become the object "
            f"`{service.verified.name}`."
        )
    return (
        "Goes to the configured upload centre as it is; only a random that the bridge handed out is replaced "
        "by the one that its signature was made for. Where all four fields of the signature are missing, the "
        "SAM signs here."
    )


def _request_schema(service: Service) -> dict[str, Any]:
    return {
        "type": "object",
        "description": service.title,
        "properties": {field.name: _field(field) for field in service.all_fields},
        "required": [f.name for f in service.all_fields if not f.optional and not _signed_here(service, f)],
    }


def _signed_here(service: Service, field: ServiceField) -> bool:
    """Whether the bridge fills the field where the client leaves all of its kind out."""
    return service.verified is None and field.name.lower() in SIGNED


def _field(field: ServiceField) -> Mapping[str, Any]:
    if field.holds == "list":
        described = f"{field.term}; at most {field.width} entries. The name may have any letter case."
        return {"type": "array", "items": {"type": "object"}, "description": described}
    described = f"{field.term}; at most {field.width} characters. The name may have any letter case."
    return {"type": "string", "description": described}


def _reply_schema(service: Service) -> dict[str, Any]:
    properties = {part.name: _replied(service, part) for part in service.reply}
    properties["message"] = {"type": "string", "description": "Only where the centre gave no reply."}
    return {"type": "object", "description": service.title, "properties": properties}


def _replied(service: Service, part: ServiceReply) -> dict[str, Any]:
    """The schema of a reply's name: a text, but for a result that is a list."""
    if part.holds == "result" and service.verified is not None:
        return {"type": "array", "items": {"type": "object"}, "description": part.term}
    return {"type": "string", "description": part.term}


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
