"""The door of a simulated service: journals each request and carries out armed faults. Also the answer to
unknown requests.
"""

from __future__ import annotations

import asyncio
import difflib
import json
from collections.abc import Iterable
from datetime import UTC
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.sim.broken_replies import changed, damaged
from bridge.sim.console.record import note_call
from bridge.sim.faults import Fault
from bridge.sim.world import World

UNKNOWN_HEADER = "x-simulator-unknown-endpoint"
JSON_HEADERS = {"content-type": "application/json; charset=utf-8"}
GARBAGE = "<html><body>Bad gateway 閘道錯誤</body></html>"

Endpoint = tuple[str, str]


class FaultMiddleware:
    """ASGI middleware around one service's app (``service``: console, cloud, centre or portal)."""

    def __init__(self, app: ASGIApp, world: World, service: str) -> None:
        self._app = app
        self._world = world
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; lifespan messages go straight to the app."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = await _whole_request(receive)
        if request is None:
            return
        fault = self._world.faults.take(self._service, scope["path"])
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.value or 0)
        response = None if fault is None else _instead(fault, self._service)
        if response is None:
            response = await self._answer(scope, request)
        elif self._service == "console" and (code := _status_code(response)) is not None:
            note_call(self._world, scope["path"], code)
        response = changed(fault, response)
        self._note(scope, response, fault, lost=fault is not None and fault.kind in ("lost", "half"))
        response.headers["date"] = format_datetime(self._world.clock.now().astimezone(UTC), usegmt=True)
        if not await damaged(fault, response, send):
            await response(scope, receive, send)

    async def _answer(self, scope: Scope, request: Message) -> Response:
        """Let the app answer and keep the reply whole: it is small, and it must be complete before it can
        be lost.
        """
        messages: list[Message] = []

        async def receive() -> Message:
            return request

        async def collect(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, collect)
        start = next(message for message in messages if message["type"] == "http.response.start")
        content = b"".join(message.get("body", b"") for message in messages)
        response = Response(content, status_code=start["status"])
        response.raw_headers = list(start["headers"])
        return response

    def _note(self, scope: Scope, response: Response, fault: Fault | None, lost: bool) -> None:
        self._world.requests.add(
            time=self._world.clock.now(),
            service=self._service,
            method=scope["method"],
            path=scope["path"],
            http=0 if lost else response.status_code,
            status=_status_code(response),
            known=UNKNOWN_HEADER not in response.headers,
            fault="" if fault is None else fault.kind,
        )


async def _whole_request(receive: Receive) -> Message | None:
    """Return the request's body as one message, or None when the client left before it was complete.

    Read before a delay: what has arrived is worked on, also for a client that does not wait so long.
    """
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return {"type": "http.request", "body": body, "more_body": False}


def unknown_request(request: Request, endpoints: Iterable[Endpoint]) -> JSONResponse:
    """Answer HTTP 404 and name the nearest endpoint, so that a wrong path is found at once."""
    wanted = f"{request.method} {request.url.path}"
    known = {f"{method} {path}".lower(): f"{method} {path}" for method, path in endpoints}
    nearest = difflib.get_close_matches(wanted.lower(), known, n=1, cutoff=0.0)
    content = {"error": f"unknown endpoint {wanted}", "nearest": known[nearest[0]]}
    return JSONResponse(content, status_code=404, headers={UNKNOWN_HEADER: "1"})


def _instead(fault: Fault, service: str) -> Response | None:
    """The reply a fault gives in place of the service's own, or None where the request is worked on."""
    if fault.kind == "status":
        return JSONResponse(_status_reply(service, int(fault.value or 0)))
    if fault.kind == "http":
        return Response(status_code=int(fault.value or 0))
    if fault.kind == "garbage":
        return Response(GARBAGE, headers=JSON_HEADERS)
    if fault.kind in ("empty", "huge"):
        return JSONResponse({})
    return None


def _status_reply(service: str, code: int) -> dict[str, object]:
    if service == "centre":
        return {"RtnCode": f"{code:04d}"}
    return {"maKetQua": f"{code:03d}"} if service == "portal" else {"statusCode": code}


def _status_code(response: Response) -> int | None:
    try:
        content = json.loads(bytes(response.body))
    except ValueError:
        return None
    if not isinstance(content, dict):
        return None
    names = ("statusCode", "RtnCode", "rtnCode", "maKetQua")
    code = next((content[name] for name in names if name in content), None)
    if isinstance(code, str) and code.isdecimal():  # the centre's is a text of 4 digits, the portal's of 3
        return int(code)
    return code if isinstance(code, int) else None
