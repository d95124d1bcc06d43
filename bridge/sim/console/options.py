"""Console endpoints of seed 001, chapter 5 (SETTING): readers, cloud SAMs, allowed hosts."""

from __future__ import annotations

import base64
from typing import Any

from bridge.sim.cards import Sam
from bridge.sim.codes import Console
from bridge.sim.console.call import ConsoleCall, ConsoleRoute
from bridge.sim.errors import StatusError


def readers(call: ConsoleCall) -> dict[str, Any]:
    """List the PC/SC readers that are plugged in."""
    plugged = call.world.switches.readers_plugged
    return {"readers": list(call.world.settings.readers) if plugged else []}


def auto_detected(call: ConsoleCall) -> dict[str, Any]:
    """Find the reader that holds a card and make it the default; 1601 when every slot is empty."""
    if all(slot.card_number is None for slot in call.world.slots.values()):
        raise StatusError(Console.READER_NOT_DETECTED)
    settings = call.world.settings
    settings.default_reader = settings.readers[0]
    return {"readerName": settings.default_reader}


def default_reader(call: ConsoleCall) -> dict[str, Any]:
    """Tell the default reader; 1100 when none is set."""
    name = call.world.settings.default_reader
    if name is None:
        raise StatusError(Console.NO_DEFAULT_READER)
    return {"readerName": name}


def set_default_reader(call: ConsoleCall) -> dict[str, Any]:
    """Set the default reader; 1600 for an unknown name."""
    name = call.text("readerName")
    if name not in call.world.settings.readers:
        raise StatusError(Console.NO_SUCH_READER)
    call.world.settings.default_reader = name
    return {}


def clear_default_reader(call: ConsoleCall) -> dict[str, Any]:
    """Clear the default reader; calls that need a card in a slot answer 1100 from then on."""
    call.world.settings.default_reader = None
    return {}


def sams(call: ConsoleCall) -> dict[str, Any]:
    """List the ids of the imported cloud SAMs (雲端安全模組)."""
    return {"sams": [sam.id for sam in call.world.settings.cloud_sams]}


def add_sam(call: ConsoleCall) -> dict[str, Any]:
    """Import a cloud SAM; 1610 when its file is not base64. Its hospital gets an invented name and the
    next free COM port.
    """
    sam_id = call.text("samId", "[0-9]{12}")
    hospital_id = call.text("hospitalId", "[0-9A-Za-z]{10}")
    context = call.text("cloudSamContext")
    call.world.session.require_initialised()
    try:
        base64.b64decode(context, validate=True)
    except ValueError:
        raise StatusError(Console.SAM_FILE_BAD) from None
    settings = call.world.settings
    added = Sam(sam_id, hospital_id, "測試機構", "測試機構", settings.free_comport())
    settings.sams = [sam for sam in settings.sams if sam.id != sam_id] + [added]
    return {
        "sam": {
            "samId": added.id,
            "hospitalId": added.hospital_id,
            "hospitalName": added.hospital_name,
            "hospitalShortName": added.hospital_short_name,
            "comport": added.comport,
        }
    }


def remove_sam(call: ConsoleCall) -> dict[str, Any]:
    """Remove a cloud SAM from the list; 1611 for an unknown id."""
    settings = call.world.settings
    left = [sam for sam in settings.sams if sam.physical or sam.id != call.path["id"]]
    if len(left) == len(settings.sams):
        raise StatusError(Console.NO_SUCH_SAM)
    settings.sams = left
    return {}


def cors(call: ConsoleCall) -> dict[str, Any]:
    """List the host names allowed to call."""
    return {"cors": list(call.world.settings.cors)}


def add_cors(call: ConsoleCall) -> dict[str, Any]:
    """Allow a host name; the real console heeds it after a restart."""
    host = call.text("allowHost")
    if host not in call.world.settings.cors:
        call.world.settings.cors.append(host)
    return {}


def remove_cors(call: ConsoleCall) -> dict[str, Any]:
    """Take a host name off the list; 1704 when it is not on it."""
    if call.path["id"] not in call.world.settings.cors:
        raise StatusError(Console.BAD_REQUEST)
    call.world.settings.cors.remove(call.path["id"])
    return {}


ROUTES: list[ConsoleRoute] = [
    ("GET", "/api/settings/v1/PcscReader/Readers", readers),
    ("POST", "/api/settings/v1/PcscReader/AutoDetected", auto_detected),
    ("GET", "/api/settings/v1/PcscReader/Default", default_reader),
    ("POST", "/api/settings/v1/PcscReader/Default", set_default_reader),
    ("DELETE", "/api/settings/v1/PcscReader/Default", clear_default_reader),
    ("GET", "/api/settings/v1/CloudSam", sams),
    ("POST", "/api/settings/v1/CloudSam", add_sam),
    ("DELETE", "/api/settings/v1/CloudSam/{id}", remove_sam),
    ("GET", "/api/settings/v1/Cors", cors),
    ("POST", "/api/settings/v1/Cors", add_cors),
    ("DELETE", "/api/settings/v1/Cors/{id}", remove_cors),
]
