"""The simulated cloud query system (健保醫療資訊雲端查詢系統): interactions of medicines.

Requests are those of a real 6.0 client.
Which medicines interact is invented: those of ``INTERACTING``, with each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.sim.cloud.fields import Fields, check_fields, text
from bridge.sim.codes import Centre
from bridge.sim.errors import FieldError
from bridge.sim.world import World

OK = "00"
SERVICE_TYPE = "91"
ID_NO = text(1, 10)
ASKED: Fields = {"sHospId": ID_NO, "sHpcId": ID_NO, "sPatId": ID_NO}
NAMES = {name.lower(): name for name in ASKED}
VERIFIED = ("signature", "clientRandom", "samId", "hospitalId", "hcId", "hcIdNo", "hpcId", "hpcIdNo")
INTERACTING = ("A012345100", "B023456100")


def interactions(world: World, body: Mapping[str, Any]) -> dict[str, Any]:
    """Tell which of the orders interact. 9002 for a signature that is not genuine, of other cards or for
    another service type, and for a patient whose card has not signed; 8203 for one older than one hour.
    """
    body = {NAMES.get(name.lower(), name): value for name, value in body.items()}
    check_fields(body, ASKED)
    verify = body.get("sVerify")
    if not isinstance(verify, dict) or set(verify) != {*VERIFIED, "serviceType"}:
        raise FieldError("sVerify", "is no object of all fields of a signature")
    orders = _orders(body.get("sub"))
    issued = world.signatures.find(verify, "hpchc", SERVICE_TYPE)
    if issued is None or verify["serviceType"] != SERVICE_TYPE or body["sPatId"] != issued.ids["hcIdNo"]:
        return _refused(Centre.BAD_SIGNATURE)
    if world.signatures.is_expired(issued):
        return _refused(Centre.SIGNATURE_EXPIRED)
    found = [order for order in orders if order in INTERACTING]
    told = [_interaction(order) for order in found] if len(found) > 1 else []
    return {"rtnCode": OK, "sub": [{"rtnNum": len(told), "sub": told}]}


def _refused(code: Centre) -> dict[str, Any]:
    return {"rtnCode": f"{code:04d}", "sub": []}


def _orders(listed: Any) -> list[str]:
    try:
        return [str(order["sOrder"]) for kind in listed for order in kind["sub"] if kind["sType"]]
    except (TypeError, KeyError):
        raise FieldError("sub", "is no list of kinds with their orders") from None


def _interaction(order: str) -> dict[str, Any]:
    return {
        "oOrder": order,
        "effect": "測試用交互作用",
        "mechanism": "測試用機轉",
        "management": "測試用處置",
        "sub": [],
    }
