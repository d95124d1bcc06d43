"""The simulated upload centre (醫療資訊傳輸服務, format 2.0): VNHI_Upload and VNHI_Download as one ASGI
app, and beside them the cloud query system.

Requests are those of seed 003; names in any letter case, as real clients write them. Replies are as real
clients read them: ``RtnCode`` and ``Opcode``, ``rtnCode`` and ``tx_result_json``. A malformed field is HTTP
400 that names it, as with the simulated cloud.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bridge.sim.centre.medicines import interactions
from bridge.sim.centre.uploads import Upload, execution_number
from bridge.sim.cloud.call import UPLOAD, json_body
from bridge.sim.cloud.fields import DIGITS_12, HOSPITAL_ID, Fields, check_fields, matching, text
from bridge.sim.codes import Centre
from bridge.sim.errors import FieldError, StatusError
from bridge.sim.fault_middleware import Endpoint, FaultMiddleware, unknown_request
from bridge.sim.signatures import Issued
from bridge.sim.world import World

TYPES = ("A1", "A2", "ZZ")
MOST_CONTENT = 10 * 1024 * 1024
# How often a result is asked for in vain (5002).
TIMES_NOT_READY = 2
COUNT = matching(r"\d{1,3}", "1 to 3 digits")
SIGNED: Fields = {
    "sSamid": DIGITS_12,
    "sHospid": HOSPITAL_ID,
    "sClientrandom": text(1, 20),
    "sSignature": text(1, 512),
    "sType": text(1, 2),
}
UPLOADED: Fields = {**SIGNED, "sPatData": text(1, 15_000_000), "sUploadDT": matching(r"\d{17}", "17 digits")}
ASKED: Fields = {**SIGNED, "sOpcode": text(1, 256)}
COUNTS: Fields = {"sMrecs": COUNT, "sPrecs": COUNT}
NAMES = {name.lower(): name for name in (*UPLOADED, *ASKED, *COUNTS)}

Body = Mapping[str, Any]


def upload(world: World, body: Body) -> dict[str, Any]:
    """Keep a file and give its execution number. 5003, 9005, 9002, 8203 as :func:`_signed`."""
    check_fields(body, UPLOADED)
    check_fields(body, {name: check for name, check in COUNTS.items() if name in body})
    content = _content(body)
    _check_time(body)
    issued = _signed(world, body)
    if world.switches.counts_required and body["sType"] == "A1":
        check_fields(body, COUNTS)
    now = world.clock.now()
    sam_id, hospital_id = issued.ids["samId"], issued.ids["hospitalId"]
    opcode = execution_number(now, len(world.centre_uploads) + 1, hospital_id, sam_id)
    counts = (body.get("sMrecs", ""), body.get("sPrecs", ""))
    world.centre_uploads[opcode] = Upload(
        opcode, sam_id, hospital_id, body["sType"], *counts, content, body["sUploadDT"], now
    )
    return {"RtnCode": _text(Centre.OK), "Opcode": opcode}


def download(world: World, body: Body) -> dict[str, Any]:
    """Give the result of the check (檢核結果), at the third time of asking; 5002 before.

    9999 for an execution number that was never given out, 5004 for another SAM than the upload's, 5003 for
    another type. What a real result holds is not known: this one tells the counts and whether it was checked
    (ZZ is not).
    """
    check_fields(body, ASKED)
    issued = _signed(world, body)
    stored = world.centre_uploads.get(body["sOpcode"])
    if stored is None:
        raise StatusError(Centre.OTHER_REASON)
    if stored.sam_id != issued.ids["samId"]:
        raise StatusError(Centre.OTHER_SAM)
    if stored.type != body["sType"]:
        raise StatusError(Centre.WRONG_TYPE)
    stored.asked += 1
    if stored.asked <= TIMES_NOT_READY:
        raise StatusError(Centre.NOT_READY)
    result = {
        "type": stored.type,
        "checked": stored.type != "ZZ",
        "records": stored.records,
        "orders": stored.orders,
        "bytes": len(stored.content),
    }
    return {
        "rtnCode": _text(Centre.OK),
        "tx_result_json": base64.b64encode(json.dumps(result).encode()).decode(),
    }


def refuse(world: World, body: Body) -> dict[str, Any]:
    """V1000 verifies the signatures of control software 5.x; one of 6.0 is none for it."""
    raise StatusError(Centre.BAD_SIGNATURE)


Handler = Callable[[World, Body], dict[str, Any]]
# By path: the handler, and what its replies call the return code and, when refused, the missing result.
ROUTES: Mapping[str, tuple[Handler, str, str]] = {
    "/V2000/VNHI_Upload": (upload, "RtnCode", "Opcode"),
    "/V2000/VNHI_Download": (download, "rtnCode", "tx_result_json"),
    "/api/imie5000/GetMedPrtInfo": (interactions, "rtnCode", "sub"),
    "/V1000/VNHI_Upload": (refuse, "RtnCode", "Opcode"),
    "/V1000/VNHI_Download": (refuse, "rtnCode", "tx_result_json"),
}
ENDPOINTS: list[Endpoint] = [("POST", path) for path in ROUTES]


def build_centre_app(world: World) -> ASGIApp:
    """Build the app over a world; it keeps no state of its own."""

    async def unknown(request: Request, _: Exception) -> Response:
        return unknown_request(request, ENDPOINTS)

    app = Starlette(
        routes=[Route(path, _endpoint(world, *route), methods=["POST"]) for path, route in ROUTES.items()],
        exception_handlers={404: unknown, 405: unknown, HTTPException: unknown},
    )
    return FaultMiddleware(app, world, "centre")


def _endpoint(
    world: World, handler: Handler, code_name: str, result_name: str
) -> Callable[[Request], Awaitable[Response]]:
    async def run(request: Request) -> Response:
        try:
            return JSONResponse(handler(world, _named(await json_body(request))))
        except FieldError as fault:
            return JSONResponse({"field": fault.field, "error": str(fault)}, status_code=400)
        except StatusError as refusal:
            return JSONResponse({code_name: _text(refusal.code), result_name: ""})

    return run


def _named(body: Body) -> Body:
    """The body under the names of seed 003, whatever the case of its letters."""
    named = {NAMES.get(name.lower(), name): value for name, value in body.items()}
    if len(named) != len(body):
        raise FieldError("body", "has a name twice")
    return named


def _signed(world: World, body: Body) -> Issued:
    """The SAM's signature of service type 30. 5003 unknown type, 9005 unknown hospital, 9002 not genuine,
    8203 older than one hour. It may serve several requests within that hour.
    """
    if body["sType"] not in TYPES:
        raise StatusError(Centre.WRONG_TYPE)
    if body["sHospid"] not in {sam.hospital_id for sam in world.settings.sams}:
        raise StatusError(Centre.NO_SUCH_HOSPITAL)
    carried = {
        "clientRandom": body["sClientrandom"],
        "signature": body["sSignature"],
        "samId": body["sSamid"],
        "hospitalId": body["sHospid"],
    }
    issued = world.signatures.find(carried, "sam", UPLOAD)
    if issued is None:
        raise StatusError(Centre.BAD_SIGNATURE)
    if world.signatures.is_expired(issued):
        raise StatusError(Centre.SIGNATURE_EXPIRED)
    return issued


def _content(body: Body) -> bytes:
    try:
        content = base64.b64decode(body["sPatData"], validate=True)
    except ValueError:
        raise FieldError("sPatData", "is not base64") from None
    if len(content) > MOST_CONTENT:
        raise FieldError("sPatData", f"is larger than {MOST_CONTENT} bytes")
    return content


def _check_time(body: Body) -> None:
    try:
        datetime.strptime(body["sUploadDT"][:14], "%Y%m%d%H%M%S")
    except ValueError:
        raise FieldError(
            "sUploadDT", "is no western date and time (yyyyMMddHHmmss and milliseconds)"
        ) from None


def _text(code: int) -> str:
    return f"{code:04d}"
