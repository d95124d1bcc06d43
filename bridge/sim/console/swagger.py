"""The console's page for trying its requests, and the document behind it: /api/swagger/index.html (seed 001,
chapter 6). Made of the samples of the seed, so that it can judge other documents.
"""

from __future__ import annotations

import html
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bridge.sim.console.samples import SAMPLES

PAGE_PATH, DOCUMENT_PATH = "/api/swagger/index.html", "/api/swagger/v1/swagger.json"
QUERY = {"GET /api/common/v1/Record": ("skip", "take")}
_HEAD = '<!doctype html><html lang="zh-Hant"><meta charset="utf-8"><title>Swagger UI (simulated)</title>'


def document() -> dict[str, Any]:
    """The OpenAPI document of the console, from the samples."""
    paths: dict[str, dict[str, Any]] = {}
    for request, (body, reply) in SAMPLES.items():
        method, path = request.split(" ")
        paths.setdefault(path, {})[method.lower()] = _operation(request, path, body, reply)
    info = {"title": "主控台元件 Web API (simulated)", "version": "v1"}
    return {"openapi": "3.0.1", "info": info, "paths": paths}


def _operation(request: str, path: str, body: Any, reply: Any) -> dict[str, Any]:
    places = [(name, "path") for name in re.findall(r"\{(\w+)\}", path)]
    places += [(name, "query") for name in QUERY.get(request, ())]
    parameters = [
        {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}}
        for name, place in places
    ]
    answered = {"description": "OK"} if reply is None else {"description": "OK", **_content(reply)}
    operation: dict[str, Any] = {"tags": [path.split("/")[2]], "responses": {"200": answered}}
    if parameters:
        operation["parameters"] = parameters
    if body is not None:
        operation["requestBody"] = _content(body)
    return operation


def _content(sample: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": _schema(sample), "example": sample}}}


def _schema(sample: Any) -> dict[str, Any]:
    """The schema that a sample has."""
    if isinstance(sample, dict):
        return {"type": "object", "properties": {name: _schema(value) for name, value in sample.items()}}
    if isinstance(sample, list):
        return {"type": "array", "items": _schema(sample[0])}
    kinds = {bool: "boolean", int: "integer", str: "string"}
    return {"type": kinds[type(sample)]}


async def _page(_: Request) -> Response:
    rows = "".join(f"<li><code>{html.escape(request)}</code></li>" for request in SAMPLES)
    link = f'<a href="{DOCUMENT_PATH}">swagger.json</a>'
    return HTMLResponse(f"{_HEAD}<h1>主控台元件 Web API</h1><p>{link}</p><ul>{rows}</ul></html>")


async def _document(_: Request) -> Response:
    return JSONResponse(document())


ROUTES = [Route(PAGE_PATH, _page, methods=["GET"]), Route(DOCUMENT_PATH, _document, methods=["GET"])]
