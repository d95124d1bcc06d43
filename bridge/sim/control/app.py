"""The control API: steers the simulators from outside. It has a port of its own and never mixes with the
simulated paths.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bridge.sim.centre import app as centre_app
from bridge.sim.cloud import app as cloud_app
from bridge.sim.console import app as console_app
from bridge.sim.errors import ControlError
from bridge.sim.faults import SERVICES, Fault
from bridge.sim.portal import app as portal_app
from bridge.sim.scenario.file import MOST_BYTES, scenario_of
from bridge.sim.scenario.model import Scenario
from bridge.sim.scenario.start_state import Power, begin, needed
from bridge.sim.world import World

LOCAL_HOSTS = ["127.0.0.1", "localhost"]


class Control:
    """The handlers; ``power`` returns the runner's switch for listeners, or None where nobody has set one."""

    def __init__(self, world: World, power: Callable[[], Power | None]) -> None:
        self._world = world
        self._power = power

    async def show(self, _: Request) -> Any:
        return self._world.as_json()

    async def people(self, _: Request) -> Any:
        return self._world.people_json()

    async def insert(self, request: Request) -> Any:
        """Put card ``card`` into a slot."""
        body = await _body(request, {"card": str})
        self._world.insert(request.path_params["slot"], body["card"])
        return {}

    async def remove(self, request: Request) -> Any:
        """Take the card out of a slot."""
        self._world.remove(request.path_params["slot"])
        return {}

    async def qr(self, request: Request) -> Any:
        """A fresh QR string of ``card``; optional ``minutes`` it lives, ``uses`` it is good for,
        ``pinRefused``.
        """
        optional = {"minutes": (int, float), "uses": int, "pinRefused": bool}
        body = await _body(request, {"card": str}, optional)
        minutes, uses = body.get("minutes", 10.0), body.get("uses", 3)
        refused = body.get("pinRefused", False)
        return {"qr": self._world.qr(body["card"], minutes, uses, pin_refused=refused)}

    async def mobile_login(self, request: Request) -> Any:
        """The body of a Verification/MobiliHca request for the practitioner's ``card``."""
        body = await _body(request, {"card": str})
        card = self._world.practitioners.get(body["card"])
        if card is None:
            raise ControlError(f"no practitioner's card {body['card']!r}")
        device = self._world.session.device or self._world.settings.device("")
        if device is None:
            raise ControlError("the console knows no SAM")
        hospital_id = device.hospital_id
        return self._world.mobile_authority.login(card, hospital_id, self._world.clock.now())

    async def faults(self, _: Request) -> Any:
        return self._world.faults.as_json()

    async def arm(self, request: Request) -> Any:
        """Arm a fault: ``service``, ``kind``; optional ``value``, ``path``, ``times``,
        ``field``.
        """
        optional: dict[str, Any] = {
            "value": (int, float, type(None)),
            "path": str,
            "times": (int, type(None)),
            "field": str,
        }
        body = await _body(request, {"service": str, "kind": str}, optional)
        fault = Fault(**body)
        if fault.kind == "down" and not self._world.faults.is_down(fault.service):
            await self._switch(fault.service, False)
        self._world.faults.arm(fault)
        return {}

    async def clear_faults(self, request: Request) -> Any:
        """Disarm the faults of ``?service=``, or all; a closed listener opens again."""
        service = request.query_params.get("service")
        await self._raise_up(service)
        self._world.faults.clear(service)
        return {}

    async def shift_clock(self, request: Request) -> Any:
        """Move the clock by ``seconds``."""
        body = await _body(request, {"seconds": (int, float)})
        self._world.shift_clock(body["seconds"])
        return {"now": self._world.clock.now().isoformat(timespec="seconds")}

    async def change_settings(self, request: Request) -> Any:
        """Change behaviour switches by name."""
        self._world.change_switches(await _object(request))
        return self._world.as_json()["settings"]

    async def reset(self, _: Request) -> Any:
        """Go back to the start state of the scenario that the simulators were started with."""
        await self._begin(self._world.home)
        return {}

    async def load(self, request: Request) -> Any:
        """Begin with the start state of a scenario, given as its document."""
        await self._begin(scenario_of(await _object(request)))
        return {}

    async def _begin(self, scenario: Scenario) -> None:
        await begin(self._world, self._power(), scenario)

    async def stored(self, request: Request) -> Any:
        """Everything the cloud has stored for a card."""
        return self._world.stored(request.path_params["card"])

    async def uploads(self, _: Request) -> Any:
        """What the upload centre got, oldest first, without the content."""
        return [upload.as_json() for upload in self._world.centre_uploads.values()]

    async def upload(self, request: Request) -> Any:
        """One of them by its execution number, with the content in base64."""
        opcode = request.path_params["opcode"]
        upload = self._world.centre_uploads.get(opcode)
        if upload is None:
            raise ControlError(f"no upload has the execution number {opcode!r}")
        return {**upload.as_json(), "content": base64.b64encode(upload.content).decode("ascii")}

    async def requests(self, _: Request) -> Any:
        """The request journal, oldest first."""
        return self._world.requests.as_json()

    async def clear_requests(self, _: Request) -> Any:
        self._world.requests.clear()
        return {}

    async def endpoints(self, _: Request) -> Any:
        """The endpoints of console, cloud, upload centre and portal as [method, path]."""
        apps = {"console": console_app, "cloud": cloud_app, "centre": centre_app, "portal": portal_app}
        return {name: app.ENDPOINTS for name, app in apps.items()}

    async def _switch(self, service: str, on: bool) -> None:
        await needed(self._power())(service, on)

    async def _raise_up(self, service: str | None) -> None:
        for name in SERVICES:
            if service in (None, name) and self._world.faults.is_down(name):
                await self._switch(name, True)


def build_control_app(world: World, power: Callable[[], Power | None]) -> Starlette:
    """Build the app; errors are HTTP 400 with {"error": text}. Only local host names are answered (DNS
    rebinding), and no web pages.
    """
    control = Control(world, power)
    routes = [
        _route("GET", "/state", control.show),
        _route("GET", "/people", control.people),
        _route("PUT", "/slots/{slot}", control.insert),
        _route("DELETE", "/slots/{slot}", control.remove),
        _route("POST", "/qr", control.qr),
        _route("POST", "/mobile-login", control.mobile_login),
        _route("GET", "/faults", control.faults),
        _route("POST", "/faults", control.arm),
        _route("DELETE", "/faults", control.clear_faults),
        _route("POST", "/clock", control.shift_clock),
        _route("PUT", "/settings", control.change_settings),
        _route("POST", "/reset", control.reset),
        _route("POST", "/scenario", control.load),
        _route("GET", "/stored/{card}", control.stored),
        _route("GET", "/uploads", control.uploads),
        _route("GET", "/uploads/{opcode}", control.upload),
        _route("GET", "/requests", control.requests),
        _route("DELETE", "/requests", control.clear_requests),
        _route("GET", "/endpoints", control.endpoints),
    ]
    return Starlette(routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_HOSTS)])


def _route(method: str, path: str, handler: Callable[[Request], Awaitable[Any]]) -> Route:
    async def run(request: Request) -> JSONResponse:
        if "origin" in request.headers:  # a page in a browser, which has nothing to steer here
            return JSONResponse({"error": "web pages may not steer the simulators"}, status_code=403)
        try:
            return JSONResponse(await handler(request))
        except ControlError as problem:
            return JSONResponse({"error": str(problem)}, status_code=400)

    return Route(path, run, methods=[method])


async def _bytes(request: Request) -> bytes:
    """The body. Raises ControlError where it is longer than any scenario may be."""
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > 2 * MOST_BYTES:
            raise ControlError("the body is too long")
    return b"".join(parts)


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await _bytes(request))
    except (ValueError, RecursionError):
        raise ControlError("the body is not JSON") from None
    if not isinstance(body, dict):
        raise ControlError("the body must be a JSON object")
    return body


async def _body(
    request: Request, needed: dict[str, Any], optional: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the JSON object after checking its keys and their types."""
    body = await _object(request)
    known = {**needed, **(optional or {})}
    for name in needed:
        if name not in body:
            raise ControlError(f"{name!r} is missing")
    for name, value in body.items():
        if name not in known:
            raise ControlError(f"unknown key {name!r}; known are {', '.join(known)}")
        # A bool is an int in Python, but no number here.
        if not isinstance(value, known[name]) or (isinstance(value, bool) and known[name] is not bool):
            raise ControlError(f"{name!r} has the wrong type")
    return body
