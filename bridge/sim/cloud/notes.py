"""Cloud paths about notes on the card: allergies, preventive care, prenatal checkups, vaccinations. Field
names are assumed.
"""

from __future__ import annotations

from typing import Any

from bridge.sim.clock import roc_date
from bridge.sim.cloud.call import READ, WRITE, CloudCall, CloudRoute
from bridge.sim.cloud.fields import matching, text
from bridge.sim.codes import Cloud
from bridge.sim.errors import FieldError, StatusError
from bridge.sim.records import ALLERGY_SLOTS, Row

RECENT_VISITS = 6
MOST_PREVENTIVE = 6
MOST_CHECKUPS = 11
MOST_VACCINATIONS = 40
TWO = matching("[0-9A-Z]{2}", "two capitals or digits")


def allergies(call: CloudCall) -> dict[str, Any]:
    """Ingredients the person is allergic to (過敏藥物); empty places are left out."""
    return {"allergicMedicines": [{"name": name} for name in call.record.allergic_medicines if name]}


def write_allergies(call: CloudCall) -> dict[str, Any]:
    """Store all three places at once."""
    names = call.body["allergicMedicines"]
    if (
        not isinstance(names, list)
        or len(names) != ALLERGY_SLOTS
        or not all(isinstance(name, str) and len(name) <= 40 for name in names)
    ):
        raise FieldError("allergicMedicines", "must be an array of three strings of at most 40 characters")
    call.record.allergic_medicines = list(names)
    return {}


def write_allergy(call: CloudCall) -> dict[str, Any]:
    """Store one place, ``index`` 1 to 3."""
    call.record.allergic_medicines[int(call.body["index"]) - 1] = call.body["name"]
    return {}


def preventive_care(call: CloudCall) -> dict[str, Any]:
    """Preventive care (預防保健), newest first."""
    return {"preventDatas": call.record.preventive_care}


def write_preventive_care(call: CloudCall) -> dict[str, Any]:
    """Store preventive care of today; 3214 without an AC visit among the last six."""
    _require_ac_visit(call)
    row = _today(call, {"serviceItem": call.body["serviceItem"], "itemCode": call.body["serviceItemCode"]})
    call.record.preventive_care = [row, *call.record.preventive_care][:MOST_PREVENTIVE]
    return {}


def prenatal_checkups(call: CloudCall) -> dict[str, Any]:
    """Prenatal checkups (孕婦產前檢查), newest first; 3216 for a man's card."""
    _require_female(call)
    return {"pregnantDatas": call.record.prenatal_checkups}


def write_prenatal_checkup(call: CloudCall) -> dict[str, Any]:
    """Store a checkup of today; 3216, and 3214 without an AC visit among the last six."""
    _require_female(call)
    _require_ac_visit(call)
    row = _today(call, {"itemCode": call.body["itemCode"]})
    call.record.prenatal_checkups = [row, *call.record.prenatal_checkups][:MOST_CHECKUPS]
    return {}


def delete_prenatal_checkups(call: CloudCall) -> dict[str, Any]:
    """Delete all checkups (清除產前檢查資料); 3216."""
    _require_female(call)
    call.record.prenatal_checkups = []
    return {}


def vaccinations(call: CloudCall) -> dict[str, Any]:
    """Vaccinations (預防接種), newest first."""
    return {"inoculates": call.record.vaccinations}


def write_vaccination(call: CloudCall) -> dict[str, Any]:
    """Store a vaccination of today."""
    row = _today(call, {"item": call.body["item"], "packageNumber": call.body["packageNumber"]})
    call.record.vaccinations = [row, *call.record.vaccinations][:MOST_VACCINATIONS]
    return {}


def _today(call: CloudCall, values: Row) -> Row:
    return {**values, "date": roc_date(call.now), "hospitalId": call.hospital_id}


def _require_female(call: CloudCall) -> None:
    if call.world.cards[call.issued.card_number].sex != "F":
        raise StatusError(Cloud.NOT_FEMALE)


def _require_ac_visit(call: CloudCall) -> None:
    if all(visit.item != "AC" for visit in call.record.current_visits()[:RECENT_VISITS]):
        raise StatusError(Cloud.NO_AC_VISIT)


def _any(_: object) -> None:
    """Accept any value; the handler checks it."""


ROUTES = [
    CloudRoute("/api/v1/AllergicMedicines/Query", "hpchc", READ, allergies),
    CloudRoute(
        "/api/v1/AllergicMedicines/Write", "hpchc", WRITE, write_allergies, {"allergicMedicines": _any}
    ),
    CloudRoute(
        "/api/v1/AllergicMedicines/WriteByIndex",
        "hpchc",
        WRITE,
        write_allergy,
        {"index": matching("[1-3]", "1, 2 or 3"), "name": text(0, 40)},
    ),
    CloudRoute("/api/v1/PreventData/Query", "hc", READ, preventive_care),
    CloudRoute(
        "/api/v1/PreventData/Write",
        "hc",
        WRITE,
        write_preventive_care,
        {"serviceItem": TWO, "serviceItemCode": TWO},
    ),
    CloudRoute("/api/v1/PregnantData/Query", "hc", READ, prenatal_checkups),
    CloudRoute("/api/v1/PregnantData/Write", "hc", WRITE, write_prenatal_checkup, {"itemCode": TWO}),
    CloudRoute("/api/v1/PregnantData/Delete", "hc", WRITE, delete_prenatal_checkups),
    CloudRoute("/api/v1/Inoculate/Query", "hc", READ, vaccinations),
    CloudRoute(
        "/api/v1/Inoculate/Write",
        "hc",
        WRITE,
        write_vaccination,
        {"item": text(1, 6), "packageNumber": text(0, 12)},
    ),
]
