"""The paths of insurance-card lookups (bhyt.yaml): query and body -> service -> JSON, with HTTP 200
whatever the result.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from bridge.bhyt.model import Lookup, LookupFamily
from bridge.bhyt.reply import refusal_reply
from bridge.bhyt.service import LookupService
from bridge.errors import BadArgument
from bridge.rest.bodies import read_body
from bridge.rest.guard import LongBodies
from bridge.rest.paths import known_form

TAG = "bhyt"
OFFICER = "{} of the officer (cán bộ) who asks; otherwise one of the bridge's settings."


class Utf8Json(JSONResponse):
    """JSON that says its charset: seed 004 has it, and old clients take Latin-1 where nothing is said."""

    media_type = "application/json; charset=utf-8"


class LookupRoutes:
    """The paths of tokens and lookups. ``longer``: none of them takes a longer body than others."""

    def __init__(self, service: LookupService) -> None:
        self._service = service
        self.paths = service.family.paths
        self.longer: dict[str, LongBodies] = {}

    def refused(self, path: str, http_status: int) -> Mapping[str, object] | None:
        """The portal's own shape for what is below its prefix, lookups or not."""
        family = self._service.family
        return refusal_reply(family, http_status) if self._is_portals(path) else None

    def _is_portals(self, path: str) -> bool:
        return known_form(path).startswith(self._service.family.pass_through.prefix)

    def add_to(self, app: FastAPI) -> dict[str, Any]:
        """Give ``app`` the routes. Out: the OpenAPI schemas they refer to, by name."""
        service, family = self._service, self._service.family
        token = family.token
        _add(
            app,
            token.path,
            _token(service),
            summary=token.summary,
            provenance=token.provenance,
            schema="token",
        )
        schemas: dict[str, Any] = {"bhyt_token": _token_schema(family), "bhyt_reply": _reply_schema(family)}
        for lookup in family.lookups.values():
            schemas[f"bhyt_{lookup.name}"] = _fields_schema(family, lookup)
            for path in lookup.paths:
                endpoint = _lookup(service, lookup)
                _add(
                    app,
                    path,
                    endpoint,
                    summary=lookup.summary,
                    provenance=lookup.provenance,
                    schema=lookup.name,
                )
        return schemas


Endpoint = Callable[[Request], Awaitable[JSONResponse]]


def _token(service: LookupService) -> Endpoint:
    async def answer(request: Request) -> JSONResponse:
        try:
            given = await read_request(request)
        except BadArgument as error:
            return Utf8Json(service.refuse(None, error))
        return Utf8Json(await service.take_token(given))

    return answer


def _lookup(service: LookupService, lookup: Lookup) -> Endpoint:
    async def answer(request: Request) -> JSONResponse:
        try:
            given = await read_request(request)
        except BadArgument as error:
            return Utf8Json(service.refuse(lookup, error))
        return Utf8Json(await service.look_up(lookup, given, client_of(request)))

    return answer


def client_of(request: Request) -> str:
    """The address that a request comes from; "" where the server does not know it."""
    return request.client.host if request.client is not None else ""


async def read_request(request: Request) -> dict[str, object]:
    """What a client sent, by lower-case name: the query, and the body as :func:`read_body` takes it.

    Raises BadArgument for a name that is given with two values, and for a body that is neither JSON nor form.
    """
    body = read_body(await request.body(), request.headers.get("content-type", ""))
    query = _distinct(request.query_params.multi_items())
    for name, value in query.items():
        if body.get(name) not in (None, "", value):  # some clients send the account in both
            raise BadArgument("query and body give a parameter two values")
    return {**query, **{name: value for name, value in body.items() if name not in query}}


def _distinct(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in pairs:
        if values.setdefault(name.lower(), value) != value:
            raise BadArgument("the query gives a parameter two values")
    return {name: value for name, value in values.items() if value}


# --- OpenAPI ------------------------------------------------------------------------------------------------


def _add(app: FastAPI, path: str, endpoint: Endpoint, *, summary: str, provenance: str, schema: str) -> None:
    reply = {"content": _json("bhyt_reply"), "description": "The result code tells what was found"}
    app.add_api_route(
        path,
        endpoint,
        methods=["POST"],
        response_model=None,
        operation_id=path.strip("/").replace("/", "_"),
        tags=[TAG],
        summary=summary,
        description=f"JSON or a form; account and token in the query or the body. Known from: {provenance}.",
        responses={200: reply},
        openapi_extra={"requestBody": {"content": _json(f"bhyt_{schema}")}},
    )


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _token_schema(family: LookupFamily) -> dict[str, Any]:
    names = (family.client.username, family.client.password_md5)
    return _object(dict.fromkeys(names, ""), names)


def _fields_schema(family: LookupFamily, lookup: Lookup) -> dict[str, Any]:
    client = family.client
    optional = (client.username, client.password_md5, client.access_token, client.id_token)
    described = dict.fromkeys(lookup.fields, "")
    described |= {client.hoTenCb: OFFICER.format("Full name"), client.cccdCb: OFFICER.format("Citizen id")}
    described |= dict.fromkeys(lookup.dropped, "Taken and not used: the portal does not want it any more.")
    described |= dict.fromkeys(optional, "In the query or here; otherwise the bridge's own.")
    return _object(described, lookup.fields)


def _reply_schema(family: LookupFamily) -> dict[str, Any]:
    results = "; ".join(f"{code} {result.meaning}" for code, result in family.results.items())
    return _object({family.reply.result: f"{results}.", family.reply.note: ""}, (family.reply.result,))


def _object(described: dict[str, str], required: Iterable[str]) -> dict[str, Any]:
    properties = {
        name: {"type": "string", **({"description": text} if text else {})}
        for name, text in described.items()
    }
    return {"type": "object", "properties": properties, "required": list(required)}
