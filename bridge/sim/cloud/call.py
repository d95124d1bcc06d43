"""One request to the cloud, and how its handlers are run: fields, signature, PIN, then the handler's own
rules.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bridge.sim.cloud.fields import SIGNATURE_FIELDS, Fields, check_fields
from bridge.sim.codes import Cloud
from bridge.sim.errors import FieldError, StatusError
from bridge.sim.json_text import is_json, parsed
from bridge.sim.records import CardRecord
from bridge.sim.signatures import Issued
from bridge.sim.world import World

READ, WRITE, VISITS, CARD_UPDATE, TEST_CARD, UPLOAD = "01", "02", "03", "04", "06", "30"
# Whose three-card signature opens the medical records; others answer 3243.
PRESCRIBERS = ("doctor", "pharmacist")


class CloudCall(NamedTuple):
    """What a handler gets: the world, the checked JSON body, and the signature as it was given out."""

    world: World
    body: Mapping[str, Any]
    issued: Issued

    @property
    def record(self) -> CardRecord:
        """What is stored for the signature's health card."""
        return self.world.record(self.issued.card_number)

    @property
    def hospital_id(self) -> str:
        """The signature's hospital, 10 characters."""
        return self.issued.ids["hospitalId"]

    @property
    def now(self) -> datetime:
        return self.world.clock.now()


# A handler returns the reply without its statusCode. It changes the record only after its last refusal.
CloudHandler = Callable[[CloudCall], dict[str, Any]]


@dataclass(frozen=True)
class CloudRoute:
    """One path: the signature kind (sam, hc, hpchc) and service type it needs, its fields beyond the
    signature, its handler.

    ``pin_free``: answered although the card's PIN was not verified. Assumed from the title of manual 1.1,
    which names the basic data as what needs no PIN; card update and insurance check concern no records.
    """

    path: str
    kind: str
    service_type: str
    handler: CloudHandler
    fields: Fields = field(default_factory=dict)
    pin_free: bool = False

    @cached_property
    def every_field(self) -> Fields:
        """Those of the signature, then its own."""
        return {**SIGNATURE_FIELDS[self.kind], **self.fields}


def endpoint(world: World, route: CloudRoute) -> Callable[[Request], Awaitable[Response]]:
    """Make the Starlette endpoint of a route."""

    async def run(request: Request) -> Response:
        status, reply = answer(world, route, request.headers.get("content-type", ""), await request.body())
        return JSONResponse(reply, status_code=status)

    return run


def answer(world: World, route: CloudRoute, media_type: str, content: bytes) -> tuple[int, dict[str, Any]]:
    """HTTP status and JSON object of the reply to a request."""
    try:
        return 200, {"statusCode": 0, **_answer(world, route, json_object(media_type, content))}
    except FieldError as fault:
        return 400, {"field": fault.field, "error": str(fault)}
    except StatusError as refusal:
        return 200, {"statusCode": refusal.code}


def _answer(world: World, route: CloudRoute, body: Mapping[str, Any]) -> dict[str, Any]:
    check_fields(body, route.every_field)
    issued = world.signatures.check(body, route.kind, route.service_type)
    if not issued.pin_open and not route.pin_free:
        raise StatusError(Cloud.PIN_NOT_VERIFIED)
    if route.kind == "hpchc" and issued.role not in PRESCRIBERS:
        raise StatusError(Cloud.NOT_A_PRESCRIBER)
    reply = route.handler(CloudCall(world, body, issued))
    # Only a request that succeeded uses its signature up: 3245 must mean that the first one was carried out.
    issued.used = True
    return reply


async def json_body(request: Request) -> Mapping[str, Any]:
    """The JSON object of a request. Raises FieldError for anything else."""
    return json_object(request.headers.get("content-type", ""), await request.body())


def json_object(media_type: str, content: bytes) -> Mapping[str, Any]:
    """The JSON object of a body. Raises FieldError for anything else."""
    if not is_json(media_type):
        raise FieldError("Content-Type", "must be application/json")
    try:
        body = parsed(content)
    except (ValueError, RecursionError):
        raise FieldError("body", "is not JSON") from None
    if not isinstance(body, dict):
        raise FieldError("body", "must be a JSON object")
    return body
