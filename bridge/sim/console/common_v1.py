"""Console endpoints of seed 001, chapters 1 (COMMON) and 2 (SAM)."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from starlette.responses import JSONResponse, Response

from bridge.sim.card_sessions import HcSession
from bridge.sim.cards import Sam
from bridge.sim.clock import roc_datetime
from bridge.sim.codes import Console
from bridge.sim.console.call import ConsoleCall, ConsoleRoute
from bridge.sim.errors import StatusError

SERVICE_TYPE = "[0-9A-Za-z]{2}"
VERSION = {
    "fileVersion": "1.7.0.1",
    "shortVersion": "60",
    "longVersion": "6000",
    "location": "C:\\Program Files (x86)\\nhi\\cshis6\\ciet6001s01.exe",
}


def status(call: ConsoleCall) -> dict[str, Any]:
    """Tell the states of SAM and cards; works in every state and powers nothing."""
    session = call.world.session
    session.end_expired()
    device = session.device
    hc_state, hc_type = session.hc_state()
    hpc_state, hpc_type = session.hpc_state()
    sam_state = 0 if device is None else 2 if session.sam_verified else 1
    return {
        "status": {
            "hc": {"status": hc_state, "type": hc_type, **_hc_details(session.hc)},
            "hpc": {"status": hpc_state, "type": hpc_type, "expireTime": _shown(session.hpc_until)},
            "initialized": session.initialised,
            "name": device.device if device else "",
            "readerName": _reader_name(device, call.world.settings.default_reader),
            "sam": {
                "status": sam_state,
                "type": _sam_type(device),
                "expireTime": _shown(session.sam_until if session.sam_verified else None),
            },
        }
    }


def _reader_name(device: Sam | None, default_reader: str | None) -> str:
    """The PC/SC reader, or the port of a reader of the insurance."""
    return device.comport if device is not None and device.physical else default_reader or ""


def _sam_type(device: Sam | None) -> int:
    """0 none, 1 in the cloud, 2 physical."""
    return 0 if device is None else 2 if device.physical else 1


def _shown(until: datetime | None) -> str:
    return "" if until is None else _as_text(until)


@lru_cache(maxsize=64)
def _as_text(moment: datetime) -> str:
    """The same few moments are shown again and again."""
    return moment.isoformat(timespec="seconds")


def _hc_details(hc: HcSession | None) -> dict[str, Any]:
    if hc is None or hc.virtual:
        expire_time = _shown(hc.expires_at if hc else None)
        return {"expireTime": expire_time, "hasPin": None, "verifiedPin": None}
    has_pin = hc.card.pin is not None
    return {
        "expireTime": "",
        "hasPin": has_pin if hc.fields_read else None,
        "verifiedPin": hc.pin_verified if has_pin and hc.fields_read else None,
    }


def initial(call: ConsoleCall) -> dict[str, Any]:
    """Open a device (初始化); ``name`` is a device's and may be missing."""
    name = call.body.get("name") or ""
    if not isinstance(name, str):
        raise StatusError(Console.BAD_REQUEST)
    call.world.session.initialise(name)
    return {}


def finalize(call: ConsoleCall) -> dict[str, Any]:
    """Log out and release all resources (結束作業)."""
    call.world.session.finalise()
    return {}


def names(call: ConsoleCall) -> dict[str, Any]:
    """List the device names."""
    return {"names": call.world.settings.names()}


def record(call: ConsoleCall) -> Response:
    """List the calls so far, newest first: a bare array, without a statusCode (seed 001)."""
    skip = _count(call.query.get("skip", "0"))
    take = _count(call.query.get("take", "100"))
    return JSONResponse([each.as_json for each in list(call.world.api_record)[skip : skip + take]])


def clear_record(call: ConsoleCall) -> Response:
    """Forget the calls so far; returns no data (無回傳任何資料)."""
    call.world.api_record.clear()
    return Response()


def server_date_time(call: ConsoleCall) -> dict[str, Any]:
    """Tell the time, ROC yyyMMddHHmmss."""
    call.world.session.require_sam()
    return {"serverDateTime": roc_datetime(call.world.clock.now())}


def version(call: ConsoleCall) -> dict[str, Any]:
    """Tell the version of the console."""
    call.world.session.require_sam()
    return dict(VERSION)


def sam_basic(call: ConsoleCall) -> dict[str, Any]:
    """Read the SAM: id, hospital id (10 digits), names."""
    sam = call.world.session.require_initialised()
    return {
        "samId": sam.id,
        "hospitalId": sam.hospital_id,
        "hospitalName": sam.hospital_name,
        "hospitalShortName": sam.hospital_short_name,
    }


def sam_verification(call: ConsoleCall) -> dict[str, Any]:
    """Verify the SAM with the centre (1 -> 2)."""
    call.world.session.verify_sam()
    return {}


def sam_logout(call: ConsoleCall) -> dict[str, Any]:
    """Log everything out (SAM 2 -> 1, cards -> 0)."""
    call.world.session.log_out_sam()
    return {}


def sam_signature(call: ConsoleCall) -> dict[str, Any]:
    """Sign for the SAM alone; ``serviceType`` has two characters."""
    service_type = call.text("serviceType", SERVICE_TYPE)
    sam = call.world.session.require_sam()
    ids = {"samId": sam.id, "hospitalId": sam.hospital_id}
    issued = call.world.signatures.issue("sam", service_type, ids)
    return {
        "signature": issued.signature,
        "clientRandom": issued.client_random,
        "serviceType": service_type,
        **ids,
    }


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise StatusError(Console.BAD_REQUEST)
    return int(text)


ROUTES: list[ConsoleRoute] = [
    ("GET", "/api/common/v1/Status", status),
    ("POST", "/api/common/v1/Initial", initial),
    ("POST", "/api/common/v1/Finalize", finalize),
    ("GET", "/api/common/v1/Name", names),
    ("GET", "/api/common/v1/Record", record),
    ("DELETE", "/api/common/v1/Record", clear_record),
    ("GET", "/api/common/v1/ServerDateTime", server_date_time),
    ("GET", "/api/common/v1/Version", version),
    ("GET", "/api/sam/v1/Basic", sam_basic),
    ("POST", "/api/sam/v1/Verification", sam_verification),
    ("DELETE", "/api/sam/v1/Logout", sam_logout),
    ("POST", "/api/sam/v1/Signature", sam_signature),
]
